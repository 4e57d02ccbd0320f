import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiModel, RouteModel } from '../model.js';
import type { FunctionInvoker, InvokeResult, Stoppable } from '../runtime.js';
import { createBodyCheck, type BodyCheck } from './body-validation.js';
import { gatewayResponse, type Fault } from './gateway-response.js';
import { headerOf, readBody, readIncoming, type IncomingRequest } from './incoming.js';
import { listenOnLoopback, type LoopbackOptions } from './loopback.js';
import { isBinary, proxyEvent } from './proxy-event.js';
import { readProxyResult, type Answer } from './proxy-result.js';
import { createRouter, type RouteMatch } from './route.js';

/** API Gateway's limits. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const INTEGRATION_TIMEOUT_MS = 29_000;

export interface StageOptions {
  readonly api: ApiModel;
  readonly invoker: FunctionInvoker;
  /** Epoch milliseconds; the machine's clock when left out. */
  readonly now?: () => number;
}

export interface Gateway extends Stoppable {
  /** The stage's address, with a slash at its end: `http://localhost:3000/prod/`. */
  readonly url: string;
  readonly port: number;
}

/**
 * Serves one stage of a REST API as API Gateway does.
 * @throws PortInUseError
 * @throws Error when a model of the API is not a JSON Schema
 */
export async function startGateway(options: StageOptions & LoopbackOptions): Promise<Gateway> {
  const server = await listenOnLoopback(stageListener(options), options);
  const url = `${server.origin}/${options.api.stage}/`;
  return { url, port: server.port, stop: server.stop };
}

/** Answers the requests of a server as the stage. @throws Error when a model of the API is not a JSON Schema */
export function stageListener(options: StageOptions): RequestListener {
  const { api, now = Date.now } = options;
  const answer = createAnswerer(options);
  return (request, response) => {
    const incoming = readIncoming(request, api.stage, randomUUID(), now());
    answer(incoming, request).then(
      (result) => write(response, incoming, result),
      () => {
        // A client that went away while it sent cannot be answered; anything else is this gateway's fault.
        if (request.socket.destroyed) response.destroy();
        else write(response, incoming, gatewayResponse(api, incoming, 'API_CONFIGURATION_ERROR'));
      },
    );
  };
}

function createAnswerer({ api, invoker }: StageOptions) {
  const route = createRouter(api.routes);
  const checks = new Map<RouteModel, BodyCheck>(
    api.routes.map((model) => [model, createBodyCheck(model)]),
  );

  return async (incoming: IncomingRequest, request: IncomingMessage): Promise<Answer> => {
    if (incoming.path === undefined) return forbidden();
    const match = route(incoming.method, incoming.path);
    if (match === undefined) return gatewayResponse(api, incoming, 'MISSING_AUTHENTICATION_TOKEN');
    const { integration, resourcePath } = match.route;
    const refuse = (fault: Fault, validationError?: string) =>
      gatewayResponse(api, incoming, fault, { resourcePath, validationError });

    const body = await readBody(request, MAX_BODY_BYTES);
    if (body === undefined) return refuse('REQUEST_TOO_LARGE');
    const problem = checks.get(match.route)?.(headerOf(incoming, 'content-type'), body);
    if (problem !== undefined) return refuse('BAD_REQUEST_BODY', problem);
    if (integration.kind === 'mock') return mockAnswer(integration, incoming);
    const result = await invoke(api, invoker, incoming, match, body);
    return typeof result === 'string' ? refuse(result) : result;
  };
}

/** A stage that does not exist has no gateway responses. */
function forbidden(): Answer {
  return {
    statusCode: 403,
    headers: [
      ['Content-Type', 'application/json'],
      ['x-amzn-ErrorType', 'ForbiddenException'],
    ],
    body: Buffer.from('{"message":"Forbidden"}'),
  };
}

type MockIntegration = Extract<RouteModel['integration'], { kind: 'mock' }>;

function mockAnswer(
  { statusCode, headers, body = '', echoedOrigins = [] }: MockIntegration,
  incoming: IncomingRequest,
): Answer {
  const origin = headerOf(incoming, 'origin');
  const echoed = origin !== undefined && echoedOrigins.includes(origin);
  const all = { ...headers, ...(echoed && { 'Access-Control-Allow-Origin': origin }) };
  return { statusCode, headers: Object.entries(all), body: Buffer.from(body) };
}

async function invoke(
  api: ApiModel,
  invoker: FunctionInvoker,
  incoming: IncomingRequest,
  match: RouteMatch,
  body: Buffer,
): Promise<Answer | Fault> {
  const { integration } = match.route;
  if (integration.kind !== 'lambda') return 'API_CONFIGURATION_ERROR';
  const event = JSON.stringify(proxyEvent(api, incoming, match, body));
  const result = await within(
    invoker.invoke(integration.functionArn, event),
    integration.timeoutMs ?? INTEGRATION_TIMEOUT_MS,
  );
  if (typeof result === 'string') return result;
  if (result.functionError !== undefined) return 'DEFAULT_5XX';
  const decodes = isBinary(api, headerOf(incoming, 'accept') ?? '');
  return readProxyResult(result.payload, decodes) ?? 'DEFAULT_5XX';
}

/** The function goes on after its time is up, as on AWS; only the client no longer waits for it. */
async function within(
  invocation: Promise<InvokeResult>,
  timeoutMs: number,
): Promise<InvokeResult | Fault> {
  const timer = new AbortController();
  const expired = delay(timeoutMs, 'INTEGRATION_TIMEOUT' as const, {
    signal: timer.signal,
    ref: false,
  });
  expired.catch(() => undefined);
  const answered = invocation.catch((): Fault => 'API_CONFIGURATION_ERROR');
  try {
    return await Promise.race([answered, expired]);
  } finally {
    timer.abort();
  }
}

function write(response: ServerResponse, incoming: IncomingRequest, answer: Answer): void {
  const withoutBody = answer.statusCode === 204 || answer.statusCode === 304;
  response.writeHead(answer.statusCode, [
    ...answer.headers.flat(),
    ...['x-amzn-RequestId', incoming.requestId],
    ...(withoutBody ? [] : ['Content-Length', String(answer.body.length)]),
  ]);
  response.end(withoutBody || incoming.method === 'HEAD' ? undefined : answer.body);
}
