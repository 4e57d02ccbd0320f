import {
  BatchExecuteStatementCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startEmulator, type Emulator } from '../emulator/emulator.js';
import type { FunctionModel, TableModel } from '../model.js';
import { UnknownFunctionError, type FunctionInvoker, type InvokeOptions } from '../runtime.js';
import { startAwsEndpoint, type AwsEndpoint } from './aws-endpoint.js';
import { credentialsOf, OPERATOR } from './identities.js';
import type { AwsCall } from './meter.js';

const region = 'eu-west-1';
const tableArn = 'arn:aws:dynamodb:eu-west-1:111111111111:table/Things';
const table: TableModel = {
  name: 'Things',
  arn: tableArn,
  createTable: {
    TableName: 'Things',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'colour', AttributeType: 'S' },
    ],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-colour',
        KeySchema: [{ AttributeName: 'colour', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  },
};

const functionNamed = (name: string): FunctionModel => ({
  logicalId: name,
  name,
  arn: `arn:aws:lambda:${region}:111111111111:function:${name}`,
  runtime: 'nodejs20.x',
  handler: 'index.handler',
  codeDirectory: '/nowhere',
  environment: {},
  timeoutSeconds: 3,
  memoryMb: 128,
  asyncRetries: 2,
  asyncMaxAgeSeconds: 21_600,
  roleName: `${name}-role`,
  statements: [],
});
const api = functionNamed('the-api');
const worker = functionNamed('the-worker');

/** Answers with what it was given; a payload that asks for it fails. */
class EchoInvoker implements FunctionInvoker {
  readonly accepted: string[] = [];
  readonly options: (InvokeOptions | undefined)[] = [];

  async invoke(nameOrArn: string, payload: string, options?: InvokeOptions) {
    this.#find(nameOrArn);
    this.options.push(options);
    const fails = payload.includes('"fail":true');
    return { requestId: 'r-1', payload, ...(fails ? { functionError: 'Unhandled' as const } : {}) };
  }

  async invokeAsync(nameOrArn: string, payload: string) {
    this.#find(nameOrArn);
    this.accepted.push(payload);
    return { requestId: 'r-2' };
  }

  #find(nameOrArn: string) {
    if (![worker.name, worker.arn].includes(nameOrArn)) throw new UnknownFunctionError(nameOrArn);
  }
}

let emulator: Emulator;
let endpoint: AwsEndpoint;
let invoker: EchoInvoker;
let calls: AwsCall[];
const clients: { destroy(): void }[] = [];

function settings(fn?: FunctionModel) {
  const environment = fn && credentialsOf(fn.arn);
  return {
    endpoint: endpoint.url,
    region,
    maxAttempts: 1,
    credentials: {
      accessKeyId: environment?.['AWS_ACCESS_KEY_ID'] ?? 'AKIANOBODYWEKNOW0000',
      secretAccessKey: 'local',
    },
  };
}

function dynamo(fn?: FunctionModel): DynamoDBClient {
  const client = new DynamoDBClient(settings(fn));
  clients.push(client);
  return client;
}

function lambda(fn?: FunctionModel): LambdaClient {
  const client = new LambdaClient(settings(fn));
  clients.push(client);
  return client;
}

const putThing = (pk: string, colour = 'red') =>
  new PutItemCommand({ TableName: 'Things', Item: { pk: { S: pk }, colour: { S: colour } } });

beforeAll(async () => {
  emulator = await startEmulator({ ephemeral: true });
  await emulator.ensureTables([table]);
});

beforeEach(async () => {
  invoker = new EchoInvoker();
  calls = [];
  endpoint = await startAwsEndpoint({
    engineUrl: emulator.url,
    tables: [table],
    functions: [api, worker],
    invoker: () => invoker,
    onCall: (call) => calls.push(call),
  });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await endpoint.stop();
});

afterAll(() => emulator.stop());

