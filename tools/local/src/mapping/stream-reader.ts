/** What a mapping needs of a stream; the shapes are those of Lambda's event and of DynamoDB Streams. */
export interface StreamReader {
  /** @throws StreamUnavailableError while there is no such stream */
  describe(): Promise<StreamDescription>;
  /** An iterator for `records`. @throws TrimmedPositionError when the position has left the stream */
  iterator(shardId: string, position: ShardPosition): Promise<string>;
  /** @throws ExpiredIteratorError, TrimmedPositionError: the iterator is of no more use */
  records(iterator: string): Promise<RecordPage>;
}

export interface StreamDescription {
  /** Another one for every stream that ever was: sequence numbers of two streams say nothing of each other. */
  readonly streamId: string;
  readonly shards: readonly { readonly shardId: string; readonly parentShardId?: string }[];
}

export type ShardPosition =
  | { readonly kind: 'TRIM_HORIZON' | 'LATEST' }
  | { readonly kind: 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string };

export interface RecordPage {
  readonly records: readonly StreamRecord[];
  /** Missing: the shard is closed and this was its end. */
  readonly nextIterator?: string;
}

/** A record as it stands in Lambda's event, without what the mapping adds. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly eventVersion: string;
  /** Set when the service itself deleted the item, because its time to live had ended. */
  readonly userIdentity?: { readonly type: string; readonly principalId: string };
  readonly dynamodb: {
    /** Seconds since 1970. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Readonly<Record<string, unknown>>;
    readonly NewImage?: Readonly<Record<string, unknown>>;
    readonly OldImage?: Readonly<Record<string, unknown>>;
    /** Decimal digits, of any length: to be compared as numbers. */
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
}

export class StreamUnavailableError extends Error {
  override readonly name = 'StreamUnavailableError';
}

export class TrimmedPositionError extends Error {
  override readonly name = 'TrimmedPositionError';
}

export class ExpiredIteratorError extends Error {
  override readonly name = 'ExpiredIteratorError';
}
