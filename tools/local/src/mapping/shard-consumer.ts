import type { EventSourceMappingModel } from '../model.js';
import { delay } from './delay.js';
import type { DeliveryDependencies } from './delivery.js';
import type { PendingRecord } from './record-order.js';
import { Lane } from './lane.js';
import {
  ExpiredIteratorError,
  TrimmedPositionError,
  type RecordPage,
  type ShardPosition,
  type StreamReader,
  type StreamRecord,
} from './stream-reader.js';

export interface ShardConsumerOptions extends Omit<DeliveryDependencies, 'onDone'> {
  readonly reader: StreamReader;
  /** Where to begin; records before `since` (milliseconds since 1970) are passed over. */
  readonly position: ShardPosition;
  readonly since: number;
  readonly passes: (event: unknown) => boolean;
  /** All records up to this one have come to their end. */
  readonly onProgress: (sequenceNumber: string) => void;
  /** Waits until it is worth asking again. `found`: the last answer held records. */
  readonly pause: (found: boolean) => Promise<void>;
}

interface Tracked {
  readonly sequenceNumber: string;
  done: boolean;
}

/** Records read and not done, above which reading waits; batches of ten times the size fit in it. */
const backlogOf = ({ batchSize, parallelizationFactor }: EventSourceMappingModel) =>
  Math.max(1_000, 10 * batchSize * parallelizationFactor);

/**
 * Reads one shard and deals its records to lanes.
 *
 * M1. Records of one item go to one lane, so they keep their order; records of different items may overtake each other.
 * M2. Progress is only told up to a record before which nothing is left undone.
 */
export class ShardConsumer {
  readonly #is: ShardConsumerOptions;
  readonly #lanes: readonly Lane[];
  readonly #tracked: Tracked[] = [];
  readonly #bySequence = new Map<string, Tracked>();
  /** Where reading goes on when an iterator is of no more use. */
  #position: ShardPosition;
  #onRoom: () => void = () => undefined;

  constructor(options: ShardConsumerOptions) {
    this.#is = options;
    this.#position = options.position;
    options.stopped.addEventListener('abort', () => this.#onRoom(), { once: true });
    const delivery = { ...options, onDone: (done: readonly PendingRecord[]) => this.#onDone(done) };
    const count = Math.max(1, options.mapping.parallelizationFactor);
    this.#lanes = Array.from({ length: count }, () => new Lane(delivery));
  }

  get backlog(): number {
    return this.#bySequence.size;
  }

  /** @returns true when the shard is closed and all of it is done, false when stopped before */
  async run(): Promise<boolean> {
    let iterator: string | undefined;
    while (!this.#is.stopped.aborted) {
      iterator ??= await this.#iterator();
      const page = iterator && (await this.#page(iterator));
      iterator = page ? page.nextIterator : undefined;
      if (!page) continue;
      this.#takeIn(page.records);
      if (!iterator) break;
      await this.#is.pause(page.records.length > 0);
      await this.#room();
    }
    await Promise.all(this.#lanes.map((lane) => lane.settled()));
    return this.backlog === 0 && !this.#is.stopped.aborted;
  }

  /** An iterator at where reading stands. @returns nothing after a problem, and a pause */
  async #iterator(): Promise<string | undefined> {
    const { reader, shardId } = this.#is;
    try {
      const iterator = await reader.iterator(shardId, this.#position);
      // The stream's end moves on: asked for again it would leave records out, which `since` does not.
      if (this.#position.kind === 'LATEST') this.#position = { kind: 'TRIM_HORIZON' };
      return iterator;
    } catch (error) {
      if (!(error instanceof TrimmedPositionError)) return this.#problem(error);
      this.#is.onNote(`Records were trimmed from ${shardId} before they were read`);
      return reader.iterator(shardId, { kind: 'TRIM_HORIZON' }).catch((e) => this.#problem(e));
    }
  }

  async #page(iterator: string): Promise<RecordPage | undefined> {
    try {
      return await this.#is.reader.records(iterator);
    } catch (error) {
      const unusable =
        error instanceof ExpiredIteratorError || error instanceof TrimmedPositionError;
      return unusable ? undefined : this.#problem(error);
    }
  }

  async #problem(error: unknown): Promise<undefined> {
    if (this.#is.stopped.aborted) return undefined;
    this.#is.onNote(`Stream of ${this.#is.shardId} not readable: ${String(error)}`);
    await delay(this.#is.retryDelayMs, this.#is.clock, this.#is.stopped);
    return undefined;
  }

  #takeIn(records: readonly StreamRecord[]): void {
    for (const record of records) this.#takeOne(record);
    for (const lane of this.#lanes) lane.start();
    this.#tellProgress();
  }

  #takeOne(record: StreamRecord): void {
    const { SequenceNumber: sequenceNumber, ApproximateCreationDateTime } = record.dynamodb;
    if (this.#isRead(sequenceNumber)) return;
    this.#position = { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber };
    const createdAt = ApproximateCreationDateTime * 1000;
    const event = eventRecord(record, this.#is.mapping);
    const wanted = createdAt >= this.#is.since - 999 && this.#is.passes(event);
    const tracked = { sequenceNumber, done: !wanted };
    this.#tracked.push(tracked);
    if (!wanted) return;
    this.#bySequence.set(sequenceNumber, tracked);
    const item = itemOf(record.dynamodb.Keys);
    const lane = this.#lanes[laneOf(item, this.#lanes.length)];
    lane?.add({ sequenceNumber, item, createdAt, json: JSON.stringify(event) });
  }

  #isRead(sequenceNumber: string): boolean {
    const last = this.#position;
    return 'sequenceNumber' in last && BigInt(sequenceNumber) <= BigInt(last.sequenceNumber);
  }

  #onDone(records: readonly PendingRecord[]): void {
    for (const { sequenceNumber } of records) {
      const tracked = this.#bySequence.get(sequenceNumber);
      if (tracked) tracked.done = true;
      this.#bySequence.delete(sequenceNumber);
    }
    this.#tellProgress();
    this.#onRoom();
  }

  /** (M2) */
  #tellProgress(): void {
    const undone = this.#tracked.findIndex((tracked) => !tracked.done);
    const done = this.#tracked.splice(0, undone < 0 ? this.#tracked.length : undone);
    const last = done.at(-1);
    if (last) this.#is.onProgress(last.sequenceNumber);
  }

  async #room(): Promise<void> {
    while (this.backlog >= backlogOf(this.#is.mapping) && !this.#is.stopped.aborted)
      await new Promise<void>((resolve) => (this.#onRoom = resolve));
  }
}

function eventRecord(record: StreamRecord, { sourceArn }: EventSourceMappingModel) {
  const { eventID, eventName, eventVersion, userIdentity, dynamodb } = record;
  return {
    eventID,
    eventName,
    eventVersion,
    eventSource: 'aws:dynamodb',
    awsRegion: sourceArn.split(':')[3] ?? '',
    dynamodb,
    ...(userIdentity && { userIdentity }),
    eventSourceARN: sourceArn,
  };
}

/** The engines do not keep the order of a key's attributes, so their names are sorted first (M1). */
function itemOf(keys: StreamRecord['dynamodb']['Keys']): string {
  return JSON.stringify(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function laneOf(item: string, lanes: number): number {
  let hash = 0;
  for (let at = 0; at < item.length; at++) hash = (hash * 31 + item.charCodeAt(at)) | 0;
  return Math.abs(hash) % lanes;
}
