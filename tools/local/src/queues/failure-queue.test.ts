/** `orchestra dlq` against a running stack: the real command, the real SDK, real functions, stream and queue. */
import { realSystem, runCommandLine, type System } from '@orchestra/cli';
import { waitUntil } from '../emulator/wait-until.js';
import { startStack, type RunningStack } from '../stack.js';
import { AssemblyFixture, functionResources } from '../template/assembly-fixture.js';

jest.setTimeout(60_000);

const CALL = `
const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, TABLE_NAME, FAILURE_QUEUE_URL } = process.env;
const call = async (url, target, body) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'x-amz-target': target,
      authorization: 'AWS4-HMAC-SHA256 Credential=' + AWS_ACCESS_KEY_ID + '/20250101/us-east-1/x/aws4_request',
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
};
const table = (operation, body) =>
  call(AWS_ENDPOINT_URL, 'DynamoDB_20120810.' + operation, { TableName: TABLE_NAME, ...body });
const put = (pk) => table('PutItem', { Item: { pk: { S: pk } } });
const has = async (pk) => Boolean((await table('GetItem', { Key: { pk: { S: pk } }, ConsistentRead: true })).Item);`;

/** Fails at every batch; sends away what it is told is poison; checks what it is asked to, unless that is broken too. */
const ORCHESTRATOR = `${CALL}
exports.handler = async ({ mode, workflowId, workflowIds = [], Records }) => {
  if (Records) throw new TypeError('no batch is right');
  if (mode === 'poison')
    return call(FAILURE_QUEUE_URL, 'AmazonSQS.SendMessage', {
      QueueUrl: FAILURE_QUEUE_URL,
      MessageBody: JSON.stringify({
        ...{ kind: 'workflow', workflowId, epoch: 1, sequenceNumbers: ['7'] },
        ...{ error: { type: 'RangeError', message: 'of its own' }, at: '2030-01-01T00:00:00.000Z' },
      }),
    });
  const broken = workflowIds.filter((id) => id.startsWith('broken'));
  for (const id of workflowIds) if (!broken.includes(id)) await put('CHECKED#' + id);
  return { checked: workflowIds.length, repaired: 0, failed: broken.length };
};`;

/** Fails until it is healed. */
const WORKER = `${CALL}
exports.handler = async ({ workflowId }) => {
  if (!(await has('HEALED'))) throw new Error('the worker is ill');
  await put('DONE#' + workflowId);
};`;

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const variables = {
  Environment: {
    Variables: { TABLE_NAME: { Ref: 'Table' }, FAILURE_QUEUE_URL: { Ref: 'Failures' } },
  },
};
const toTheQueue = { DestinationConfig: { OnFailure: { Destination: arnOf('Failures') } } };

function assemblyWithAQueue(): AssemblyFixture {
  return new AssemblyFixture()
    .folder('orchestrator', { 'index.js': ORCHESTRATOR })
    .folder('worker', { 'index.js': WORKER })
    .stack('OrchestrationStack', {
      Resources: {
        Failures: { Type: 'AWS::SQS::Queue', Properties: {} },
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
            AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
            BillingMode: 'PAY_PER_REQUEST',
            StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
          },
        },
        ...functionResources('Orchestrator', 'orchestrator', variables),
        ...functionResources('Worker', 'worker', variables),
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
            FunctionName: { Ref: 'Orchestrator' },
            StartingPosition: 'TRIM_HORIZON',
            MaximumRetryAttempts: 0,
            FilterCriteria: {
              Filters: [{ Pattern: '{"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"WORKFLOW#"}]}}}}' }],
            },
            ...toTheQueue,
          },
        },
        Once: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            ...{ FunctionName: { Ref: 'Worker' }, Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
            ...toTheQueue,
          },
        },
      },
      Outputs: {
        OrchestratorArn: { Value: arnOf('Orchestrator') },
        WorkerArn: { Value: arnOf('Worker') },
        TaskFunctions: { Value: '{}' },
        FailureQueueUrl: { Value: { Ref: 'Failures' } },
      },
    })
    .finish();
}

