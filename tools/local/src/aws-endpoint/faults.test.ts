/** Every fault as an SDK meets it: the real client, the real engine, and the proxy between them. */
import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startEmulator, type Emulator } from '../emulator/emulator.js';
import { engineClient } from '../emulator/engine-client.js';
import type { FunctionModel, TableModel } from '../model.js';
import type { FunctionInvoker } from '../runtime.js';
import { SettableClock } from '../schedule/clock.js';
import { startAwsEndpoint, type AwsEndpoint } from './aws-endpoint.js';
import { decideFault, type FaultKind, type FaultPlan } from './faults-plan.js';
import { createFaultProxy, type FaultProxy } from './faults-proxy.js';
import { credentialsOf, OPERATOR } from './identities.js';

const region = 'eu-west-1';
const table: TableModel = {
  name: 'Things',
  arn: `arn:aws:dynamodb:${region}:111111111111:table/Things`,
  createTable: {
    TableName: 'Things',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  },
};
const worker: FunctionModel = {
  logicalId: 'worker',
  name: 'worker',
  arn: `arn:aws:lambda:${region}:111111111111:function:worker`,
  runtime: 'nodejs20.x',
  handler: 'index.handler',
  codeDirectory: '/nowhere',
  environment: {},
  timeoutSeconds: 3,
  memoryMb: 128,
  asyncRetries: 2,
  asyncMaxAgeSeconds: 21_600,
  roleName: 'worker-role',
  statements: [],
};

/** What the SDK makes of a connection that broke. */
const UNANSWERED = { message: expect.stringMatching(/socket hang up|ECONNRESET/) };

/** Notes what reached it. */
class NotingInvoker implements FunctionInvoker {
  readonly ran: string[] = [];
  async invoke(_: string, payload: string) {
    this.ran.push(payload);
    return { requestId: 'r', payload };
  }
  async invokeAsync(_: string, payload: string) {
    this.ran.push(payload);
    return { requestId: 'r' };
  }
}

let emulator: Emulator;
let endpoint: AwsEndpoint;
let proxy: FaultProxy;
let invoker: NotingInvoker;
let clock: SettableClock;
let item = 0;
const clients: { destroy(): void }[] = [];

/** Each call meets the fault until the budget is spent. */
async function facing(kind: FaultKind, changes: Partial<FaultPlan> = {}): Promise<void> {
  proxy = createFaultProxy({
    plan: { seed: 1, rate: 1, budget: 1, kinds: [kind], ...changes },
    clock,
  });
  endpoint = await startAwsEndpoint({
    ...{ engineUrl: emulator.url, tables: [table], functions: [worker] },
    invoker: () => invoker,
    passing: proxy.hook,
  });
}

function settings(
  maxAttempts: number,
  accessKeyId = credentialsOf(worker.arn)['AWS_ACCESS_KEY_ID'],
) {
  const credentials = { accessKeyId: accessKeyId ?? '', secretAccessKey: 'local' };
  return { endpoint: endpoint.url, region, maxAttempts, credentials };
}

function kept<Client extends { destroy(): void }>(client: Client): Client {
  clients.push(client);
  return client;
}
const dynamo = (maxAttempts = 1) => kept(new DynamoDBClient(settings(maxAttempts)));
const lambda = () => kept(new LambdaClient(settings(1)));

const addOne = () =>
  new UpdateItemCommand({
    ...{ TableName: 'Things', Key: { pk: { S: `item ${item}` } } },
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  });

/** Straight from the engine. */
async function count(pk = `item ${item}`): Promise<string | undefined> {
  const client = kept(engineClient(emulator.url));
  const { Item } = await client.send(
    new GetItemCommand({ TableName: 'Things', Key: { pk: { S: pk } }, ConsistentRead: true }),
  );
  return Item && (Item['n']?.N ?? 'there');
}

