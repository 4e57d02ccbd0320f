import {
  ExpiredIteratorError,
  StreamUnavailableError,
  TrimmedPositionError,
  type RecordPage,
  type ShardPosition,
  type StreamDescription,
  type StreamReader,
  type StreamRecord,
} from './stream-reader.js';

interface Shard {
  readonly parentShardId?: string;
  readonly records: StreamRecord[];
  closed: boolean;
  /** Records before this one have left the stream. */
  horizon: bigint;
}

/** Records in one answer at most, as DynamoDB bounds it. */
const pageSize = 1_000;

/** For tests: a stream in memory that behaves as DynamoDB's does, and misbehaves when told to. */
export class ScriptedStream implements StreamReader {
  streamId = 'stream-1';
  available = true;
  /** Errors the next reads end with, one each. */
  readonly failures: Error[] = [];
  readonly positions: ShardPosition[] = [];
  readonly #shards = new Map<string, Shard>();
  #generation = 0;
  #sequence = 0n;

  constructor(shardId = 'shard-1') {
    this.addShard(shardId);
  }

  addShard(shardId: string, parentShardId?: string): void {
    const shard = { records: [], closed: false, horizon: 0n };
    this.#shards.set(shardId, parentShardId ? { ...shard, parentShardId } : shard);
  }

  close(shardId = 'shard-1'): void {
    this.#shard(shardId).closed = true;
  }

  /** @returns the record's sequence number */
  put(
    keys: Readonly<Record<string, unknown>> = { pk: { S: 'a' } },
    overrides: {
      readonly createdAt?: number;
      readonly shardId?: string;
      readonly bytes?: number;
    } = {},
  ): string {
    this.#sequence += 1n;
    const SequenceNumber = String(this.#sequence);
    this.#shard(overrides.shardId ?? 'shard-1').records.push({
      eventID: `id-${SequenceNumber}`,
      eventName: 'INSERT',
      eventVersion: '1.1',
      dynamodb: {
        ApproximateCreationDateTime: Math.floor((overrides.createdAt ?? 0) / 1000),
        Keys: keys,
        NewImage: { ...keys, fill: { S: 'x'.repeat(overrides.bytes ?? 0) } },
        SequenceNumber,
        SizeBytes: 10,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    return SequenceNumber;
  }

  /** Lets every record up to and including this one leave the stream. */
  trim(sequenceNumber: string, shardId = 'shard-1'): void {
    this.#shard(shardId).horizon = BigInt(sequenceNumber);
  }

  /** Makes the iterators that were handed out useless. */
  expireIterators(): void {
    this.#generation += 1;
  }

  async describe(): Promise<StreamDescription> {
    if (!this.available) throw new StreamUnavailableError('No stream yet');
    const shards = [...this.#shards].map(([shardId, { parentShardId }]) =>
      parentShardId ? { shardId, parentShardId } : { shardId },
    );
    return { streamId: this.streamId, shards };
  }

  async iterator(shardId: string, position: ShardPosition): Promise<string> {
    this.positions.push(position);
    const { records, horizon } = this.#shard(shardId);
    if (position.kind === 'LATEST') return this.#iterator(shardId, records.length);
    const after = 'sequenceNumber' in position ? BigInt(position.sequenceNumber) : horizon;
    if (after < horizon) throw new TrimmedPositionError('Gone');
    const at = records.findIndex((r) => BigInt(r.dynamodb.SequenceNumber) > after);
    return this.#iterator(shardId, at < 0 ? records.length : at);
  }

  async records(iterator: string): Promise<RecordPage> {
    const failure = this.failures.shift();
    if (failure) throw failure;
    const [generation, shardId = '', at] = iterator.split('|');
    if (Number(generation) !== this.#generation) throw new ExpiredIteratorError('Too old');
    const shard = this.#shard(shardId);
    const records = shard.records.slice(Number(at), Number(at) + pageSize);
    const end = Number(at) + records.length;
    if (shard.closed && end === shard.records.length) return { records };
    return { records, nextIterator: this.#iterator(shardId, end) };
  }

  #iterator(shardId: string, at: number): string {
    return `${this.#generation}|${shardId}|${at}`;
  }

  #shard(shardId: string): Shard {
    const shard = this.#shards.get(shardId);
    if (!shard) throw new StreamUnavailableError(`No shard ${shardId}`);
    return shard;
  }
}
