import type { IncomingMessage } from 'node:http';

/** A request as the gateway speaks of it, before any route is chosen. */
export interface IncomingRequest {
  readonly requestId: string;
  readonly method: string;
  /** As sent, without the query. */
  readonly fullPath: string;
  /** The path below the stage; undefined outside of it. */
  readonly path: string | undefined;
  readonly query: URLSearchParams;
  /** Every header with the case it was sent in, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly sourceIp: string;
  readonly protocol: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

export function readIncoming(
  request: IncomingMessage,
  stage: string,
  requestId: string,
  receivedAt: number,
): IncomingRequest {
  const [target = '/', ...query] = (request.url ?? '/').split('?');
  const prefix = `/${stage}`;
  const inStage = target === prefix || target.startsWith(`${prefix}/`);
  return {
    requestId,
    method: request.method ?? 'GET',
    fullPath: target,
    path: inStage ? target.slice(prefix.length) || '/' : undefined,
    query: new URLSearchParams(query.join('?')),
    headers: pairs(request.rawHeaders),
    sourceIp: (request.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
    protocol: `HTTP/${request.httpVersion}`,
    receivedAt,
  };
}

export function headerOf({ headers }: IncomingRequest, name: string): string | undefined {
  return headers.find(([candidate]) => candidate.toLowerCase() === name.toLowerCase())?.[1];
}

/** `application/json; charset=utf-8` is `application/json`. */
export const bareMediaType = (header: string): string =>
  (header.split(/[;,]/)[0] ?? '').trim().toLowerCase();

function pairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    found.push([raw[index] ?? '', raw[index + 1] ?? '']);
  }
  return found;
}

/** @returns undefined when the body is longer than `limit` bytes; the rest of it is left unread. */
export async function readBody(
  request: IncomingMessage,
  limit: number,
): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
