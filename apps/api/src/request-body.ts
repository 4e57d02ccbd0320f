/** Reads the body of a request, or names everything that is wrong with it. */
import * as z from 'zod';
import { startWorkflowRequestSchema, type StartWorkflowRequest } from '@orchestra/api-contract';
import { issuesOf, LIMITS, type Issue } from '@orchestra/workflow-core';
import { documentIssues } from './json-document.js';
import { invalidRequest, ProblemError } from './problems.js';

/** Of `POST /workflows`. @throws ProblemError */
export async function readStartRequest(request: Request): Promise<StartWorkflowRequest> {
  const document = await readJson(request);
  const checked = check(document, startWorkflowRequestSchema, ['input', 'lambdas']);
  return { ...checked, input: (document as StartWorkflowRequest).input };
}

/** A body of known fields; an empty one is `{}`. @throws ProblemError */
export async function readBody<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  return check(await readJson(request), schema, []);
}

async function readJson(request: Request): Promise<unknown> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.byteLength > LIMITS.bodyBytes)
    throw new ProblemError(
      'BODY_TOO_LARGE',
      `${bytes.byteLength} bytes are above the limit of ${LIMITS.bodyBytes}`,
    );
  if (bytes.byteLength === 0) return {};
  requireJsonType(request.headers.get('content-type'));
  return parseJson(bytes);
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

/** @param free fields any JSON may stand in: the schema would only look at it again, and recurses where it may be too deep */
function check<Schema extends z.ZodType>(
  document: unknown,
  schema: Schema,
  free: readonly string[],
): z.output<Schema> {
  const issues = documentIssues(document);
  const parsed = schema.safeParse(without(document, free));
  if (!parsed.success) issues.push(...schemaIssues(parsed.error));
  if (!parsed.success || issues.length > 0)
    throw invalidRequest('the fields named in "errors" have to change', issues);
  return parsed.data;
}

function without(document: unknown, fields: readonly string[]): unknown {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return document;
  return { ...document, ...Object.fromEntries(fields.map((field) => [field, undefined])) };
}

/** zod tells of all unknown fields in one issue of their parent; here each is named by its own path. */
function schemaIssues(error: z.ZodError): Issue[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: key, message: 'is not a field of this request' }))
      : issuesOf(new z.ZodError([issue])),
  );
}
