/** What every route has in common. */
import type { Context } from 'hono';
import {
  definedId,
  idProblem,
  issuesOf,
  type createGraphCache,
  type createSampleRegistry,
} from '@orchestra/workflow-core';
import type * as z from 'zod';
import type { Dependencies } from './dependencies.js';
import { invalidRequest, ProblemError } from './problems.js';
import type { ProxyBindings } from './proxy-event.js';

export type Request = Context<{ Bindings: ProxyBindings }>;
export type Route = (request: Request) => Response | Promise<Response>;

export interface RouteDependencies extends Dependencies {
  readonly graphOf: ReturnType<typeof createGraphCache>;
  /** Stores the sample, if nobody has. */
  readonly sample: ReturnType<typeof createSampleRegistry>;
}

/** @throws ProblemError when the address holds no id there */
export function idFrom(request: Request, name: 'workflowId' | 'taskId' | 'name'): string {
  const id = request.req.param(name) ?? '';
  const message = idProblem(name === 'taskId' ? definedId(id) : id);
  if (message !== undefined)
    throw invalidRequest('the address is not valid', [{ path: name, message }]);
  return id;
}

/** @throws ProblemError with every issue of the query */
export function queryOf<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): z.output<Schema> {
  const query = schema.safeParse(request.req.query());
  if (query.success) return query.data;
  throw invalidRequest('the query is not valid', issuesOf(query.error));
}

/** The path of this request as its sender sees it, which begins with API Gateway's stage. */
export function publicPath(request: Request): string {
  return (request.env?.requestContext?.path ?? request.req.path).replace(/\/+$/, '');
}

export const noWorkflow = (workflowId: string) =>
  new ProblemError('NOT_FOUND', `there is no workflow "${workflowId}"`);

export const noTask = (workflowId: string, taskId: string) =>
  new ProblemError('NOT_FOUND', `"${workflowId}" has no task "${taskId}"`);
