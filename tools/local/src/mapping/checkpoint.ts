import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { Clock } from '../schedule/clock.js';

const checkpointState = z.object({
  streamId: z.string(),
  /** Milliseconds since 1970: when the mapping first began. */
  since: z.number(),
  shards: z.record(
    z.string(),
    z.object({
      /** All records up to this one have come to their end. */
      sequenceNumber: z.string().optional(),
      /** The shard was closed and read to its end. */
      finished: z.boolean().optional(),
    }),
  ),
});

export type CheckpointState = z.infer<typeof checkpointState>;

/** Milliseconds between two writes at most: what happened since the last one is delivered again after a crash. */
const writeEveryMs = 100;

/** Where a mapping stands, in a file that is replaced as a whole. */
export class Checkpoint {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #onProblem: (error: unknown) => void;
  #state: CheckpointState;
  #cancel: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    file: string,
    clock: Clock,
    state: CheckpointState,
    /** No earlier run of this mapping has read this stream. */
    readonly isFirst: boolean,
    onProblem: (error: unknown) => void,
  ) {
    this.#onProblem = onProblem;
    this.#file = file;
    this.#clock = clock;
    this.#state = state;
  }

  /** Takes up what the file says of this very stream; of another one, or of none, it starts afresh. */
  static async open(
    file: string,
    streamId: string,
    clock: Clock,
    onProblem: (error: unknown) => void,
  ): Promise<Checkpoint> {
    const stored = await read(file);
    if (stored?.streamId === streamId) return new Checkpoint(file, clock, stored, false, onProblem);
    const fresh = { streamId, since: clock.now(), shards: {} };
    const checkpoint = new Checkpoint(file, clock, fresh, true, onProblem);
    await checkpoint.flush();
    return checkpoint;
  }

  get since(): number {
    return this.#state.since;
  }

  shard(shardId: string): CheckpointState['shards'][string] | undefined {
    return this.#state.shards[shardId];
  }

  advance(shardId: string, position: CheckpointState['shards'][string]): void {
    this.#state.shards[shardId] = { ...this.#state.shards[shardId], ...position };
    this.#cancel ??= this.#clock.after(writeEveryMs, () => void this.flush());
  }

  /** Writes now. A problem is told to `onProblem`, and the next write tries again. */
  flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#writing = this.#writing.then(() => this.#write()).catch(this.#onProblem);
    return this.#writing;
  }

  async #write(): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFile(`${this.#file}.new`, JSON.stringify(this.#state));
    await rename(`${this.#file}.new`, this.#file);
  }
}

/** A file that cannot be understood counts as none: records are then delivered again rather than lost. */
async function read(file: string): Promise<CheckpointState | undefined> {
  try {
    return checkpointState.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}
