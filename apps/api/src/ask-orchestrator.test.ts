import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { orchestratorBehindLambda } from './ask-orchestrator.js';

/** Lambda's Invoke API as HTTP, answering what a test says. */
describe('asking the orchestrator', () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((closed) => server?.close(closed));
  });

  const against = async (listener: RequestListener) => {
    server = createServer(listener).listen(0, '127.0.0.1');
    await new Promise((listening) => server?.once('listening', listening));
    const { port } = server.address() as AddressInfo;
    const client = new LambdaClient({
      region: 'eu-west-1',
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    return orchestratorBehindLambda(client, 'arn:aws:lambda:eu-west-1:111111111111:function:o');
  };
  const start = { mode: 'start', workflowId: 'w-1', input: { n: 1 } } as const;
  const startAgainst = async (listener: RequestListener) => (await against(listener)).start(start);

  it('sends the request and reads the answer', async () => {
    const answer = { kind: 'created', workflowId: 'w-1', status: 'RUNNING' };
    let sent = '';
    const started = await startAgainst((request, response) => {
      request.on('data', (part) => (sent += String(part)));
      request.on('end', () => response.end(JSON.stringify(answer)));
    });
    expect(started).toEqual(answer);
    expect(JSON.parse(sent)).toEqual({ mode: 'start', workflowId: 'w-1', input: { n: 1 } });
  });

  it.each([
    ['a function that failed', 200, { 'x-amz-function-error': 'Unhandled' }],
    ['a throttle', 429, { 'x-amzn-errortype': 'TooManyRequestsException' }],
    ['a failure on the side of Lambda', 500, { 'x-amzn-errortype': 'ServiceException' }],
  ])('can be repeated after %s, with the id that makes it safe', async (_, status, headers) => {
    await expect(
      startAgainst((_request, response) => response.writeHead(status, headers).end('{}')),
    ).rejects.toMatchObject({
      code: 'ORCHESTRATOR_UNAVAILABLE',
      message: expect.stringContaining('"workflowId": "w-1"'),
    });
  });

  it('can be repeated when nobody answers', async () => {
    await expect(startAgainst((request) => request.socket.destroy())).rejects.toMatchObject({
      code: 'ORCHESTRATOR_UNAVAILABLE',
    });
  });

  it.each([
    ['AccessDeniedException', 403],
    ['ResourceNotFoundException', 404],
  ])('does not call %s passing: repeating would not help', async (type, status) => {
    await expect(
      startAgainst((_request, response) =>
        response.writeHead(status, { 'x-amzn-errortype': type }).end('{}'),
      ),
    ).rejects.toMatchObject({ name: type });
  });

  const gone: RequestListener = (request) => request.socket.destroy();

  it('says how to be sure of a cancel', async () => {
    const asked = (await against(gone)).cancel({ mode: 'cancel', workflowId: 'w-1' });
    await expect(asked).rejects.toMatchObject({
      message: expect.stringContaining('send the request again'),
    });
  });

  it('says how to be sure of a redrive', async () => {
    const asked = (await against(gone)).redrive({
      mode: 'redrive',
      workflowId: 'w-1',
      token: 't',
      selection: { kind: 'unfinished' },
    });
    await expect(asked).rejects.toMatchObject({ message: expect.stringContaining('epoch') });
  });
});
