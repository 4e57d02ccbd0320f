import { setMaxListeners } from 'node:events';
import type { EventSourceMappingModel } from '../model.js';
import type { FunctionInvoker, QueueStore, Stoppable } from '../runtime.js';
import { systemClock, type Clock } from '../schedule/clock.js';
import { Checkpoint } from './checkpoint.js';
import { delay } from './delay.js';
import { eventFilter } from './event-pattern.js';
import { inSequence, shuffledAcrossItems, type RecordOrder } from './record-order.js';
import { ShardConsumer } from './shard-consumer.js';
import type { ShardPosition, StreamDescription, StreamReader } from './stream-reader.js';

export interface MappingOptions {
  readonly mapping: EventSourceMappingModel;
  readonly streams: StreamReader;
  readonly invoker: Pick<FunctionInvoker, 'invoke'>;
  readonly queueStore: QueueStore;
  /** Where the mapping stands is kept here, so that a restart goes on from there. */
  readonly checkpointFile: string;
  /** What a user should know: records given up, a stream that cannot be read. */
  readonly onNote?: (text: string) => void;
  readonly clock?: Clock;
  /** Milliseconds before the first retry of a batch, then doubled up to 100 times this. Default 100. */
  readonly retryDelayMs?: number;
  /** Records of different items change places within a batch, by this seed. Default: they stay in sequence. */
  readonly orderSeed?: number;
  /** Milliseconds that a running invocation is given at `stop`. Default 5,000. */
  readonly drainMs?: number;
}

export interface Mapping extends Stoppable {
  /** Reads now: for whoever knows that the table was just written. */
  wake(): void;
  /** Records read that have not come to their end. */
  readonly backlog: number;
}

/** Milliseconds between two reads of a stream where nothing happens. */
const pauseMs = { shortest: 20, longest: 200 };
/** The share of the quiet time so far that the next pause is: soon after a record another is likely, later it is not. */
const pauseShare = 1 / 20;
/** Milliseconds between two looks for shards while there is none to read. */
const describeEveryMs = 1_000;

/**
 * Runs an event source mapping as Lambda does: at least once, in order for each item, until `stop`.
 * @throws EventPatternError when the mapping's filter is none
 */
export function startMapping(options: MappingOptions): Mapping {
  const { clock = systemClock, drainMs = 5_000 } = options;
  const running = new RunningMapping(options, clock);
  const loop = running.run().catch((error: unknown) => options.onNote?.(String(error)));
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    running.stop();
    await Promise.race([loop, delay(drainMs, systemClock, new AbortController().signal)]);
    await running.close();
  };
  return {
    wake: () => running.wake(),
    get backlog() {
      return running.backlog;
    },
    stop: () => (stopping ??= stop()),
  };
}

class RunningMapping {
  readonly #options: MappingOptions;
  readonly #clock: Clock;
  readonly #passes: (event: unknown) => boolean;
  readonly #order: RecordOrder;
  readonly #stopped = new AbortController();
  readonly #consumers = new Map<string, ShardConsumer>();
  #checkpoint: Checkpoint | undefined;
  readonly #sleepers = new Set<() => void>();
  #written = false;
  #isFirstLook = true;
  #lastRecordAt = 0;
  #closed = false;
  #noted = '';

