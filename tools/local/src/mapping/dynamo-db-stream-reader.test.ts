import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DeleteItemCommand,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { startEmulator, type Emulator } from '../emulator/emulator.js';
import { ENGINE_CREDENTIALS, ENGINE_REGION, engineClient } from '../emulator/engine-client.js';
import { until } from '../functions/function-fixtures.js';
import { openQueueStore } from '../queues/queue-store.js';
import { systemClock } from '../schedule/clock.js';
import { dynamoDbStreamReader } from './dynamo-db-stream-reader.js';
import { startMapping } from './mapping.js';
import { StreamUnavailableError, type StreamRecord } from './stream-reader.js';

jest.setTimeout(30_000);

describe('reading the stream of a real engine', () => {
  const directory = mkdtempSync(join(tmpdir(), 'stream-reader-'));
  let emulator: Emulator;
  let client: DynamoDBClient;
  let streams: DynamoDBStreamsClient;

  beforeAll(async () => {
    emulator = await startEmulator({ ephemeral: true, onNotice: () => undefined });
    client = engineClient(emulator.url);
    streams = new DynamoDBStreamsClient({
      endpoint: emulator.url,
      region: ENGINE_REGION,
      credentials: ENGINE_CREDENTIALS,
    });
    await client.send(
      new CreateTableCommand({
        TableName: 'orders',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    );
  });
  afterAll(async () => {
    client.destroy();
    streams.destroy();
    await emulator.stop();
    rmSync(directory, { recursive: true });
  });

  const put = (pk: string, more = {}) =>
    client.send(new PutItemCommand({ TableName: 'orders', Item: { pk: { S: pk }, ...more } }));

  it('gives records as Lambda has them: seconds, and bytes as base64', async () => {
    const before = Math.floor(Date.now() / 1000);
    await put('first', {
      n: { N: '5' },
      bytes: { B: new Uint8Array([1, 2, 255]) },
      sets: { M: { of: { L: [{ BS: [new Uint8Array([3])] }] } } },
    });
    const reader = dynamoDbStreamReader(streams, 'orders');
    const { shards } = await reader.describe();
    const iterator = await reader.iterator(shards[0]!.shardId, { kind: 'TRIM_HORIZON' });
    const { records, nextIterator } = await reader.records(iterator);
    expect(nextIterator).toBeDefined();
    expect(records).toEqual([
      {
        eventID: expect.any(String),
        eventName: 'INSERT',
        eventVersion: '1.1',
        dynamodb: {
          ApproximateCreationDateTime: expect.any(Number),
          Keys: { pk: { S: 'first' } },
          NewImage: {
            pk: { S: 'first' },
            n: { N: '5' },
            bytes: { B: 'AQL/' },
            sets: { M: { of: { L: [{ BS: ['Aw=='] }] } } },
          },
          SequenceNumber: expect.stringMatching(/^\d+$/),
          SizeBytes: expect.any(Number),
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
      },
    ]);
    const created = records[0]!.dynamodb.ApproximateCreationDateTime;
    expect(created).toBeGreaterThanOrEqual(before);
    expect(Number.isInteger(created)).toBe(true);
  });

  it('says that a stream is not there', async () => {
    const reader = dynamoDbStreamReader(streams, 'nobody');
    await expect(reader.describe()).rejects.toThrow(StreamUnavailableError);
  });

  it('brings every change through a mapping, once and in order, across restarts', async () => {
    const changes: string[] = [];
    const start = async () =>
      startMapping({
        mapping: {
          logicalId: 'Mapping',
          functionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:orders',
          sourceArn: 'arn:aws:dynamodb:eu-central-1:000000000000:table/orders/stream/label',
          batchSize: 7,
          batchingWindowSeconds: 0,
          parallelizationFactor: 1,
          maximumRetryAttempts: 3,
          maximumRecordAgeSeconds: -1,
          bisectOnError: true,
          reportsItemFailures: true,
          startingPosition: 'TRIM_HORIZON',
          filters: [{ dynamodb: { Keys: { pk: { S: [{ prefix: 'item' }] } } } }],
        },
        streams: dynamoDbStreamReader(streams, 'orders'),
        invoker: {
          invoke: async (_arn, payload) => {
            const { Records } = JSON.parse(payload) as { Records: StreamRecord[] };
            for (const { eventName, dynamodb } of Records)
              changes.push(`${eventName} ${(dynamodb.Keys['pk'] as { S: string }).S}`);
            return { requestId: 'r', payload: '' };
          },
        },
        queueStore: await openQueueStore(join(directory, 'queues')),
        checkpointFile: join(directory, 'mapping.json'),
        clock: systemClock,
      });
    const first = await start();
    for (let n = 0; n < 30; n++) await put(`item ${n}`);
    await put('left out');
    await until(() => changes.length >= 30);
    await first.stop();
    await client.send(new DeleteItemCommand({ TableName: 'orders', Key: { pk: { S: 'item 3' } } }));
    const second = await start();
    await until(() => changes.length >= 31);
    await second.stop();
    expect(changes).toEqual([
      ...Array.from({ length: 30 }, (_, n) => `INSERT item ${n}`),
      'REMOVE item 3',
    ]);
  });
});
