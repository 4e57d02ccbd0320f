/** The API's client, whose failures are all CliErrors. */
import {
  ApiProblemError,
  ApiUnreachableError,
  createClient,
  isPassing,
  pagesOf,
  type ApiError,
  type Client,
  type Workflow,
} from '@orchestra/api-contract';
import { LIMITS } from '@orchestra/workflow-core';
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

/** A workflow with all its tasks, however many. */
export async function wholeWorkflow(
  api: Pick<ApiClient, 'getWorkflow' | 'listTasks'>,
  workflowId: string,
): Promise<Workflow> {
  const { nextCursor, ...workflow } = await api.getWorkflow({ workflowId });
  if (nextCursor === undefined) return workflow;
  const tasks = [...workflow.tasks];
  const limit = LIMITS.taskPageSize.max;
  const ask = (cursor: string | undefined) => api.listTasks({ workflowId, limit, cursor });
  for await (const page of pagesOf(ask, nextCursor)) tasks.push(...page.tasks);
  return { ...workflow, tasks };
}

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