describe('a call to DynamoDB', () => {
  it('is attributed to the function whose key signed it', async () => {
    await dynamo(api).send(putThing('attributed'));
    await dynamo(worker).send(
      new GetItemCommand({ TableName: 'Things', Key: { pk: { S: 'attributed' } } }),
    );
    expect(calls.map(({ caller, operation }) => ({ caller, operation }))).toEqual([
      { caller: 'the-api', operation: 'PutItem' },
      { caller: 'the-worker', operation: 'GetItem' },
    ]);
    const { byCaller } = endpoint.meter.read();
    expect(byCaller['the-api']).toMatchObject({
      requests: { PutItem: 1 },
      tableWriteUnits: 1,
      indexWriteUnits: 1,
      readUnits: 0,
    });
    expect(byCaller['the-worker']).toMatchObject({ requests: { GetItem: 1 }, readUnits: 0.5 });
  });

  it('is refused when nobody here has its key', async () => {
    await expect(dynamo().send(putThing('refused'))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    expect(endpoint.meter.read()).toMatchObject({
      requestErrors: { UnrecognizedClientException: 1 },
      tableWriteUnits: 0,
    });
  });

  it('is open to a person on this machine', async () => {
    const client = new DynamoDBClient({
      ...settings(),
      credentials: { accessKeyId: OPERATOR.accessKeyId, secretAccessKey: 'local' },
    });
    clients.push(client);
    await client.send(putThing('by hand'));
    expect(endpoint.meter.read().byCaller['operator']?.requests).toEqual({ PutItem: 1 });
  });

  it('names the table by the ARN of the template, in the answer and in the request', async () => {
    const client = dynamo(api);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableArn }));
    expect(Table?.TableArn).toBe(tableArn);
    expect(Table?.LatestStreamArn).toMatch(new RegExp(`^${tableArn}/stream/`));
    expect(Table?.GlobalSecondaryIndexes?.[0]?.IndexArn).toBe(`${tableArn}/index/by-colour`);
    await client.send(
      new TransactWriteItemsCommand({
        TransactItems: [{ Put: { TableName: tableArn, Item: { pk: { S: 'by arn' } } } }],
      }),
    );
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableArn, Key: { pk: { S: 'by arn' } } }),
    );
    expect(Item).toEqual({ pk: { S: 'by arn' } });
  });

  it('leaves an ARN that a user stored as it is', async () => {
    const client = dynamo(api);
    const stored = { S: 'arn:aws:dynamodb:dynoxide:000000000000:table/Things' };
    await client.send(
      new PutItemCommand({ TableName: 'Things', Item: { pk: { S: 'stored' }, note: stored } }),
    );
    const { Item } = await client.send(
      new GetItemCommand({ TableName: 'Things', Key: { pk: { S: 'stored' } } }),
    );
    expect(Item?.['note']).toEqual(stored);
  });

  it('gets an error with the code AWS gives it', async () => {
    const client = dynamo(api);
    const missing = new GetItemCommand({ TableName: 'Nothing', Key: { pk: { S: 'a' } } });
    await expect(client.send(missing)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(endpoint.meter.read().requestErrors).toEqual({ ResourceNotFoundException: 1 });
  });
});

describe('the meter', () => {
  const update = (colour: string) =>
    new UpdateItemCommand({
      TableName: 'Things',
      Key: { pk: { S: 'metered' } },
      UpdateExpression: 'SET colour = :c',
      ExpressionAttributeValues: { ':c': { S: colour } },
    });

  it('counts write units of the table apart from those of each index', async () => {
    const client = dynamo(api);
    await client.send(putThing('metered', 'red'));
    await client.send(update('blue'));
    expect(endpoint.meter.read()).toMatchObject({
      requests: { PutItem: 1, UpdateItem: 1 },
      tableWriteUnits: 2,
      // An item that moves within an index leaves one place and enters another.
      indexWriteUnits: 3,
      indexWriteUnitsByName: { 'by-colour': 3 },
    });
  });

  it('counts reads of tables and indexes', async () => {
    await dynamo(api).send(
      new QueryCommand({
        TableName: 'Things',
        IndexName: 'by-colour',
        KeyConditionExpression: 'colour = :c',
        ExpressionAttributeValues: { ':c': { S: 'no such' } },
      }),
    );
    expect(endpoint.meter.read()).toMatchObject({ readUnits: 0.5, tableWriteUnits: 0 });
  });

  it('counts batched statements that succeed by units, and those that fail by their code', async () => {
    const client = dynamo(worker);
    await client.send(putThing('there'));
    endpoint.meter.reset();
    const { Responses } = await client.send(
      new BatchExecuteStatementCommand({
        Statements: [
          { Statement: `INSERT INTO "Things" VALUE {'pk': 'new', 'colour': 'green'}` },
          { Statement: `INSERT INTO "Things" VALUE {'pk': 'there'}` },
          {
            Statement: `UPDATE "Things" SET note=? WHERE pk=? AND colour=?`,
            Parameters: [{ S: 'x' }, { S: 'absent' }, { S: 'pink' }],
          },
        ],
      }),
    );
    expect(Responses?.map((response) => response.Error?.Code)).toEqual([
      undefined,
      'DuplicateItem',
      'ConditionalCheckFailed',
    ]);
    expect(endpoint.meter.read()).toMatchObject({
      requests: { BatchExecuteStatement: 1 },
      requestErrors: {},
      statementErrors: { DuplicateItem: 1, ConditionalCheckFailed: 1 },
      tableWriteUnits: 1,
      indexWriteUnits: 1,
    });
  });

  it('counts statements that select as reads', async () => {
    await dynamo(worker).send(
      new BatchExecuteStatementCommand({
        Statements: [{ Statement: `SELECT * FROM "Things" WHERE pk='none'` }],
      }),
    );
    expect(endpoint.meter.read()).toMatchObject({ readUnits: 0.5, tableWriteUnits: 0 });
  });

  it.each([
    [undefined, undefined],
    ['NONE' as const, undefined],
    ['TOTAL' as const, { TableName: 'Things', CapacityUnits: 2 }],
    [
      'INDEXES' as const,
      {
        TableName: 'Things',
        CapacityUnits: 2,
        Table: { CapacityUnits: 1 },
        GlobalSecondaryIndexes: { 'by-colour': { CapacityUnits: 1 } },
      },
    ],
  ])('tells a caller that asked for %s of its capacity no more than that', async (asked, told) => {
    const { input } = putThing(`asked ${asked}`);
    const reply = await dynamo(api).send(
      new PutItemCommand({ ...input, ReturnConsumedCapacity: asked }),
    );
    expect(reply.ConsumedCapacity).toEqual(told);
  });

  it('starts again from nothing', async () => {
    await dynamo(api).send(putThing('before the reset'));
    endpoint.meter.reset();
    expect(endpoint.meter.read()).toEqual({
      requests: {},
      requestErrors: {},
      statementErrors: {},
      tableWriteUnits: 0,
      indexWriteUnits: 0,
      indexWriteUnitsByName: {},
      readUnits: 0,
      byCaller: {},
    });
  });
});

