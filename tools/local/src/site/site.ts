import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { listenOnLoopback, type LoopbackOptions } from '../gateway/loopback.js';
import type { SiteModel } from '../model.js';
import type { Stoppable } from '../runtime.js';
import { SiteContent, type SiteFile } from './content.js';

export interface SiteOptions extends LoopbackOptions {
  readonly site: SiteModel;
}

export interface Site extends Stoppable {
  /** `http://localhost:4200/` */
  readonly url: string;
  readonly port: number;
}

interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Serves a bucket's files as S3 website hosting does. @throws PortInUseError */
export async function startSite(options: SiteOptions): Promise<Site> {
  const server = await listenOnLoopback(siteListener(options.site), options);
  return { url: `${server.origin}/`, port: server.port, stop: server.stop };
}

/** Answers the requests of a server with the site's files. */
export function siteListener(site: SiteModel): RequestListener {
  const content = new SiteContent(site);
  return (request, response) => {
    reply(site, content, request).then(
      (result) => write(response, request.method === 'HEAD', result),
      () => write(response, false, errorPage(500, 'Internal Server Error')),
    );
  };
}

async function reply(
  site: SiteModel,
  content: SiteContent,
  { method, url = '/', headers }: IncomingMessage,
): Promise<Reply> {
  if (method !== 'GET' && method !== 'HEAD') {
    const refused = errorPage(405, 'Method Not Allowed');
    return { ...refused, headers: { ...refused.headers, Allow: 'GET, HEAD' } };
  }
  const path = decoded(url.split('?')[0] ?? '/');
  if (path === undefined) return errorPage(400, 'Bad Request');
  const key = keyOf(path, site.indexDocument);
  const file = await content.file(key);
  if (file !== undefined) return fileReply(key, file, headers['if-none-match']);
  if (await content.file(`${key}/${site.indexDocument}`)) {
    return { statusCode: 302, headers: { Location: `${url.split('?')[0]}/` } };
  }
  return missing(site, content);
}

/** The error document keeps the status of the error: an application in it decides by the path what to show. */
async function missing({ errorDocument }: SiteModel, content: SiteContent): Promise<Reply> {
  const document = errorDocument === undefined ? undefined : await content.file(errorDocument);
  if (errorDocument === undefined || document === undefined) return errorPage(404, 'Not Found');
  return { ...fileReply(errorDocument, document, undefined), statusCode: 404 };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** `/` and every folder stand for their index document. */
const keyOf = (path: string, indexDocument: string): string =>
  (path.endsWith('/') ? `${path}${indexDocument}` : path).replace(/^\//, '');

function fileReply(key: string, file: SiteFile, ifNoneMatch: string | undefined): Reply {
  const tag = `"${createHash('sha256').update(file.body).digest('hex').slice(0, 32)}"`;
  const headers = {
    ETag: tag,
    'Content-Type': file.contentType,
    ...(mustRevalidate(key, file) && { 'Cache-Control': 'no-cache' }),
  };
  const known = ifNoneMatch?.split(',').map((candidate) => candidate.trim().replace(/^W\//, ''));
  return known?.some((candidate) => candidate === tag || candidate === '*')
    ? { statusCode: 304, headers }
    : { statusCode: 200, headers, body: file.body };
}

/** Pages and the configuration change under the same name from one start to the next. */
const mustRevalidate = (key: string, { contentType }: SiteFile): boolean =>
  contentType.startsWith('text/html') || /(^|\/)config\.js$/.test(key);

function errorPage(statusCode: number, reason: string): Reply {
  return {
    statusCode,
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' },
    body: Buffer.from(
      `<!doctype html><title>${statusCode} ${reason}</title><h1>${statusCode} ${reason}</h1>\n`,
    ),
  };
}

function write(response: ServerResponse, headOnly: boolean, reply: Reply): void {
  const length = reply.body === undefined ? {} : { 'Content-Length': String(reply.body.length) };
  response.writeHead(reply.statusCode, { ...reply.headers, ...length });
  response.end(headOnly ? undefined : reply.body);
}
