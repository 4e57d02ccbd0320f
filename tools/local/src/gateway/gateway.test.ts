import { request } from 'node:http';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { ApiModel, RouteModel } from '../model.js';
import { UnknownFunctionError, type FunctionInvoker, type InvokeResult } from '../runtime.js';
import { startGateway, type Gateway } from './gateway.js';
import { probe, type Probe } from './http-probe.js';

const ARN = 'arn:aws:lambda:eu-north-1:000000000000:function:workflow-api';
const NOW = Date.UTC(2026, 3, 9, 12, 34, 56, 789);

const proxy = (
  method: string,
  resourcePath: string,
  more: Partial<RouteModel> = {},
): RouteModel => ({
  method,
  resourcePath,
  integration: { kind: 'lambda', functionArn: ARN },
  ...more,
});

const API: ApiModel = {
  id: 'abcdef1234',
  stage: 'prod',
  routes: [proxy('ANY', '/{proxy+}')],
  gatewayResponses: {},
};

const succeed = (payload: unknown): Promise<InvokeResult> =>
  Promise.resolve({ requestId: 'r', payload: JSON.stringify(payload) });

describe('serving a REST API', () => {
  let gateway: Gateway | undefined;
  let events: APIGatewayProxyEvent[];
  let respond: () => Promise<InvokeResult>;

  beforeEach(() => {
    events = [];
    respond = () => succeed({ statusCode: 200, body: 'ok' });
  });
  afterEach(async () => gateway?.stop());

  const invoker: FunctionInvoker = {
    invoke(nameOrArn, payload) {
      if (nameOrArn !== ARN) return Promise.reject(new UnknownFunctionError(nameOrArn));
      events.push(JSON.parse(payload) as APIGatewayProxyEvent);
      return respond();
    },
    invokeAsync: () => Promise.reject(new Error('an API never invokes asynchronously')),
  };

  async function ask(path: string, options: Probe = {}, api: Partial<ApiModel> = {}) {
    gateway = await startGateway({
      api: { ...API, ...api },
      invoker,
      port: 0,
      host: 'localhost',
      now: () => NOW,
    });
    return probe(gateway.port, path, options);
  }

  describe('the event a function gets', () => {
    it('is the whole of a version 1.0 proxy event', async () => {
      const heard = await ask(
        '/prod/workflows/a%2Fb?limit=5&tag=x&tag=y%20z&empty=',
        {
          method: 'POST',
          headers: { 'X-Custom': 'one', 'User-Agent': 'probe', 'Content-Type': 'text/plain' },
          body: 'hällo',
        },
        { routes: [proxy('POST', '/workflows/{workflowId}')] },
      );
      expect(heard).toMatchObject({ status: 200, body: 'ok' });
      const [event] = events;
      expect(event).toMatchObject({
        resource: '/workflows/{workflowId}',
        path: '/workflows/a%2Fb',
        httpMethod: 'POST',
        pathParameters: { workflowId: 'a%2Fb' },
        queryStringParameters: { limit: '5', tag: 'y z', empty: '' },
        multiValueQueryStringParameters: { limit: ['5'], tag: ['x', 'y z'], empty: [''] },
        stageVariables: null,
        body: 'hällo',
        isBase64Encoded: false,
        requestContext: {
          accountId: '000000000000',
          apiId: 'abcdef1234',
          stage: 'prod',
          httpMethod: 'POST',
          path: '/prod/workflows/a%2Fb',
          resourcePath: '/workflows/{workflowId}',
          protocol: 'HTTP/1.1',
          requestTime: '09/Apr/2026:12:34:56 +0000',
          requestTimeEpoch: NOW,
          requestId: heard.headers['x-amzn-requestid'],
          identity: { userAgent: 'probe' },
        },
      });
      expect(['127.0.0.1', '::1']).toContain(event?.requestContext.identity.sourceIp);
      expect(event?.headers).toMatchObject({
        'X-Custom': 'one',
        'Content-Type': 'text/plain',
        'X-Forwarded-Proto': 'http',
        'X-Forwarded-Port': String(gateway?.port),
      });
      expect(event?.multiValueHeaders).toMatchObject({ 'X-Custom': ['one'] });
    });

    it('has null where there is nothing', async () => {
      await ask('/prod/', {}, { routes: [proxy('GET', '/')] });
      expect(events[0]).toMatchObject({
        path: '/',
        pathParameters: null,
        queryStringParameters: null,
        multiValueQueryStringParameters: null,
        body: null,
      });
    });

    it('carries a body of a binary media type as base64', async () => {
      const body = Buffer.from([0xff, 0x00, 0xfe]);
      const headers = { 'Content-Type': 'image/png' };
      await ask('/prod/x', { method: 'PUT', headers, body }, { binaryMediaTypes: ['image/*'] });
      expect(events[0]).toMatchObject({ body: body.toString('base64'), isBase64Encoded: true });
    });
  });

  describe('the answer a function gives', () => {
    it('keeps status, headers and every value of a multi-value header', async () => {
      respond = () =>
        succeed({
          statusCode: 201,
          headers: { Location: '/x', 'X-Count': 5, 'Set-Cookie': 'lost' },
          multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
          body: '{}',
        });
      const heard = await ask('/prod/x');
      expect(heard.status).toBe(201);
      expect(heard.headers).toMatchObject({
        location: '/x',
        'x-count': '5',
        'set-cookie': ['a=1', 'b=2'],
        'content-type': 'application/json',
      });
    });

    it('decodes base64 for a client that accepts a binary media type, and for no other', async () => {
      respond = () =>
        succeed({ statusCode: 200, body: 'aGk=', isBase64Encoded: true, headers: null });
      const binary = { binaryMediaTypes: ['image/png'] };
      const heard = await ask('/prod/x', { headers: { Accept: 'image/png,*/*' } }, binary);
      expect(heard.body).toBe('hi');
      const other = await probe(gateway!.port, '/prod/x', { headers: { Accept: 'text/html' } });
      expect(other.body).toBe('aGk=');
    });

    it('has no body for HEAD, nor with 204', async () => {
      const heard = await ask('/prod/x', { method: 'HEAD' });
      expect(heard).toMatchObject({ status: 200, body: '', headers: { 'content-length': '2' } });
      respond = () => succeed({ statusCode: 204 });
      const empty = await probe(gateway!.port, '/prod/x', { method: 'DELETE' });
      expect(empty).toMatchObject({ status: 204, body: '' });
      expect(empty.headers).not.toHaveProperty('content-length');
    });

    it.each<[string, () => Promise<InvokeResult>]>([
      ['no object', () => succeed('text')],
      ['nothing', () => succeed(null)],
      ['no status', () => succeed({ body: 'x' })],
      ['a status that is none', () => succeed({ statusCode: 42 })],
      ['a body that is no text', () => succeed({ statusCode: 200, body: {} })],
      [
        'a header that would split the answer',
        () => succeed({ statusCode: 200, headers: { a: 'x\r\nb: y' } }),
      ],
      ['no JSON', () => Promise.resolve({ requestId: 'r', payload: 'undefined' })],
      [
        'an error',
        () =>
          Promise.resolve({
            requestId: 'r',
            payload: '{"statusCode":200,"errorMessage":"secret"}',
            functionError: 'Unhandled',
          }),
      ],
    ])('is 502 without details when it is %s', async (_, answer) => {
      respond = answer;
      const heard = await ask('/prod/x');
      expect(heard).toMatchObject({ status: 502, body: '{"message":"Internal server error"}' });
    });

    it('is 504 when it takes longer than the integration may', async () => {
      respond = () => new Promise(() => undefined);
      const integration = { kind: 'lambda', functionArn: ARN, timeoutMs: 20 } as const;
      const heard = await ask('/prod/x', {}, { routes: [proxy('GET', '/x', { integration })] });
      expect(heard).toMatchObject({
        status: 504,
        body: '{"message":"Endpoint request timed out"}',
      });
    });

    it('is 500 when there is no such function', async () => {
      const integration = { kind: 'lambda', functionArn: `${ARN}-gone` } as const;
      const heard = await ask('/prod/x', {}, { routes: [proxy('GET', '/x', { integration })] });
      expect(heard).toMatchObject({ status: 500, body: '{"message":"Internal server error"}' });
    });
  });

  describe('what the gateway answers itself', () => {
    it('refuses what no route matches', async () => {
      const heard = await ask('/prod/y', {}, { routes: [proxy('GET', '/x')] });
      expect(heard).toMatchObject({
        status: 403,
        body: '{"message":"Missing Authentication Token"}',
        headers: { 'x-amzn-errortype': 'MissingAuthenticationTokenException' },
      });
    });

    it.each(['/', '/production/x', '/test/x'])('refuses %s, outside of the stage', async (path) => {
      const heard = await ask(path);
      expect(heard).toMatchObject({ status: 403, body: '{"message":"Forbidden"}' });
      expect(events).toEqual([]);
    });

    it('refuses a body over 10 MB, announced or not', async () => {
      const body = Buffer.alloc(10 * 1024 * 1024 + 1, 'x');
      const headers = { 'Transfer-Encoding': 'chunked' };
      const chunked = await ask('/prod/x', { method: 'POST', headers, body });
      expect(chunked).toMatchObject({ status: 413, body: '{"message":"Request Too Long"}' });
      const length = String(body.length);
      const announced = await new Promise<number | undefined>((resolve, reject) => {
        const sent = request(
          { port: gateway!.port, path: '/prod/x', method: 'POST', agent: false },
          (response) => {
            resolve(response.statusCode);
            sent.destroy();
          },
        );
        sent.on('error', reject);
        sent.setHeader('Content-Length', length);
        sent.flushHeaders();
      });
      expect(announced).toBe(413);
      expect(events).toEqual([]);
    });

    it('refuses a body its schema does not allow, before the function sees it', async () => {
      const bodySchemas = { 'application/json': { type: 'object' } };
      const heard = await ask(
        '/prod/x',
        { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '[]' },
        { routes: [proxy('POST', '/x', { bodySchemas })] },
      );
      expect(heard).toMatchObject({ status: 400, body: '{"message":"Invalid request body"}' });
      expect(events).toEqual([]);
    });

    it('fills in the gateway responses of the template', async () => {
      const heard = await ask(
        '/prod/x',
        {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', Origin: 'http://localhost:4200' },
          body: '{"say \\"hi\\"":1}',
        },
        {
          routes: [
            proxy('POST', '/x', {
              bodySchemas: { 'application/json': { additionalProperties: false } },
            }),
          ],
          gatewayResponses: {
            BAD_REQUEST_BODY: {
              statusCode: 422,
              headers: {
                'Access-Control-Allow-Origin': 'method.request.header.origin',
                'content-type': "'application/problem+json'",
                'X-Request': 'context.requestId',
                'X-None': 'context.nothing',
              },
              templates: {
                'application/json':
                  '{"title":$context.error.messageString,"raw":"$context.error.message","detail":"$context.error.validationErrorString","id":"$context.requestId","none":"$context.nothing"}',
              },
            },
          },
        },
      );
      const id = heard.headers['x-amzn-requestid'];
      expect(heard.status).toBe(422);
      expect(heard.headers).toMatchObject({
        'access-control-allow-origin': 'http://localhost:4200',
        'content-type': 'application/problem+json',
        'x-request': id,
      });
      expect(heard.headers).not.toHaveProperty('x-none');
      expect(JSON.parse(heard.body)).toEqual({
        title: 'Invalid request body',
        raw: 'Invalid request body',
        detail: '[the body must NOT have additional properties (say "hi")]',
        id,
        none: '',
      });
    });

    it.each([
      ['DEFAULT_4XX', '/prod', 403],
      ['DEFAULT_5XX', '/prod/x', 502],
    ])('falls back to %s and keeps the status', async (type, path, status) => {
      respond = () => succeed(null);
      const gatewayResponses = {
        [type]: { headers: { 'Access-Control-Allow-Origin': "'*'" }, templates: {} },
      };
      const heard = await ask(path, {}, { gatewayResponses });
      expect(heard.status).toBe(status);
      expect(heard.headers['access-control-allow-origin']).toBe('*');
    });

    const preflight: RouteModel = {
      method: 'OPTIONS',
      resourcePath: '/{proxy+}',
      integration: {
        kind: 'mock',
        statusCode: 204,
        headers: { 'Access-Control-Allow-Origin': 'https://a.example', Vary: 'Origin' },
        echoedOrigins: ['http://localhost:4200'],
      },
    };

    it.each([
      ['http://localhost:4200', 'http://localhost:4200'],
      ['https://evil.example', 'https://a.example'],
    ])('answers a preflight from %s with %s', async (origin, allowed) => {
      const heard = await ask(
        '/prod/workflows',
        { method: 'OPTIONS', headers: { Origin: origin } },
        { routes: [...API.routes, preflight] },
      );
      expect(heard).toMatchObject({
        status: 204,
        headers: { 'access-control-allow-origin': allowed, vary: 'Origin' },
      });
      expect(events).toEqual([]);
    });
  });

  it('says where it serves its stage', async () => {
    await ask('/prod/x');
    expect(gateway?.url).toBe(`http://localhost:${gateway?.port}/prod/`);
  });

  it('refuses to start on a schema that is none, rather than let every body through', async () => {
    const bodySchemas = { 'application/json': { type: 'no-such-type' } };
    await expect(
      ask('/prod/x', {}, { routes: [proxy('POST', '/x', { bodySchemas })] }),
    ).rejects.toThrow('schema is invalid');
  });
});
