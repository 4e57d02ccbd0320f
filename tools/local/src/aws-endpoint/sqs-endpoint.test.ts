import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { FunctionModel, QueueModel } from '../model.js';
import { openQueueStore } from '../queues/queue-store.js';
import type { QueueStore } from '../runtime.js';
import { startAwsEndpoint, type AwsEndpoint } from './aws-endpoint.js';
import { credentialsOf, OPERATOR } from './identities.js';
import type { AwsCall } from './meter.js';

const region = 'eu-west-1';
const queueNamed = (name: string, more: Partial<QueueModel> = {}): QueueModel => ({
  name,
  arn: `arn:aws:sqs:${region}:111111111111:${name}`,
  url: `https://sqs.${region}.amazonaws.com/111111111111/${name}`,
  ...more,
});
const failures = queueNamed('Failures');
const patient = queueNamed('Patient', { visibilityTimeoutSeconds: 600 });
const orchestrator = {
  name: 'orchestrator',
  arn: `arn:aws:lambda:${region}:111111111111:function:orchestrator`,
  statements: [],
} as Partial<FunctionModel> as FunctionModel;

let directory: string;
let store: QueueStore;
let endpoint: AwsEndpoint;
let calls: AwsCall[];
let sqs: SQSClient;
let local: (queue: QueueModel) => string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sqs-'));
  store = await openQueueStore(directory);
  calls = [];
  endpoint = await startAwsEndpoint({
    ...{ engineUrl: 'http://127.0.0.1:9', tables: [], functions: [orchestrator] },
    queues: { queues: [failures, patient], store },
    invoker: () => {
      throw new Error('nothing is invoked here');
    },
    onCall: (call) => calls.push(call),
  });
  local = ({ url }) => endpoint.url + new URL(url).pathname;
  sqs = clientOf(OPERATOR.accessKeyId);
});
afterEach(async () => {
  sqs.destroy();
  await endpoint.stop();
  rmSync(directory, { recursive: true });
});

/** Without an `endpoint`: as a function's client is made, which calls the host that the queue's URL names. */
function clientOf(accessKeyId: string, more = {}): SQSClient {
  return new SQSClient({
    region,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: 'local' },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...more,
  });
}
const send = (MessageBody: string, QueueUrl = local(failures)) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
const receive = async (more = {}) => {
  const QueueUrl = local(failures);
  return (await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...more }))).Messages ?? [];
};

describe('a message', () => {
  it('comes to whoever receives it, with its checksum, and stays in the data directory', async () => {
    const { MessageId } = await send('{"word":"größer"}');
    const [message] = await receive({ MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      MessageId,
      Body: '{"word":"größer"}',
      Attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13,}$/),
      },
    });
    expect(await store.peek(failures.arn, 10)).toMatchObject([{ body: '{"word":"größer"}' }]);
  });

  it('that the runtime sent comes too', async () => {
    await store.send(failures.arn, 'given up on');
    expect(await receive()).toMatchObject([{ Body: 'given up on' }]);
  });

  it('is hidden while it is held, and back when it is let go, under the same id', async () => {
    await send('one');
    const [held] = await receive({ VisibilityTimeout: 60 });
    expect(await receive()).toEqual([]);
    const { ReceiptHandle } = held!;
    const QueueUrl = local(failures);
    await sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
    );
    const [again] = await receive({ AttributeNames: ['ApproximateReceiveCount'] });
    expect(again).toMatchObject({
      MessageId: held!.MessageId,
      Attributes: { ApproximateReceiveCount: '2' },
    });
  });

  it('is gone once it is deleted', async () => {
    await send('one');
    const [held] = await receive({ VisibilityTimeout: 0 });
    const { ReceiptHandle } = held!;
    await sqs.send(new DeleteMessageCommand({ QueueUrl: local(failures), ReceiptHandle }));
    expect(await receive()).toEqual([]);
    expect(await store.count(failures.arn)).toBe(0);
  });

  it('comes ten at a time at most', async () => {
    for (let n = 0; n < 12; n++) await send(String(n));
    const first = await receive({ MaxNumberOfMessages: 10 });
    expect(first.map(({ Body }) => Body)).toEqual(Array.from({ length: 10 }, (_, n) => String(n)));
    expect(await receive({ MaxNumberOfMessages: 10 })).toHaveLength(2);
  });

  it('is waited for, no longer than asked', async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    await send('late');
    expect(await waiting).toMatchObject([{ Body: 'late' }]);
    const began = performance.now();
    expect(await receive({ WaitTimeSeconds: 1 })).toEqual([]);
    expect(performance.now() - began).toBeGreaterThanOrEqual(950);
  });

  it('is not waited for when the runtime stops', async () => {
    const waiting = receive({ WaitTimeSeconds: 20 }).catch(() => []);
    const began = performance.now();
    await receive();
    await endpoint.stop();
    expect(await waiting).toEqual([]);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe('the queues of the template', () => {
  it('are known by their own address and by the one they have here', async () => {
    expect(await sqs.send(new SendMessageCommand({ QueueUrl: local(patient), MessageBody: 'a' })));
    const here = clientOf(OPERATOR.accessKeyId, { endpoint: endpoint.url });
    await here.send(new SendMessageCommand({ QueueUrl: patient.url, MessageBody: 'b' }));
    const { QueueUrl } = await here.send(new GetQueueUrlCommand({ QueueName: 'Patient' }));
    here.destroy();
    expect(QueueUrl).toBe(local(patient));
    expect(await store.count(patient.arn)).toBe(2);
  });

  it('tell what lies in them', async () => {
    for (const body of ['a', 'b', 'c']) await send(body);
    await receive();
    const AttributeNames = ['All' as const];
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: local(failures), AttributeNames }),
    );
    expect(Attributes).toEqual({
      QueueArn: failures.arn,
      ApproximateNumberOfMessages: '2',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '0',
      VisibilityTimeout: '30',
    });
  });

  it('hide messages for as long as the template says', async () => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: local(patient),
        AttributeNames: ['VisibilityTimeout'],
      }),
    );
    expect(Attributes).toEqual({ VisibilityTimeout: '600' });
  });
});

