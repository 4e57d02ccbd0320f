/** How a call to the API can end badly, as the client says it. */
import { ApiProblemError } from '@orchestra/api-contract';

export { ApiProblemError, ApiUnreachableError, isPassing } from '@orchestra/api-contract';

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiProblemError && error.problem.status === 404;
}
