/** The REST API as functions. Every answer is parsed, and every failure is a CliError. */
import type * as z from 'zod';
import {
  cancelWorkflowResponseSchema,
  explanationSchema,
  listEventsResponseSchema,
  listWorkflowsResponseSchema,
  problemSchema,
  redriveResponseSchema,
  startWorkflowResponseSchema,
  taskDetailSchema,
  workflowSchema,
  type CancelWorkflowRequest,
  type CancelWorkflowResponse,
  type Explanation,
  type ListEventsResponse,
  type ListWorkflowsResponse,
  type RedriveResponse,
  type RedriveWorkflowRequest,
  type RerunTaskRequest,
  type StartWorkflowRequest,
  type StartWorkflowResponse,
  type TaskDetail,
  type Workflow,
  type WorkflowStatus,
} from '@orchestra/api-contract';
import { LIMITS } from '@orchestra/workflow-core';
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
  task(workflowId: string, taskId: string): Promise<TaskDetail>;
  explain(workflowId: string, taskId: string): Promise<Explanation>;
  events(workflowId: string, cursor: string | undefined): Promise<ListEventsResponse>;
  cancel(workflowId: string, order: CancelWorkflowRequest): Promise<CancelWorkflowResponse>;
  redrive(
    workflowId: string,
    order: RedriveWorkflowRequest,
    dryRun: boolean,
  ): Promise<RedriveResponse>;
  rerun(
    workflowId: string,
    taskId: string,
    order: RerunTaskRequest,
    dryRun: boolean,
  ): Promise<RedriveResponse>;
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
  const post = <T>(schema: z.ZodType<T>, path: string, body: unknown) =>
    call(schema, path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  return {
    start: (request) => post(startWorkflowResponseSchema, '/workflows', request),
    task: (id, taskId) => call(taskDetailSchema, taskPath(id, taskId)),
    explain: (id, taskId) => call(explanationSchema, `${taskPath(id, taskId)}/explain`),
    events: (id, cursor) =>
      call(
        listEventsResponseSchema,
        `${workflowPath(id)}/events?${searchOf({ limit: LIMITS.eventPageSize.max, cursor })}`,
      ),
    cancel: (id, order) => post(cancelWorkflowResponseSchema, `${workflowPath(id)}/cancel`, order),
    redrive: (id, order, dryRun) =>
      post(redriveResponseSchema, `${workflowPath(id)}/redrive?${searchOf({ dryRun })}`, order),
    rerun: (id, taskId, order, dryRun) =>
      post(redriveResponseSchema, `${taskPath(id, taskId)}/rerun?${searchOf({ dryRun })}`, order),
    list: (query) => call(listWorkflowsResponseSchema, `/workflows?${searchOf(query)}`),
    get: (workflowId) => call(workflowSchema, workflowPath(workflowId)),
  };
}

const workflowPath = (workflowId: string) => `/workflows/${encodeURIComponent(workflowId)}`;
const taskPath = (workflowId: string, taskId: string) =>
  `${workflowPath(workflowId)}/tasks/${encodeURIComponent(taskId)}`;

const searchOf = (query: object) =>
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
