/**
 * AWS as the functions see it: one address on the loopback interface for DynamoDB, its streams, SQS and Lambda's Invoke.
 * Every call is attributed to the function that made it, counted, and told to whoever listens.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FunctionModel, TableModel } from '../model.js';
import type { FunctionInvoker, Stoppable } from '../runtime.js';
import { NO_USAGE } from './capacity.js';
import { DynamoEndpoint } from './dynamodb-endpoint.js';
import { EngineUnreachableError } from './engine-connection.js';
import type { CallHook, PassingAnswer, PassingCall } from './faults.js';
import { BodyTooLargeError, readAll } from './http-body.js';
import { Identities, type Caller } from './identities.js';
import {
  invoke,
  invokedFunction,
  lambdaError,
  PAYLOAD_LIMITS,
  tooLarge,
} from './lambda-endpoint.js';
import { Meter, type AwsCall } from './meter.js';
import { SQS_TARGET, SqsEndpoint, type SqsEndpointOptions } from './sqs-endpoint.js';
import { sqsErrors } from './sqs-errors.js';

export interface AwsEndpointOptions {
  readonly engineUrl: string;
  readonly tables: readonly TableModel[];
  readonly functions: readonly FunctionModel[];
  /** Asked for at the first call, since the functions in turn need this endpoint's address. */
  readonly invoker: () => FunctionInvoker;
  /** Default: there is no queue. */
  readonly queues?: SqsEndpointOptions;
  /** Stands between the functions and AWS. Default: nothing does. */
  readonly passing?: CallHook;
  /** Told of each call once it is answered. */
  readonly onCall?: (call: AwsCall) => void;
}

export interface AwsEndpoint extends Stoppable {
  /** For AWS_ENDPOINT_URL. */
  readonly url: string;
  readonly meter: Meter;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly errorCode?: string;
}

/** What is told of a call, before it is known who waited how long. */
type Told = Answer & Pick<AwsCall, 'service' | 'operation' | 'request' | 'usage'>;

const HOST = '127.0.0.1';
/** SQS takes 1 MiB in a message, which JSON may write with six bytes for one. */
const SQS_BODY_LIMIT = 7 * 1024 * 1024;
/** DynamoDB takes 16 MB in a batch. */
const DYNAMO_BODY_LIMIT = 20 * 1024 * 1024;
const STOP_WITHIN_MS = 1_000;

export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const router = new Router(options);
  const server = createServer((request, response) => void router.serve(request, response));
  // A frozen sandbox keeps its connections for as long as it sleeps; were they closed, it would wake up to a broken one.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(0, HOST);
  await once(server, 'listening');
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    router.endWaits();
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    const hard = setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS);
    await closed;
    clearTimeout(hard);
    router.close();
  };
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    meter: router.meter,
    stop: () => (stopping ??= stop()),
  };
}

class Router {
  readonly meter = new Meter();
  readonly #identities: Identities;
  readonly #dynamo: DynamoEndpoint;
  readonly #sqs: SqsEndpoint | undefined;

  constructor(private readonly options: AwsEndpointOptions) {
    this.#identities = new Identities(options.functions);
    this.#dynamo = new DynamoEndpoint(options.engineUrl, options.tables);
    this.#sqs = options.queues && new SqsEndpoint(options.queues);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const beganAt = performance.now();
    const caller = this.#identities.callerOf(request.headers.authorization);
    try {
      const told = await this.#answer(request, caller);
      write(response, told);
      this.#tell(told, caller, performance.now() - beganAt);
    } catch {
      // The caller went away while it sent, or is to hear nothing.
      response.destroy();
    }
  }

  close(): void {
    this.#dynamo.close();
  }

  endWaits(): void {
    this.#sqs?.close();
  }