const assembly = assemblyWithAQueue();
afterAll(() => assembly.remove());

let stack: RunningStack;
beforeEach(async () => {
  stack = await startStack({
    ...{ assemblyDirectory: assembly.directory, ephemeral: true, onNotice: () => undefined },
  });
});
afterEach(() => stack.stop());

const real = realSystem();
async function dlq(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const system: System = {
    ...real,
    terminal: {
      out: (l) => out.push(l),
      err: (l) => err.push(l),
      raw: () => {},
      size: undefined,
      ask: undefined,
    },
    readFile: () =>
      JSON.stringify({
        ...{ apiUrl: 'http://127.0.0.1:9', dashboardUrl: 'http://127.0.0.1:9', pid: process.pid },
        ...{ lambdaEndpoint: stack.awsEndpointUrl, outputs: stack.model.outputs },
      }),
  };
  const exitCode = await runCommandLine(['dlq', ...args], system);
  return { exitCode, out, err };
}
const listed = async () => {
  const { out } = await dlq('list', '--json');
  return (JSON.parse(out[0] ?? '') as { messages: { messageId: string; kind: string }[] }).messages;
};

const arnNamed = (logicalId: string) =>
  stack.model.functions.find((fn) => fn.logicalId === logicalId)?.arn ?? '';
const queued = async (count: number) => {
  const arn = stack.model.queues[0]?.arn ?? '';
  const isSo = async () => (await stack.queues.count(arn)) === count;
  expect(await waitUntil(isSo, { withinMs: 20_000, everyMs: 20 })).toBe(true);
};
const poison = (workflowId: string) =>
  stack.functions.invoke(arnNamed('Orchestrator'), JSON.stringify({ mode: 'poison', workflowId }));
const loseEvent = (workflowId: string) =>
  stack.functions.invokeAsync(arnNamed('Worker'), JSON.stringify({ workflowId }));

/** As the operator: straight to the table. */
const table = async (operation: string, body: object) => {
  const response = await fetch(stack.awsEndpointUrl, {
    method: 'POST',
    headers: {
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIALOCALOPERATOR000/20250101/us-east-1/dynamodb/aws4_request',
    },
    body: JSON.stringify({ TableName: stack.model.tables[0]?.name, ...body }),
  });
  return (await response.json()) as { Item?: object };
};
const put = (pk: string) => table('PutItem', { Item: { pk: { S: pk } } });
const has = async (pk: string) =>
  (await table('GetItem', { Key: { pk: { S: pk } }, ConsistentRead: true })).Item !== undefined;

describe('a function that sends to the queue of its template', () => {
  it('finds it by the address in its environment', async () => {
    const { functionError } = await poison('w1');
    expect(functionError).toBeUndefined();
    await queued(1);
    expect(stack.meter.read().byCaller['OrchestrationStack-Orchestrator']?.requests).toMatchObject({
      SendMessage: 1,
    });
  });
});

describe('dlq list', () => {
  it('shows each kind of failure, and shows it again', async () => {
    await poison('w1');
    await loseEvent('w2');
    await put('WORKFLOW#w3');
    await queued(3);
    const { out, exitCode } = await dlq('list');
    expect(exitCode).toBe(0);
    expect(out.join('\n')).toMatch(
      /workflow +w1 +2030-01-01T00:00:00.000Z +1 +RangeError: of its own/,
    );
    expect(out.join('\n')).toMatch(
      /event of OrchestrationStack-Worker +w2 +\S+ +1 +Error: the worker is ill/,
    );
    expect(out.join('\n')).toMatch(
      /1 stream records +- +\S+ +1 +Unhandled: RetryAttemptsExhausted/,
    );
    expect(await listed()).toMatchObject(Array(3).fill({ receiveCount: 2 }));
    await queued(3);
  });

  it('says that there is nothing', async () => {
    expect((await dlq('list')).out).toEqual(['the failure queue is empty']);
  });
});

