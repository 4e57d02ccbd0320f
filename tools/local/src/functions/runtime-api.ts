import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { maxResponseBytes } from './failure-document.js';
import type { Invocation } from './invocation.js';

export interface Delivery extends Invocation {
  /** Milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly functionArn: string;
}

export type Reply =
  | { readonly kind: 'response'; readonly payload: string }
  | { readonly kind: 'error'; readonly payload: string }
  | { readonly kind: 'tooLarge' };

export interface RuntimeApiListener {
  /** The runtime asks for work; exactly one `deliver` may follow. */
  onNext(): void;
  onReply(requestId: string, reply: Reply): void;
  onInitError(document: string): void;
}

/**
 * Lambda's Runtime API for one sandbox, on a port of its own: the address a runtime is given has no room for a token, so
 * the port is what tells the sandboxes apart.
 */
export class RuntimeApi {
  readonly #server: Server;
  readonly #listener: RuntimeApiListener;
  #waiting: ServerResponse | undefined;

  private constructor(server: Server, listener: RuntimeApiListener) {
    this.#server = server;
    this.#listener = listener;
    server.on('request', (request, response) => void this.#route(request, response));
  }

  static async listen(listener: RuntimeApiListener): Promise<RuntimeApi> {
    // A runtime keeps its connection for as long as a handler runs: no bound may close it.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
    const api = new RuntimeApi(server, listener);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return api;
  }

  /** `host:port`, as `AWS_LAMBDA_RUNTIME_API` has it. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** @throws when the runtime has not asked for work */
  deliver(event: Delivery): void {
    const response = this.#waiting;
    if (!response) throw new Error('The runtime has not asked for an event');
    this.#waiting = undefined;
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': event.requestId,
      'Lambda-Runtime-Deadline-Ms': String(event.deadlineMs),
      'Lambda-Runtime-Invoked-Function-Arn': event.functionArn,
      'Lambda-Runtime-Trace-Id': event.traceHeader,
    });
    response.end(event.payload);
  }

  /** Breaks the runtime's connections: a boot file ends when its Runtime API is gone. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.replace('/2018-06-01/runtime/', '') ?? '';
    if (request.method === 'GET' && path === 'invocation/next') return this.#next(response);
    const body = await readBody(request, maxResponseBytes);
    const [, requestId, kind] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (requestId && kind) return this.#reply(response, requestId, kind, body);
    if (path !== 'init/error') return answer(response, 404, 'Unknown resource');
    answer(response, 202);
    this.#listener.onInitError(body ?? '');
  }

  #next(response: ServerResponse): void {
    this.#waiting = response;
    this.#listener.onNext();
  }

  #reply(response: ServerResponse, requestId: string, kind: string, body?: string): void {
    answer(response, body === undefined ? 413 : 202);
    if (body === undefined) return this.#listener.onReply(requestId, { kind: 'tooLarge' });
    const answered = kind === 'response' ? 'response' : 'error';
    this.#listener.onReply(requestId, { kind: answered, payload: body });
  }
}

function answer(response: ServerResponse, status: number, message = 'OK'): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ status: message }));
}

/** Reads to the end in any case, so that the sender is not cut off. @returns nothing when there is more than `limit` bytes */
async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= limit) chunks.push(chunk);
    }
  } catch {
    return ''; // the sender was killed in the middle: its sandbox reports that
  }
  return bytes > limit ? undefined : Buffer.concat(chunks).toString();
}