beforeAll(async () => {
  emulator = await startEmulator({ ephemeral: true });
  await emulator.ensureTables([table]);
});
beforeEach(() => {
  item += 1;
  clock = new SettableClock();
  invoker = new NotingInvoker();
});
afterEach(async () => {
  proxy.close();
  for (const client of clients.splice(0)) client.destroy();
  await endpoint.stop();
});
afterAll(() => emulator.stop());

describe('a write', () => {
  it('whose reply is lost is applied twice by a client that retries', async () => {
    await facing('replyLost');
    await dynamo(2).send(addOne());
    expect(await count()).toBe('2');
  });

  it('that is lost on its way is applied once by a client that retries', async () => {
    await facing('requestLost');
    await dynamo(2).send(addOne());
    expect(await count()).toBe('1');
  });

  it.each(['replyLost', 'requestLost'] as const)(
    'fails without an answer when it meets %s and is not retried',
    async (kind) => {
      await facing(kind);
      await expect(dynamo().send(addOne())).rejects.toMatchObject(UNANSWERED);
    },
  );

  it('that is throttled is not applied, and its client knows the code', async () => {
    await facing('throttled');
    await expect(dynamo().send(addOne())).rejects.toMatchObject({
      name: expect.stringMatching(/^(ProvisionedThroughputExceeded|Throttling)Exception$/),
      $metadata: { httpStatusCode: 400 },
    });
    expect(await count()).toBeUndefined();
  });

  it('that is throttled comes through when it is retried', async () => {
    await facing('throttled');
    await dynamo(2).send(addOne());
    expect(await count()).toBe('1');
  });

  it('that meets a server error is not applied', async () => {
    await facing('serverError');
    await expect(dynamo().send(addOne())).rejects.toMatchObject({
      name: 'InternalServerError',
      $metadata: { httpStatusCode: 500 },
    });
    expect(await count()).toBeUndefined();
  });
});

describe('a batch', () => {
  const names = () => [1, 2, 3, 4].map((n) => `item ${item} ${n}`);

  it('of statements fails in part: what failed is not applied, what did not is', async () => {
    await facing('statementErrors');
    const { Responses = [] } = await dynamo().send(
      new BatchExecuteStatementCommand({
        Statements: names().map((name) => ({
          Statement: `INSERT INTO "Things" VALUE {'pk': '${name}'}`,
        })),
      }),
    );
    expect(Responses).toHaveLength(4);
    const codes = Responses.map(({ Error }) => Error?.Code);
    expect(codes[0]).toMatch(
      /^(ThrottlingError|InternalServerError|TransactionConflict|ProvisionedThroughputExceeded)$/,
    );
    const there = await Promise.all(names().map((name) => count(name)));
    expect(there).toEqual(codes.map((code) => (code === undefined ? 'there' : undefined)));
  });

  it('of writes comes back in part, and that part is not applied', async () => {
    await facing('unprocessed');
    const { UnprocessedItems } = await dynamo().send(
      new BatchWriteItemCommand({
        RequestItems: {
          Things: names().map((name) => ({ PutRequest: { Item: { pk: { S: name } } } })),
        },
      }),
    );
    const back = (UnprocessedItems?.['Things'] ?? []).map(
      ({ PutRequest }) => PutRequest?.Item?.['pk']?.S,
    );
    expect(back).toContain(names()[0]);
    for (const name of names())
      expect(await count(name)).toBe(back.includes(name) ? undefined : 'there');
  });

  it('of reads comes back in part, and the rest is answered', async () => {
    await facing('unprocessed', { budget: 1 });
    const Keys = names().map((name) => ({ pk: { S: name } }));
    await kept(engineClient(emulator.url)).send(
      new BatchWriteItemCommand({
        RequestItems: { Things: Keys.map((Item) => ({ PutRequest: { Item } })) },
      }),
    );
    const read = (keys: typeof Keys) =>
      dynamo().send(new BatchGetItemCommand({ RequestItems: { Things: { Keys: keys } } }));
    const first = await read(Keys);
    const left = (first.UnprocessedKeys?.['Things']?.Keys ?? []) as typeof Keys;
    expect(left.length).toBeGreaterThan(0);
    const second = await read(left);
    const items = [...(first.Responses?.['Things'] ?? []), ...(second.Responses?.['Things'] ?? [])];
    expect(items.map(({ pk }) => pk?.S).sort()).toEqual(names());
  });
});

