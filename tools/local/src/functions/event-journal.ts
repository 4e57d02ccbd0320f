import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import * as z from 'zod';

const asyncEvent = z.object({
  requestId: z.string(),
  functionArn: z.string(),
  payload: z.string(),
  /** Milliseconds since 1970. */
  acceptedAt: z.number(),
  /** Finished tries. */
  attempts: z.number(),
  /** Times in a row that the event could not be tried: throttled, or the service was ill. Missing: 0. */
  refusals: z.number().optional(),
  /** Milliseconds since 1970; no try begins earlier. */
  notBefore: z.number(),
});

/** An accepted asynchronous event that has not come to its end. */
export type AsyncEvent = z.infer<typeof asyncEvent>;

const line = z.union([z.object({ kept: asyncEvent }), z.object({ ended: z.string() })]);

/** Ended events in the file after which it is written anew. */
const compactAfter = 2_000;

/**
 * The accepted events, as lines appended to a file: an event that `keep` returned from survives the death of this
 * process by any signal (not the loss of power: nothing is forced to the disk).
 */
export class EventJournal {
  readonly #file: string;
  readonly #live: Map<string, AsyncEvent>;
  #descriptor: number;
  #ended = 0;
  #closed = false;

  constructor(file: string) {
    this.#file = file;
    this.#live = read(file);
    this.#descriptor = this.#rewrite();
  }

  /** In the order they were accepted. */
  events(): readonly AsyncEvent[] {
    return [...this.#live.values()];
  }

  get size(): number {
    return this.#live.size;
  }

  /** Records a new event, or a new state of one. */
  keep(event: AsyncEvent): void {
    this.#live.set(event.requestId, event);
    this.#append({ kept: event });
  }

  end(requestId: string): void {
    if (!this.#live.delete(requestId)) return;
    this.#ended += 1;
    if (this.#ended < compactAfter) return this.#append({ ended: requestId });
    closeSync(this.#descriptor);
    this.#descriptor = this.#rewrite();
  }

  /** @throws from then on, `keep` and `end` */
  close(): void {
    closeSync(this.#descriptor);
    this.#closed = true;
  }

  /** One write call per line: a process killed in between leaves whole lines. */
  #append(entry: z.infer<typeof line>): void {
    if (this.#closed) throw new Error('The runtime has stopped');
    writeSync(this.#descriptor, `${JSON.stringify(entry)}\n`);
  }

  #rewrite(): number {
    const aside = `${this.#file}.new`;
    writeFileSync(
      aside,
      this.events()
        .map((kept) => `${JSON.stringify({ kept })}\n`)
        .join(''),
    );
    renameSync(aside, this.#file);
    this.#ended = 0;
    return openSync(this.#file, 'a');
  }
}

function read(file: string): Map<string, AsyncEvent> {
  const live = new Map<string, AsyncEvent>();
  if (!existsSync(file)) return live;
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    const entry = parseLine(text);
    if (entry && 'kept' in entry) live.set(entry.kept.requestId, entry.kept);
    else if (entry) live.delete(entry.ended);
  }
  return live;
}

/** A last line cut off by a full disk was never accepted. */
function parseLine(text: string) {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