describe('an engine that was killed', () => {
  it('is waited for by the calls that come meanwhile', async () => {
    const client = new DynamoDBClient({ ...settings(api), maxAttempts: 3 });
    clients.push(client);
    process.kill(emulator.pid() as number, 'SIGKILL');
    await client.send(putThing('meanwhile'));
    const { Item } = await dynamo(api).send(
      new GetItemCommand({ TableName: 'Things', Key: { pk: { S: 'meanwhile' } } }),
    );
    expect(Item?.['pk']).toEqual({ S: 'meanwhile' });
  });
});

describe('invoking a function', () => {
  const send = (
    input: Omit<ConstructorParameters<typeof InvokeCommand>[0], 'FunctionName'>,
    FunctionName = worker.arn,
  ) => lambda(api).send(new InvokeCommand({ ...input, FunctionName }));

  it('answers a synchronous call with what the function returned', async () => {
    const reply = await send({ Payload: '{"a":1}' });
    expect(reply).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(reply.$metadata.requestId).toBe('r-1');
    expect(reply.FunctionError).toBeUndefined();
    expect(reply.Payload?.transformToString()).toBe('{"a":1}');
  });

  it("marks a function's own failure, which is no failure of the call", async () => {
    const reply = await send({ Payload: '{"fail":true}' });
    expect(reply).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
  });

  it('accepts an asynchronous event at once', async () => {
    const reply = await send({ InvocationType: 'Event', Payload: '{"b":2}' }, worker.name);
    expect(reply.StatusCode).toBe(202);
    expect(reply.$metadata.requestId).toBe('r-2');
    expect(invoker.accepted).toEqual(['{"b":2}']);
  });

  it('runs nothing in a dry run', async () => {
    expect((await send({ InvocationType: 'DryRun' })).StatusCode).toBe(204);
    expect(invoker.options).toEqual([]);
  });

  it.each(['RequestResponse', 'Event', 'DryRun'] as const)(
    'says that there is no such function (%s)',
    async (InvocationType) => {
      await expect(send({ InvocationType }, 'nobody')).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        $metadata: { httpStatusCode: 404 },
      });
    },
  );

  it('refuses a caller without a known key', async () => {
    const call = lambda().send(new InvokeCommand({ FunctionName: worker.arn }));
    await expect(call).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('refuses a payload that is no JSON', async () => {
    await expect(send({ Payload: 'not json' })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
  });

  it.each([
    ['RequestResponse' as const, 6 * 1024 * 1024],
    ['Event' as const, 1024 * 1024],
  ])('takes a payload of at most its limit (%s)', async (InvocationType, limit) => {
    const payload = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;
    await expect(send({ InvocationType, Payload: payload(limit) })).resolves.toBeDefined();
    await expect(send({ InvocationType, Payload: payload(limit + 1) })).rejects.toMatchObject({
      name: 'RequestEntityTooLargeException',
      $metadata: { httpStatusCode: 413 },
    });
  });

  it("is counted for the function that called, whatever the function's name looks like", async () => {
    await send({ Payload: '{}' });
    expect(calls).toMatchObject([
      {
        service: 'lambda',
        operation: 'Invoke',
        caller: 'the-api',
        request: { functionName: worker.arn, invocationType: 'RequestResponse' },
        statusCode: 200,
      },
    ]);
  });
});