describe('an invocation', () => {
  const send = (payload: string, InvocationType: 'Event' | 'RequestResponse') =>
    lambda().send(
      new InvokeCommand({ FunctionName: worker.arn, InvocationType, Payload: `"${payload}"` }),
    );

  it('that is throttled is refused as Lambda refuses it, and does not run', async () => {
    await facing('throttled');
    await expect(send('a', 'RequestResponse')).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    });
    expect(invoker.ran).toEqual([]);
  });

  it('whose reply is lost ran', async () => {
    await facing('replyLost');
    await expect(send('a', 'RequestResponse')).rejects.toMatchObject(UNANSWERED);
    expect(invoker.ran).toEqual(['"a"']);
  });

  it('that is asynchronous may be accepted and dropped', async () => {
    await facing('eventDropped');
    expect(await send('a', 'Event')).toMatchObject({ StatusCode: 202 });
    await send('b', 'Event');
    expect(invoker.ran).toEqual(['"b"']);
  });

  it('that is asynchronous may run twice, the second time late', async () => {
    await facing('eventDuplicated');
    await send('a', 'Event');
    clock.advance(5_000);
    expect(invoker.ran).toEqual(['"a"', '"a"']);
  });

  it('that is asynchronous may be overtaken by the next', async () => {
    await facing('eventHeld');
    expect(await send('a', 'Event')).toMatchObject({ StatusCode: 202 });
    expect(invoker.ran).toEqual([]);
    await send('b', 'Event');
    expect(invoker.ran).toEqual(['"b"', '"a"']);
    clock.advance(5_000);
    expect(invoker.ran).toHaveLength(2);
  });

  it('that waits to be overtaken does not wait for ever', async () => {
    await facing('eventHeld');
    await send('a', 'Event');
    clock.advance(1_000);
    expect(invoker.ran).toEqual(['"a"']);
  });
});

describe('a fault plan', () => {
  const call = { service: 'dynamodb', operation: 'PutItem', caller: 'worker', spent: 0 } as const;
  const plan: FaultPlan = { seed: 42, rate: 0.3, budget: 10 };
  const kindsOf = (seed: number) =>
    Array.from(
      { length: 200 },
      (_, n) => decideFault({ ...plan, seed }, { ...call, ordinal: n })?.kind,
    );

  it('decides the same for the same seed and call, and otherwise for another seed', () => {
    expect(kindsOf(42)).toEqual(kindsOf(42));
    expect(kindsOf(42)).not.toEqual(kindsOf(43));
  });

  it('lets about as many calls go wrong as its rate says', () => {
    const wrong = kindsOf(42).filter((kind) => kind !== undefined).length;
    expect(wrong).toBeGreaterThan(30);
    expect(wrong).toBeLessThan(90);
  });

  it('lets nothing go wrong any more once its budget is spent', async () => {
    await facing('throttled', { budget: 2 });
    for (let call = 0; call < 2; call += 1)
      await expect(dynamo().send(addOne())).rejects.toMatchObject({
        name: expect.stringContaining('Exception'),
      });
    await dynamo().send(addOne());
    expect(await count()).toBe('1');
  });

  it('leaves the calls of a person alone', async () => {
    await facing('throttled');
    const client = kept(new DynamoDBClient(settings(1, OPERATOR.accessKeyId)));
    await client.send(addOne());
    expect(await count()).toBe('1');
  });
});