describe('what SQS refuses', () => {
  it('a queue that does not exist, in a way the SDK knows', async () => {
    const unknown = send('a', `${endpoint.url}/111111111111/Nobodys`);
    await expect(unknown).rejects.toBeInstanceOf(QueueDoesNotExist);
    await expect(unknown).rejects.toMatchObject({
      message: 'The specified queue does not exist.',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
      $metadata: { httpStatusCode: 400 },
    });
    expect(calls).toMatchObject([
      { service: 'sqs', operation: 'SendMessage', statusCode: 400, errorCode: 'QueueDoesNotExist' },
    ]);
    await expect(
      clientOf(OPERATOR.accessKeyId, { endpoint: endpoint.url }).send(
        new GetQueueUrlCommand({ QueueName: 'Nobodys' }),
      ),
    ).rejects.toBeInstanceOf(QueueDoesNotExist);
  });

  // By the codes of the older protocol, by which the SDK names what its model does not.
  it.each([
    ['an action it does not have here', () => new ListQueuesCommand({}), 'InvalidAction'],
    [
      'an empty message',
      () => new SendMessageCommand({ QueueUrl: local(failures), MessageBody: '' }),
      'MissingParameter',
    ],
    [
      'a message that is too long',
      () =>
        new SendMessageCommand({ QueueUrl: local(failures), MessageBody: 'x'.repeat(1_048_577) }),
      'InvalidParameterValue',
    ],
    [
      'characters that no message may hold',
      () => new SendMessageCommand({ QueueUrl: local(failures), MessageBody: 'a\u0000b' }),
      'InvalidMessageContents',
    ],
    [
      'attributes of a message, which are not kept here',
      () =>
        new SendMessageCommand({
          QueueUrl: local(failures),
          MessageBody: 'a',
          MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } },
        }),
      'UnsupportedOperation',
    ],
    [
      'more than ten messages at once',
      () => new ReceiveMessageCommand({ QueueUrl: local(failures), MaxNumberOfMessages: 11 }),
      'InvalidParameterValue',
    ],
    [
      'to wait longer than 20 seconds',
      () => new ReceiveMessageCommand({ QueueUrl: local(failures), WaitTimeSeconds: 21 }),
      'InvalidParameterValue',
    ],
    [
      'a receipt that is none',
      () => new DeleteMessageCommand({ QueueUrl: local(failures), ReceiptHandle: '../a' }),
      'ReceiptHandleIsInvalid',
    ],
    [
      'an attribute it does not know',
      () =>
        new GetQueueAttributesCommand({
          QueueUrl: local(failures),
          AttributeNames: ['Colour' as 'All'],
        }),
      'InvalidAttributeName',
    ],
  ])('%s', async (_, command, name) => {
    const client = clientOf(OPERATOR.accessKeyId, { endpoint: endpoint.url });
    await expect(client.send(command() as SendMessageCommand)).rejects.toMatchObject({ name });
    client.destroy();
    expect(calls).toMatchObject([{ service: 'sqs', statusCode: 400 }]);
    expect(endpoint.meter.read().requestErrors).toEqual({ [calls[0]?.errorCode ?? '']: 1 });
    expect(await store.count(failures.arn)).toBe(0);
  });

  it('a change to a message that nobody holds', async () => {
    await send('a');
    const [held] = await receive({ VisibilityTimeout: 0 });
    const change = new ChangeMessageVisibilityCommand({
      QueueUrl: local(failures),
      ReceiptHandle: held!.ReceiptHandle,
      VisibilityTimeout: 10,
    });
    await expect(sqs.send(change)).rejects.toMatchObject({ name: 'MessageNotInflight' });
  });

  it('a caller that is nobody', async () => {
    const stranger = clientOf('AKIANOBODYWEKNOW0000');
    const sending = new SendMessageCommand({ QueueUrl: local(failures), MessageBody: 'a' });
    await expect(stranger.send(sending)).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
      $metadata: { httpStatusCode: 403 },
    });
    stranger.destroy();
    expect(calls).toMatchObject([{ caller: 'unknown', errorCode: 'UnrecognizedClientException' }]);
  });
});

it('counts each call as that of the function that made it', async () => {
  const client = clientOf(credentialsOf(orchestrator.arn)['AWS_ACCESS_KEY_ID'] ?? '');
  await client.send(new SendMessageCommand({ QueueUrl: local(failures), MessageBody: 'a' }));
  client.destroy();
  await receive();
  expect(endpoint.meter.read().byCaller).toMatchObject({
    orchestrator: { requests: { SendMessage: 1 }, tableWriteUnits: 0 },
    operator: { requests: { ReceiveMessage: 1 } },
  });
  expect(calls[0]).toMatchObject({
    service: 'sqs',
    request: { QueueUrl: local(failures), MessageBody: 'a' },
  });
});
