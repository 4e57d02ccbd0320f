/** The API's client, whose failures are all CliErrors. */
import {
  ApiProblemError,
  ApiUnreachableError,
  createClient,
  isPassing,
  type ApiError,
  type Client,
} from '@orchestra/api-contract';
import { CliError, EXIT } from './exit-code.js';

/** The same request may work a moment later. */
export class PassingError extends CliError {}

export type ApiClient = Client;

/** `baseUrl` is the API's address with its stage. @throws CliError, PassingError from every call */
export const createApiClient = (baseUrl: string, interrupted?: AbortSignal): ApiClient =>
  createClient({
    baseUrl,
    signal: interrupted,
    failure: (error) => cliErrorOf(error, baseUrl.replace(/\/+$/, '')),
  });

export function cliErrorOf(error: ApiError, base: string): CliError {
  const cause = { cause: error };
  if (error instanceof ApiUnreachableError)
    return new PassingError(EXIT.noAnswer, `the API at ${base} does not answer`, cause);
  if (error instanceof ApiProblemError) return refusal(error);
  const message = `what answers at ${base} is not the API of this version`;
  return new CliError(EXIT.noAnswer, message, cause);
}

function refusal(error: ApiProblemError): CliError {
  const { title, status, detail, errors = [] } = error.problem;
  const issues = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const why = issues.length > 0 ? issues.join('; ') : detail;
  const what = error.isOfApi ? title : 'the API refused the request';
  const words = [`${what} (${status})`, ...(why ? [why] : [])].join(': ');
  if (isPassing(error)) return new PassingError(EXIT.noAnswer, words, { cause: error });
  return new CliError(EXIT.notDone, words, { cause: error });
}
