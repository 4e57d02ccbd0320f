/** How a call to the API can end badly. A closed set: match by class or `code`. */
import { problemSchema, type Problem } from './problem.js';

/** No answer at all: no network, nothing listening, or the browser refused to show the answer. */
export class ApiUnreachableError extends Error {
  override readonly name = 'ApiUnreachableError';
  readonly code = 'API_UNREACHABLE';
}

/** The API said no, and why. */
export class ApiProblemError extends Error {
  override readonly name = 'ApiProblemError';
  readonly code = 'API_PROBLEM';
  /** @param isOfApi false where something in between wrote the answer, and `problem` was made of it */
  constructor(
    readonly problem: Problem,
    readonly isOfApi = true,
  ) {
    super(problem.detail ?? problem.title);
  }
}

/** An answer that is not what the contract says, such as one from another version or from a proxy. */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
  readonly code = 'UNREADABLE_ANSWER';
}

export type ApiError = ApiUnreachableError | ApiProblemError | UnreadableAnswerError;

/** Will the same request work later, without anybody changing anything? */
export function isPassing(error: unknown): boolean {
  if (error instanceof ApiUnreachableError) return true;
  return error instanceof ApiProblemError && isPassingStatus(error.problem.status);
}

const isPassingStatus = (status: number) => status >= 500 || status === 429 || status === 408;

/** Of an answer that is not 2xx, also when a gateway in between wrote it in its own form. */
export function problemErrorOf(status: number, body: unknown): ApiProblemError {
  const parsed = problemSchema.safeParse(body);
  if (parsed.success) return new ApiProblemError(parsed.data);
  const title = gatewayMessage(body) ?? `The API answered with status ${status}`;
  return new ApiProblemError({ type: 'about:blank', title, status }, false);
}

/** API Gateway's own errors are `{ "message": "..." }`. */
function gatewayMessage(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('message' in body)) return undefined;
  return typeof body.message === 'string' ? body.message : undefined;
}