describe('dlq redrive', () => {
  it('has a poisoned workflow checked, and takes the message out', async () => {
    await poison('w1');
    await queued(1);
    const { exitCode, out } = await dlq('redrive', '--all');
    expect(out.join('\n')).toMatch(/redriven +1 workflow checked, 0 repaired\n1 redriven, 0 left/);
    expect(exitCode).toBe(0);
    expect(await has('CHECKED#w1')).toBe(true);
    await queued(0);
  });

  it('invokes the function of a lost event again, with what it was given', async () => {
    await loseEvent('w2');
    await queued(1);
    await put('HEALED');
    expect(await dlq('redrive', '--all')).toMatchObject({ exitCode: 0, err: [] });
    const isDone = () => has('DONE#w2');
    expect(await waitUntil(isDone, { withinMs: 20_000, everyMs: 20 })).toBe(true);
    await queued(0);
  });

  it('reads the records of the stream again to learn whose they are', async () => {
    for (const id of ['w3', 'w4']) await put(`WORKFLOW#${id}`);
    await put('OTHER#w5');
    // The two may be given up on together or one after the other.
    const redriven = async () => {
      await dlq('redrive', '--all');
      return (await has('CHECKED#w3')) && (await has('CHECKED#w4'));
    };
    expect(await waitUntil(redriven, { withinMs: 20_000, everyMs: 20 })).toBe(true);
    expect(await has('CHECKED#w5')).toBe(false);
    await queued(0);
  });

  it('takes only the messages that are named', async () => {
    for (const id of ['w1', 'w2']) await poison(id);
    await queued(2);
    const [first, second] = await listed();
    expect(await dlq('redrive', second!.messageId)).toMatchObject({ exitCode: 0 });
    expect((await listed()).map(({ messageId }) => messageId)).toEqual([first!.messageId]);
    const { exitCode, out } = await dlq('redrive', second!.messageId);
    expect([exitCode, out.join('\n')]).toEqual([1, expect.stringContaining('not in the queue')]);
  });

  it('leaves in the queue, at hand, what could not be done, and goes on with the others', async () => {
    for (const id of ['broken', 'w1']) await poison(id);
    const forgotten = {
      shardId: 'shardId-00000001-Nowhere',
      streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Nowhere/stream/1',
    };
    await stack.queues.send(
      stack.model.queues[0]?.arn ?? '',
      JSON.stringify({
        requestContext: { functionArn: arnNamed('Orchestrator'), condition: 'RecordAgeExceeded' },
        DDBStreamBatchInfo: { ...forgotten, startSequenceNumber: '1', endSequenceNumber: '2' },
      }),
    );
    await stack.queues.send(stack.model.queues[0]?.arn ?? '', 'what is this');
    await stack.queues.send(
      stack.model.queues[0]?.arn ?? '',
      JSON.stringify({
        requestContext: {
          functionArn: `${arnNamed('Worker')}s:$LATEST`,
          condition: 'EventAgeExceeded',
        },
        requestPayload: {},
      }),
    );
    await queued(5);
    const { exitCode, out } = await dlq('redrive', '--all');
    const said = out.join('\n');
    expect(exitCode).toBe(1);
    expect(said).toMatch(/FAILED +the orchestrator could not check 1 of 1 workflow\n/);
    expect(said).toMatch(/FAILED +the stream has forgotten these records/);
    expect(said).toMatch(/FAILED +it is no message that this command knows/);
    expect(said).toMatch(/FAILED +\S+ is no function of this installation/);
    expect(said).toMatch(/1 redriven, 4 left in the queue$/);
    expect(await has('CHECKED#w1')).toBe(true);
    expect(await listed()).toHaveLength(4);
  });

  it('asks which ones', async () => {
    for (const args of [[], ['--all', 'some-id']])
      expect(await dlq('redrive', ...args)).toMatchObject({
        ...{ exitCode: 2, out: [], err: [expect.stringContaining('--all')] },
      });
  });
});
