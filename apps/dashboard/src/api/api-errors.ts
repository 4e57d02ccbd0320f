/** How a call to the API can end badly. A closed set: match by class. */
import { problemSchema, type Problem } from '@orchestra/api-contract';

/** No answer at all: no network, nothing listening, or the browser refused to show the answer. */
export class ApiUnreachableError extends Error {
  override readonly name = 'ApiUnreachableError';
  readonly code = 'API_UNREACHABLE';
}

/** The API said no, and why. */
export class ApiProblemError extends Error {
  override readonly name = 'ApiProblemError';
  readonly code = 'API_PROBLEM';
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

/** An answer that is not what the contract says, such as one from another version or from a proxy. */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
  readonly code = 'UNREADABLE_ANSWER';
}

/** Will the same request work later, without anybody changing anything? */
export function isPassing(error: unknown): boolean {
  if (error instanceof ApiUnreachableError) return true;
  return error instanceof ApiProblemError && isPassingStatus(error.problem.status);
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiProblemError && error.problem.status === 404;
}

function isPassingStatus(status: number): boolean {
  return status >= 500 || status === 429 || status === 408;
}

/** Problem details of an answer that is not 2xx, also when a gateway in between wrote it in its own form. */
export function problemOf(status: number, body: unknown): Problem {
  const parsed = problemSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const title = gatewayMessage(body) ?? `The API answered with status ${status}`;
  return { type: 'about:blank', title, status };
}

/** API Gateway's own errors are `{ "message": "..." }`. */
function gatewayMessage(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('message' in body)) return undefined;
  return typeof body.message === 'string' ? body.message : undefined;
}
