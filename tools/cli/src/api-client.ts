/** The REST API as functions. Every answer is parsed, and every failure is a CliError. */
import type * as z from 'zod';
import {
  listWorkflowsResponseSchema,
  problemSchema,
  startWorkflowResponseSchema,
  workflowSchema,
  type ListWorkflowsResponse,
  type StartWorkflowRequest,
  type StartWorkflowResponse,
  type Workflow,
  type WorkflowStatus,
} from '@orchestra/api-contract';
import { CliError, EXIT } from './exit-code.js';

/** The same request may work a moment later. */
export class PassingError extends CliError {}

export interface ListQuery {
  readonly status?: WorkflowStatus;
  readonly limit: number;
  readonly cursor?: string;
}

export interface ApiClient {
  start(request: StartWorkflowRequest): Promise<StartWorkflowResponse>;
  list(query: ListQuery): Promise<ListWorkflowsResponse>;
  get(workflowId: string): Promise<Workflow>;
}

/** Milliseconds; API Gateway itself gives up after 29 s. */
const PATIENCE = 30_000;

/** `baseUrl` is the API's address with its stage. @throws CliError, PassingError from every call */
export function createApiClient(baseUrl: string, interrupted?: AbortSignal): ApiClient {
  const base = baseUrl.replace(/\/+$/, '');
  const call = async <T>(schema: z.ZodType<T>, path: string, init: RequestInit = {}) => {
    const patience = AbortSignal.timeout(PATIENCE);
    const signal = interrupted ? AbortSignal.any([interrupted, patience]) : patience;
    const response = await fetch(`${base}${path}`, { ...init, signal }).catch((cause: unknown) => {
      if (interrupted?.aborted) throw cause;
      throw new PassingError(EXIT.noAnswer, `the API at ${base} does not answer`, { cause });
    });
    return answerOf(schema, response, base);
  };
  return {
    start: (request) =>
      call(startWorkflowResponseSchema, '/workflows', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(request),
      }),
    list: (query) => call(listWorkflowsResponseSchema, `/workflows?${searchOf(query)}`),
    get: (workflowId) => call(workflowSchema, `/workflows/${encodeURIComponent(workflowId)}`),
  };
}

const searchOf = (query: ListQuery) =>
  new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as [string, string]],
    ),
  ).toString();

async function answerOf<T>(schema: z.ZodType<T>, response: Response, base: string): Promise<T> {
  const body = parseJson(await response.text());
  if (!response.ok) throw refusal(response.status, body);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new CliError(EXIT.noAnswer, `what answers at ${base} is not the API of this version`, {
    cause: parsed.error,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(status: number, body: unknown): CliError {
  const problem = problemSchema.safeParse(body).data;
  const issues = (problem?.errors ?? []).map(({ path, message }) =>
    path === '' ? message : `${path}: ${message}`,
  );
  const words = [
    `${problem?.title ?? 'the API refused the request'} (${status})`,
    ...(issues.length > 0 ? [issues.join('; ')] : problem?.detail ? [problem.detail] : []),
  ].join(': ');
  if (status === 429 || status >= 500) return new PassingError(EXIT.noAnswer, words);
  return new CliError(EXIT.notDone, words);
}