  #pass(
    call: PassingCall,
    apply: (body?: Buffer) => Promise<PassingAnswer>,
  ): Promise<PassingAnswer> {
    const { passing } = this.options;
    return passing === undefined ? apply() : passing(call, apply);
  }

  #tell(told: Told, caller: Caller | undefined, durationMs: number): void {
    const { service, operation, request, statusCode, errorCode, usage } = told;
    const call: AwsCall = {
      ...{ service, operation, request, statusCode, usage, durationMs },
      ...(errorCode === undefined ? {} : { errorCode }),
      caller: caller?.name ?? 'unknown',
    };
    this.meter.record(call);
    this.options.onCall?.(call);
  }

  async #answer(request: IncomingMessage, caller: Caller | undefined): Promise<Told> {
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string' && this.#sqs && target.startsWith(SQS_TARGET)) {
      return this.#sqsCall(this.#sqs, target, request, caller);
    }
    if (typeof target === 'string') return this.#dynamoCall(target, request, caller);
    const functionName = invokedFunction(new URL(request.url ?? '/', `http://${HOST}`));
    if (functionName !== undefined && request.method === 'POST') {
      return this.#invokeCall(functionName, request, caller);
    }
    request.resume();
    const answer = lambdaError(
      404,
      'UnknownOperationException',
      `${request.method} ${request.url} is not served here: DynamoDB, its streams, SQS and Lambda's Invoke are`,
    );
    return { ...answer, service: 'lambda', operation: 'Unknown', request: {}, usage: NO_USAGE };
  }

  async #dynamoCall(
    target: string,
    request: IncomingMessage,
    caller: Caller | undefined,
  ): Promise<Told> {
    const call = { service: 'dynamodb', operation: target.slice(target.indexOf('.') + 1) } as const;
    const refused = (answer: Answer): Told => ({
      ...answer,
      ...call,
      request: {},
      usage: NO_USAGE,
    });
    try {
      const body = await readAll(request, DYNAMO_BODY_LIMIT);
      if (caller === undefined) {
        return refused(
          dynamoError(
            400,
            'com.amazon.coral.service#UnrecognizedClientException',
            'The security token included in the request is invalid.',
          ),
        );
      }
      const passing = { ...call, caller: caller.name, body, ...tracedBy(request) };
      const answer = await this.#pass(passing, (given = body) => this.#dynamo.call(target, given));
      return { request: {}, usage: NO_USAGE, ...answer, ...call };
    } catch (error) {
      if (error instanceof EngineUnreachableError) {
        return refused(
          dynamoError(500, 'com.amazonaws.dynamodb.v20120810#InternalServerError', error.message),
        );
      }
      if (!(error instanceof BodyTooLargeError)) throw error;
      return refused(
        dynamoError(413, 'com.amazon.coral.service#RequestEntityTooLargeException', error.message),
      );
    }
  }

  async #sqsCall(
    sqs: SqsEndpoint,
    target: string,
    request: IncomingMessage,
    caller: Caller | undefined,
  ): Promise<Told> {
    const call = { service: 'sqs', operation: target.slice(SQS_TARGET.length) } as const;
    const refused = (answer: Answer): Told => ({
      ...answer,
      ...call,
      request: {},
      usage: NO_USAGE,
    });
    try {
      const body = await readAll(request, SQS_BODY_LIMIT);
      if (caller === undefined) return refused(sqsErrors.unknownCaller().answer());
      const origin = `http://${request.headers.host ?? HOST}`;
      const passing = { ...call, caller: caller.name, body, ...tracedBy(request) };
      const answer = await this.#pass(passing, (given = body) => sqs.call(target, given, origin));
      return { request: {}, ...answer, ...call, usage: NO_USAGE };
    } catch (error) {
      if (!(error instanceof BodyTooLargeError)) throw error;
      return refused(sqsErrors.tooLarge().answer());
    }
  }

  async #invokeCall(
    functionName: string,
    request: IncomingMessage,
    caller: Caller | undefined,
  ): Promise<Told> {
    const invocationType = textOf(request.headers['x-amz-invocation-type']) ?? 'RequestResponse';
    const answer = await this.#invocation(request, caller, {
      functionName,
      invocationType,
      ...tracedBy(request),
    });
    return {
      ...answer,
      service: 'lambda',
      operation: 'Invoke',
      request: { functionName, invocationType },
      usage: NO_USAGE,
    };
  }

  async #invocation(
    request: IncomingMessage,
    caller: Caller | undefined,
    call: { functionName: string; invocationType: string; traceHeader?: string },
  ): Promise<Answer> {
    try {
      const body = await readAll(request, PAYLOAD_LIMITS.RequestResponse);
      if (caller === undefined) {
        return lambdaError(
          403,
          'UnrecognizedClientException',
          'The security token included in the request is invalid.',
        );
      }
      const { functions, invoker } = this.options;
      const { functionName, invocationType } = call;
      const passing: PassingCall = {
        ...{ service: 'lambda', operation: 'Invoke', functionName, invocationType, body },
        ...{ caller: caller.name, ...tracedBy(request) },
      };
      return await this.#pass(passing, (given = body) =>
        invoke({ functions, invoker: invoker() }, { ...call, body: given }),
      );
    } catch (error) {
      if (error instanceof BodyTooLargeError) return tooLarge(call.invocationType);
      throw error;
    }
  }
}

function tracedBy({ headers }: IncomingMessage): { readonly traceHeader?: string } {
  const traceHeader = textOf(headers['x-amzn-trace-id']);
  return traceHeader === undefined ? {} : { traceHeader };
}

function dynamoError(statusCode: number, type: string, message: string): Answer {
  return {
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ __type: type, message }),
    errorCode: type.split('#')[1] ?? type,
  };
}

function write(response: ServerResponse, { statusCode, headers, body }: Answer): void {
  response.writeHead(statusCode, {
    'x-amzn-requestid': randomUUID(),
    ...headers,
    ...(statusCode === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
  });
  response.end(statusCode === 204 ? undefined : body);
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
