/** The routes. */
import { Hono, type Context } from 'hono';
import { cors } from 'hono/cors';
import {
  listWorkflowsQuerySchema,
  type ListWorkflowsResponse,
  type StartWorkflowResponse,
  workflowStatusSchema,
} from '@orchestra/api-contract';
import { createGraphCache, idProblem, issuesOf } from '@orchestra/workflow-core';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { Dependencies } from './dependencies.js';
import { invalidRequest, isOurs, ProblemError, problemResponse } from './problems.js';
import type { ProxyBindings } from './proxy-event.js';
import { readStartRequest } from './start-request.js';
import { summaryView, taskDetailView, workflowView } from './view.js';

type Request = Context<{ Bindings: ProxyBindings }>;
type GraphLookup = ReturnType<typeof createGraphCache>;
type Route = (request: Request) => Response | Promise<Response>;

/** The API as a function of a request; `handler.ts` puts it behind API Gateway. */
export function createApp(dependencies: Dependencies) {
  const app = new Hono<{ Bindings: ProxyBindings }>({ strict: false });
  app.use(
    cors({
      origin: dependencies.allowOrigin,
      allowMethods: ['GET', 'POST'],
      allowHeaders: ['Content-Type'],
      exposeHeaders: ['Location', 'Retry-After'],
      maxAge: 600,
    }),
  );
  for (const [path, methods] of Object.entries(routes(dependencies))) {
    for (const [method, route] of Object.entries(methods)) app.on(method, path, route);
    app.all(path, () => refuseMethod(Object.keys(methods)));
  }
  app.notFound((request) =>
    problemResponse(new ProblemError('NOT_FOUND', 'there is no such route'), requestIdOf(request)),
  );
  app.onError((error, request) => {
    if (isOurs(error)) dependencies.log(logLine(error, request));
    return problemResponse(error, requestIdOf(request));
  });
  return app;
}

function routes(dependencies: Dependencies): Record<string, Record<string, Route>> {
  const graphOf = createGraphCache(dependencies.repository);
  return {
    '/health': { GET: (request) => request.json({ status: 'ok' }) },
    '/workflows': { GET: list(dependencies), POST: start(dependencies) },
    '/workflows/:workflowId': { GET: show(dependencies, graphOf) },
    '/workflows/:workflowId/tasks/:taskId': { GET: showTask(dependencies, graphOf) },
  };
}

const start =
  ({ startWorkflow, newWorkflowId }: Dependencies): Route =>
  async (request) => {
    const asked = await readStartRequest(request.req.raw);
    const workflowId = asked.workflowId ?? newWorkflowId();
    const answer = await startWorkflow({ mode: 'start', workflowId, input: asked.input });
    if (answer.kind === 'conflict')
      throw new ProblemError(
        'WORKFLOW_CONFLICT',
        `the workflow "${workflowId}" was started with another input`,
      );
    const body = { workflowId, status: workflowStatusSchema.parse(answer.status) };
    return request.json(
      body satisfies StartWorkflowResponse,
      answer.kind === 'created' ? 202 : 200,
      {
        Location: `${publicPath(request)}/${workflowId}`,
      },
    );
  };

const list =
  ({ repository }: Dependencies): Route =>
  async (request) => {
    const query = listWorkflowsQuerySchema.safeParse(request.req.query());
    if (!query.success) throw invalidRequest('the query is not valid', issuesOf(query.error));
    const { status, limit, cursor } = query.data;
    const page = await repository.listWorkflows({
      status,
      limit,
      cursor: cursor === undefined ? undefined : decodeCursor(cursor, status),
    });
    return request.json({
      workflows: page.items.map(summaryView),
      ...(page.cursor !== undefined && { nextCursor: encodeCursor(page.cursor, status) }),
    } satisfies ListWorkflowsResponse);
  };

const show =
  ({ repository }: Dependencies, graphOf: GraphLookup): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const found = await repository.getWorkflowWithTasks(workflowId);
    if (!found) throw noWorkflow(workflowId);
    const [{ definition }, input] = await Promise.all([
      graphOf(found.workflow.definition),
      repository.getPayload(workflowId, found.workflow.input),
    ]);
    return request.json(workflowView(definition, found, input));
  };

const showTask =
  ({ repository }: Dependencies, graphOf: GraphLookup): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const taskId = idFrom(request, 'taskId');
    const found = await repository.getWorkflowAndTasks(workflowId, [taskId]);
    if (!found) throw noWorkflow(workflowId);
    const { workflow, tasks } = found;
    const graph = await graphOf(workflow.definition);
    const node = graph.tasks.get(taskId);
    if (!node) throw new ProblemError('NOT_FOUND', `"${workflowId}" has no task "${taskId}"`);
    const task = tasks.find((item) => item.taskId === taskId);
    const [input, output] = await Promise.all([
      repository.getPayload(workflowId, workflow.input),
      task?.output && repository.getPayload(workflowId, task.output),
    ]);
    return request.json(taskDetailView(node, workflow, task, { input, output }));
  };

function idFrom(request: Request, name: 'workflowId' | 'taskId'): string {
  const id = request.req.param(name) ?? '';
  const message = idProblem(id);
  if (message !== undefined)
    throw invalidRequest('the address is not valid', [{ path: name, message }]);
  return id;
}

const noWorkflow = (workflowId: string) =>
  new ProblemError('NOT_FOUND', `there is no workflow "${workflowId}"`);

/** The path of this request as its sender sees it, which begins with API Gateway's stage. */
function publicPath(request: Request): string {
  return (request.env?.requestContext?.path ?? request.req.path).replace(/\/+$/, '');
}

function refuseMethod(methods: readonly string[]): never {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  throw new ProblemError('METHOD_NOT_ALLOWED', `this address takes ${allow}`, {
    headers: { Allow: allow },
  });
}

const requestIdOf = (request: Request) => request.env?.requestContext?.requestId;

function logLine(error: Error, request: Request): string {
  return JSON.stringify({
    level: 'error',
    message: 'request failed',
    requestId: requestIdOf(request),
    method: request.req.method,
    path: request.req.path,
    error: { name: error.name, message: error.message, stack: error.stack },
    cause: error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : undefined,
  });
}
