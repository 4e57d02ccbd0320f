/** How a request ends badly, as RFC 9457 problem details; the contract's table says with which status. */
import { OrchestraError, type Issue } from '@orchestra/workflow-core';
import { PROBLEMS, problemType, type Problem, type ProblemCode } from '@orchestra/api-contract';

/** More would only make the answer larger than the request; the number of the others is told. */
const SHOWN_ISSUES = 100;
/** Characters: keys of a document can be as long as the document. */
const SHOWN_PATH = 200;
const RETRY_AFTER_SECONDS = '1';

/** A request that cannot be served, for a reason its sender may read. */
export class ProblemError extends OrchestraError {
  override readonly name = 'ProblemError';
  constructor(
    readonly code: ProblemCode,
    detail: string,
    readonly more: {
      readonly issues?: readonly Issue[];
      readonly headers?: Readonly<Record<string, string>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: more.cause });
  }
}

export const invalidRequest = (detail: string, issues: readonly Issue[]) =>
  new ProblemError('INVALID_REQUEST', detail, { issues });

/** Whether the sender cannot be blamed, so that somebody here should look. */
export const isOurs = (error: unknown): boolean => PROBLEMS[codeOf(error)].status >= 500;

export function problemResponse(error: unknown, requestId: string | undefined): Response {
  const code = codeOf(error);
  const { status } = PROBLEMS[code];
  const headers = new Headers({ 'Content-Type': 'application/problem+json' });
  if (status === 503) headers.set('Retry-After', RETRY_AFTER_SECONDS);
  if (error instanceof ProblemError)
    for (const [name, value] of Object.entries(error.more.headers ?? {})) headers.set(name, value);
  return new Response(JSON.stringify(problemOf(code, error, requestId)), { status, headers });
}

function problemOf(code: ProblemCode, error: unknown, requestId: string | undefined): Problem {
  return {
    type: problemType(code),
    ...PROBLEMS[code],
    // Only a ProblemError is written for the sender; the words of other errors stay in the log.
    ...(error instanceof ProblemError && { detail: error.message }),
    ...(error instanceof ProblemError &&
      error.more.issues && { errors: shownIssues(error.more.issues) }),
    ...(requestId !== undefined && { requestId }),
  };
}

function codeOf(error: unknown): ProblemCode {
  const code = error instanceof OrchestraError ? error.code : undefined;
  return code !== undefined && Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : 'INTERNAL';
}

/** As many as help, each no longer than it must be. */
export function shownIssues(issues: readonly Issue[]): Issue[] {
  const first = issues.slice(0, SHOWN_ISSUES).map(({ path, message }) => ({
    path: shorten(path),
    message: shorten(message),
  }));
  const others = issues.length - first.length;
  return others === 0 ? first : [...first, { path: '', message: `and ${others} more` }];
}

const shorten = (text: string) =>
  text.length > SHOWN_PATH ? `${text.slice(0, SHOWN_PATH)}...` : text;