  constructor(options: MappingOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#passes = eventFilter(options.mapping.filters);
    const { orderSeed } = options;
    this.#order = orderSeed === undefined ? inSequence : shuffledAcrossItems(orderSeed);
    setMaxListeners(0, this.#stopped.signal);
  }

  get backlog(): number {
    return [...this.#consumers.values()].reduce((sum, { backlog }) => sum + backlog, 0);
  }

  wake(): void {
    this.#written = true;
    for (const end of this.#sleepers) end();
  }

  stop(): void {
    this.#stopped.abort();
    this.wake();
  }

  /** What comes to its end from now on is not remembered, so it is delivered again. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#checkpoint?.flush();
  }

  /** Reads each shard after its parent, until stopped. */
  async run(): Promise<void> {
    const readers = new Set<Promise<void>>();
    while (!this.#stopped.signal.aborted) {
      for (const shardId of await this.#readable()) {
        const reading = this.#read(shardId).finally(() => readers.delete(reading));
        readers.add(reading);
      }
      this.#isFirstLook &&= this.#checkpoint === undefined;
      if (readers.size) await Promise.race(readers);
      else await delay(describeEveryMs, this.#clock, this.#stopped.signal);
    }
    await Promise.all(readers);
  }

  /** Shards that nobody reads, that are not finished, and whose parents are. */
  async #readable(): Promise<readonly string[]> {
    const description = await this.#describe();
    if (!description) return [];
    this.#checkpoint ??= await this.#open(description.streamId);
    const ids = new Set(description.shards.map(({ shardId }) => shardId));
    const isFinished = (shardId: string) => this.#checkpoint?.shard(shardId)?.finished === true;
    return description.shards
      .filter(({ shardId }) => !isFinished(shardId) && !this.#consumers.has(shardId))
      .filter(({ parentShardId: up }) => !up || !ids.has(up) || isFinished(up))
      .map(({ shardId }) => shardId);
  }

  async #describe(): Promise<StreamDescription | undefined> {
    try {
      return await this.#options.streams.describe();
    } catch (error) {
      this.#note(`Stream of ${this.#options.mapping.logicalId} not there: ${String(error)}`);
      return undefined;
    }
  }

  #open(streamId: string): Promise<Checkpoint> {
    const { checkpointFile } = this.#options;
    return Checkpoint.open(checkpointFile, streamId, this.#clock, (error) =>
      this.#note(`Not written: ${checkpointFile}: ${String(error)}`),
    );
  }

  async #read(shardId: string): Promise<void> {
    const { mapping, streams, invoker, queueStore, retryDelayMs = 100 } = this.#options;
    const consumer = new ShardConsumer({
      mapping,
      shardId,
      invoker,
      queueStore,
      retryDelayMs,
      reader: streams,
      clock: this.#clock,
      stopped: this.#stopped.signal,
      passes: this.#passes,
      order: this.#order,
      position: this.#positionOf(shardId),
      since: mapping.startingPosition === 'LATEST' ? (this.#checkpoint?.since ?? 0) : 0,
      onProgress: (sequenceNumber) => this.#advance(shardId, { sequenceNumber }),
      pause: (found) => this.#pause(found),
      onNote: (text) => this.#note(text),
    });
    this.#consumers.set(shardId, consumer);
    const finished = await consumer.run();
    this.#consumers.delete(shardId);
    if (finished) this.#advance(shardId, { finished: true });
  }

  /**
   * LATEST means: from when the mapping first began. Only at that very moment may the stream be asked for its end; later the
   * records since then are read from the start of what is there.
   */
  #positionOf(shardId: string): ShardPosition {
    const sequenceNumber = this.#checkpoint?.shard(shardId)?.sequenceNumber;
    if (sequenceNumber) return { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber };
    const isBeginning = this.#isFirstLook && this.#checkpoint?.isFirst;
    return { kind: isBeginning ? this.#options.mapping.startingPosition : 'TRIM_HORIZON' };
  }

  #advance(shardId: string, position: { sequenceNumber?: string; finished?: boolean }): void {
    if (!this.#closed) this.#checkpoint?.advance(shardId, position);
  }

  /** Asks again at once while records come: what follows them is often there already. */
  async #pause(found: boolean): Promise<void> {
    const now = this.#clock.now();
    if (found) this.#lastRecordAt = now;
    const share = (now - this.#lastRecordAt) * pauseShare;
    const ms = Math.min(Math.max(share, pauseMs.shortest), pauseMs.longest);
    if (!found && !this.#written) await this.#sleep(ms);
    this.#written = false;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#sleepers.delete(end);
        resolve();
      };
      const cancel = this.#clock.after(ms, end);
      this.#sleepers.add(end);
    });
  }

  /** The same words once, however often the same thing goes wrong in a row. */
  #note(text: string): void {
    if (text !== this.#noted) this.#options.onNote?.(text);
    this.#noted = text;
  }
}
