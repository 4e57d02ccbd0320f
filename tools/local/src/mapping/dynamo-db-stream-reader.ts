import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type _Record,
  type DynamoDBStreamsClient,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import {
  ExpiredIteratorError,
  StreamUnavailableError,
  TrimmedPositionError,
  type StreamReader,
  type StreamRecord,
} from './stream-reader.js';

/** Reads the newest stream of a table through the AWS SDK, from any engine that speaks DynamoDB Streams. */
export function dynamoDbStreamReader(
  client: DynamoDBStreamsClient,
  tableName: string,
): StreamReader {
  let streamArn: string | undefined;

  const find = async () => {
    const { Streams = [] } = await client.send(new ListStreamsCommand({ TableName: tableName }));
    const newest = Streams.sort((a, b) => (a.StreamLabel! < b.StreamLabel! ? 1 : -1))[0];
    streamArn = newest?.StreamArn;
    if (!streamArn) throw new StreamUnavailableError(`Table ${tableName} has no stream`);
    return streamArn;
  };

  return {
    describe: () =>
      translated(async () => {
        const found = await find();
        return { streamId: found, shards: (await allShards(client, found)).map(shardOf) };
      }),

    iterator: (shardId, position) =>
      translated(async () => {
        const answer = await client.send(
          new GetShardIteratorCommand({
            StreamArn: streamArn ?? (await find()),
            ShardId: shardId,
            ShardIteratorType: position.kind,
            ...('sequenceNumber' in position && { SequenceNumber: position.sequenceNumber }),
          }),
        );
        return answer.ShardIterator!;
      }),

    records: (iterator) =>
      translated(async () => {
        const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
        const records = (page.Records ?? []).map(recordOf);
        const nextIterator = page.NextShardIterator;
        return nextIterator ? { records, nextIterator } : { records };
      }),
  };
}

async function allShards(client: DynamoDBStreamsClient, streamArn: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let last: string | undefined;
  do {
    const { StreamDescription } = await client.send(
      new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: last }),
    );
    shards.push(...(StreamDescription?.Shards ?? []));
    last = StreamDescription?.LastEvaluatedShardId;
  } while (last);
  return shards;
}

function shardOf({ ShardId, ParentShardId }: Shard) {
  return ParentShardId
    ? { shardId: ShardId!, parentShardId: ParentShardId }
    : { shardId: ShardId! };
}

/** The SDK made dates and bytes of what Lambda leaves as numbers and base64. */
function recordOf(record: _Record): StreamRecord {
  const { dynamodb = {}, userIdentity } = record;
  const image = (value: object | undefined) =>
    value && (JSON.parse(JSON.stringify(value, bytesAsBase64)) as Record<string, unknown>);
  const newImage = image(dynamodb.NewImage);
  const oldImage = image(dynamodb.OldImage);
  return {
    eventID: record.eventID ?? '',
    eventName: record.eventName ?? '',
    eventVersion: record.eventVersion ?? '1.1',
    ...(userIdentity && {
      userIdentity: {
        type: userIdentity.Type ?? '',
        principalId: userIdentity.PrincipalId ?? '',
      },
    }),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(
        (dynamodb.ApproximateCreationDateTime?.getTime() ?? 0) / 1000,
      ),
      Keys: image(dynamodb.Keys) ?? {},
      ...(newImage && { NewImage: newImage }),
      ...(oldImage && { OldImage: oldImage }),
      SequenceNumber: dynamodb.SequenceNumber!,
      SizeBytes: dynamodb.SizeBytes ?? 0,
      StreamViewType: dynamodb.StreamViewType ?? '',
    },
  };
}

function bytesAsBase64(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

const errors: Readonly<Record<string, new (message: string, options: ErrorOptions) => Error>> = {
  TrimmedDataAccessException: TrimmedPositionError,
  ExpiredIteratorException: ExpiredIteratorError,
  ResourceNotFoundException: StreamUnavailableError,
};

async function translated<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const Known = errors[error.name];
    throw Known ? new Known(error.message, { cause: error }) : error;
  }
}
