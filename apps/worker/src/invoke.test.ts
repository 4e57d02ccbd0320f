/** The real SDK against a real HTTP server that answers as Lambda does. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { LIMITS, type TaskPayload } from '@orchestra/workflow-core';
import { createInvoke } from './invoke.js';

const payload: TaskPayload = {
  workflowId: 'w',
  taskId: 'A',
  attempt: 1,
  idempotencyKey: 'w/A/1',
  input: {},
  dependencies: {},
};

type Answer = (response: ServerResponse) => void;
const json =
  (body: string, headers: Record<string, string> = {}, status = 200): Answer =>
  (response) =>
    response
      .writeHead(status, {
        'content-type': 'application/json',
        'x-amzn-requestid': 'request-1',
        ...headers,
      })
      .end(body);
const functionError = (document: object) =>
  json(JSON.stringify(document), { 'x-amz-function-error': 'Unhandled' });
const throttled = json(
  '{"Type":"User","message":"Rate Exceeded."}',
  { 'x-amzn-errortype': 'TooManyRequestsException' },
  429,
);

describe('invoking a task function', () => {
  let server: Server;
  let calls: string[];
  let answers: Answer[];

  beforeEach(async () => {
    calls = [];
    answers = [];
    server = createServer((request, response) => {
      calls.push(decodeURIComponent(request.url ?? ''));
      request.resume().on('end', () => (answers.shift() ?? answers.at(-1))?.(response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function invokeWith(...given: Answer[]) {
    answers.push(...given);
    const { port } = server.address() as AddressInfo;
    const lambda = new LambdaClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });
    return createInvoke({
      lambda,
      functions: { A: 'arn:aws:lambda:eu-central-1:000000000000:function:task-a' },
      pause: async () => {},
      now: () => Date.now(),
      random: Math.random,
    });
  }

  it('gives its JSON and its request id', async () => {
    const invoke = invokeWith(json('{"sum":3}'));
    expect(await invoke('A', payload, 5_000)).toEqual({
      kind: 'succeeded',
      output: { sum: 3 },
      requestId: 'request-1',
    });
    expect(calls).toEqual([
      '/2015-03-31/functions/arn:aws:lambda:eu-central-1:000000000000:function:task-a/invocations',
    ]);
  });

  it.each(['B', 'constructor', '__proto__', 'arn:aws:lambda:x:1:function:other'])(
    'never calls "%s", which is not registered',
    async (name) => {
      const outcome = await invokeWith(json('1'))(name, payload, 5_000);
      expect(outcome).toMatchObject({ kind: 'failed', error: { type: 'FunctionNotRegistered' } });
      expect(calls).toEqual([]);
    },
  );

  it.each([
    ['Node', { errorType: 'RangeError', errorMessage: 'no', trace: ['at a', 'at b'] }],
    ['Python', { errorType: 'RangeError', errorMessage: 'no', stackTrace: ['at a', 'at b'] }],
  ])('keeps type, message and trace of an error thrown in %s', async (_, document) => {
    expect(await invokeWith(functionError(document))('A', payload, 5_000)).toEqual({
      kind: 'failed',
      error: { type: 'RangeError', message: 'no', trace: ['at a', 'at b'] },
      requestId: 'request-1',
    });
  });

  it('tells a function that ran into its own Lambda timeout', async () => {
    const document = {
      errorType: 'Sandbox.Timedout',
      errorMessage: 'Task timed out after 3.00 seconds',
    };
    expect(await invokeWith(functionError(document))('A', payload, 5_000)).toMatchObject({
      kind: 'failed',
      reason: 'TIMEOUT',
      error: { type: 'TaskTimeout', message: 'Task timed out after 3.00 seconds' },
    });
  });

  it.each([
    ['Runtime.OutOfMemory', 'Runtime used more than its 128 MB', 'OutOfMemory'],
    ['Runtime.ExitError', 'Runtime exited with error: signal: killed', 'OutOfMemory'],
    ['Runtime.ExitError', 'Runtime exited with error: exit status 3', 'FunctionCrashed'],
    ['Function.ResponseSizeTooLarge', 'Response payload size exceeded', 'OutputTooLarge'],
    ['Runtime.MarshalError', 'Unable to marshal response', 'InvalidOutput'],
    ['Runtime.HandlerNotFound', 'no handler', 'Runtime.HandlerNotFound'],
    ['MyError', 'Task timed out after lunch, signal: killed', 'MyError'],
  ])('takes %s "%s" for %s', async (errorType, errorMessage, type) => {
    const invoke = invokeWith(functionError({ errorType, errorMessage }));
    expect(await invoke('A', payload, 5_000)).toMatchObject({
      kind: 'failed',
      error: { type, message: errorMessage },
    });
  });

  it('ends the attempt when the task does not answer in its time', async () => {
    const outcome = await invokeWith(() => {})('A', payload, 50);
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: 'TIMEOUT',
      error: { type: 'TaskTimeout' },
    });
    expect(calls).toHaveLength(1);
  });

  it('tries again after a throttle, which did not run it', async () => {
    const outcome = await invokeWith(throttled, throttled, json('7'))('A', payload, 5_000);
    expect(outcome).toMatchObject({ kind: 'succeeded', output: 7 });
    expect(calls).toHaveLength(3);
  });

  it('does not try again when it may have run', async () => {
    const outcome = await invokeWith((response) => response.destroy(), json('7'))(
      'A',
      payload,
      5_000,
    );
    expect(outcome).toMatchObject({ kind: 'failed', error: { type: 'InvocationFailed' } });
    expect(calls).toHaveLength(1);
  });

  it('names a registered function that is not deployed', async () => {
    const gone = json(
      '{"Message":"Function not found"}',
      { 'x-amzn-errortype': 'ResourceNotFoundException' },
      404,
    );
    expect(await invokeWith(gone)('A', payload, 5_000)).toMatchObject({
      error: { type: 'FunctionNotFound', message: 'Function not found' },
    });
  });

  it('sends nothing that is above what Lambda takes, and says how large it is', async () => {
    const half = 'x'.repeat(LIMITS.invocationBytes / 2);
    const large = { ...payload, input: half, dependencies: { U: half } };
    expect(await invokeWith(json('1'))('A', large, 1_000)).toMatchObject({
      kind: 'failed',
      error: {
        type: 'InputTooLarge',
        message: expect.stringContaining(`limit of ${LIMITS.invocationBytes}`),
      },
    });
    expect(calls).toEqual([]);
  });

  it('names an input that is too large for a function', async () => {
    const refused = json(
      '{"Message":"Request must be smaller than 6291456 bytes"}',
      { 'x-amzn-errortype': 'RequestTooLargeException' },
      413,
    );
    expect(await invokeWith(refused)('A', payload, 5_000)).toMatchObject({
      error: { type: 'InputTooLarge' },
    });
  });

  it('calls an answer that is not JSON by name', async () => {
    expect(await invokeWith(json('<html>'))('A', payload, 5_000)).toMatchObject({
      kind: 'failed',
      error: { type: 'InvalidOutput' },
    });
  });

  it('takes no answer for null', async () => {
    expect(await invokeWith(json(''))('A', payload, 5_000)).toMatchObject({ output: null });
  });

  it('cuts an endless trace and says so', async () => {
    const trace = Array.from({ length: 100 }, (_, n) => `${n} ${'x'.repeat(200)}`);
    const document = { errorType: 'E', errorMessage: 'y'.repeat(5_000), trace };
    const outcome = await invokeWith(functionError(document))('A', payload, 5_000);
    if (outcome.kind !== 'failed') throw new Error('it succeeded');
    expect(outcome.error.trace).toHaveLength(20);
    expect(outcome.error.trace.at(-1)).toBe('... (81 more lines)');
    expect(outcome.error.message).toMatch(/^y{1000}\.\.\. \(5000 characters\)$/);
  });
});
