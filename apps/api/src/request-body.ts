/** Reads the body of a request, or names everything that is wrong with it. */
import type * as z from 'zod';
import { issuesOf, LIMITS, type Issue } from '@orchestra/workflow-core';
import { documentIssues } from './json-document.js';
import { invalidRequest, ProblemError } from './problems.js';

/** A body of known fields; an empty one is `{}`. @throws ProblemError */
export async function readBody<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const { document, issues } = await readDocument(request, LIMITS.bodyBytes);
  const parsed = schema.safeParse(document);
  if (!parsed.success) issues.push(...issuesOf(parsed.error, 'is not a field of this request'));
  if (!parsed.success || issues.length > 0) throw wrongFields(issues);
  return parsed.data;
}

export const wrongFields = (issues: readonly Issue[]) =>
  invalidRequest('the fields named in "errors" have to change', issues);

/**
 * Any JSON, an empty body being `{}`, with what of it cannot be kept.
 * @param bytes at most
 * @throws ProblemError for what is no JSON
 */
export async function readDocument(
  request: Request,
  bytes: number,
): Promise<{ readonly document: unknown; readonly issues: Issue[] }> {
  const body = new Uint8Array(await request.arrayBuffer());
  if (body.byteLength > bytes)
    throw new ProblemError(
      'BODY_TOO_LARGE',
      `${body.byteLength} bytes are above the limit of ${bytes}`,
    );
  if (body.byteLength === 0) return { document: {}, issues: [] };
  requireJsonType(request.headers.get('content-type'));
  const document = parseJson(body);
  return { document, issues: documentIssues(document) };
}

function requireJsonType(contentType: string | null): void {
  if (contentType === null) return;
  if (/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType.trim())) return;
  throw new ProblemError('UNSUPPORTED_MEDIA_TYPE', `the body came as "${contentType}"`, {
    headers: { 'Accept-Post': 'application/json' },
  });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    // V8's message quotes the text around the fault; a decoder's message tells nothing.
    const detail = cause instanceof SyntaxError ? cause.message : 'the body is not UTF-8';
    throw new ProblemError('MALFORMED_JSON', detail, { cause });
  }
}
