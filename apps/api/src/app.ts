/** The routes. */
import { Hono, type Context } from 'hono';
import { cors } from 'hono/cors';
import {
  listWorkflowsQuerySchema,
  type ListWorkflowsResponse,
  type StartWorkflowResponse,
  workflowStatusSchema,
} from '@orchestra/api-contract';
import { CorruptItemError, idProblem, issuesOf } from '@orchestra/workflow-core';
import type { Definition, DefinitionRef } from '@orchestra/workflow-core';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { Dependencies } from './dependencies.js';
import { invalidRequest, isOurs, ProblemError, problemResponse } from './problems.js';
import type { ProxyBindings } from './proxy-event.js';
import { readStartRequest } from './start-request.js';
import { summaryView, taskDetailView, workflowView } from './view.js';

type Request = Context<{ Bindings: ProxyBindings }>;
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
  const definitions = cachedDefinitions(dependencies);
  return {
    '/health': { GET: (request) => request.json({ status: 'ok' }) },
    '/workflows': { GET: list(dependencies), POST: start(dependencies) },
    '/workflows/:workflowId': { GET: show(dependencies, definitions) },
    '/workflows/:workflowId/tasks/:taskId': { GET: showTask(dependencies, definitions) },
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
  ({ repository }: Dependencies, definitionOf: DefinitionLookup): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const found = await repository.getWorkflowWithTasks(workflowId);
    if (!found) throw noWorkflow(workflowId);
    const [definition, input] = await Promise.all([
      definitionOf(found.workflow.definition),
      repository.getPayload(workflowId, found.workflow.input),
    ]);
    return request.json(workflowView(definition, found, input));
  };

const showTask =
  ({ repository }: Dependencies, definitionOf: DefinitionLookup): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const taskId = idFrom(request, 'taskId');
    const found = await repository.getWorkflowAndTasks(workflowId, [taskId]);
    if (!found) throw noWorkflow(workflowId);
    const { workflow, tasks } = found;
    const definition = await definitionOf(workflow.definition);
    const node = definition.tasks.find(({ id }) => id === taskId);
    if (!node) throw new ProblemError('NOT_FOUND', `"${workflowId}" has no task "${taskId}"`);
    const task = tasks.find((item) => item.taskId === taskId);
    const [input, output] = await Promise.all([
      repository.getPayload(workflowId, workflow.input),
      task?.output && repository.getPayload(workflowId, task.output),
    ]);
    return request.json(taskDetailView(node, workflow, task, { input, output }));
  };

type DefinitionLookup = (ref: DefinitionRef) => Promise<Definition>;

/** A revision never changes, and there are few: each is read once in the life of this process. */
function cachedDefinitions({ repository }: Dependencies): DefinitionLookup {
  const known = new Map<string, Definition>();
  return async (ref) => {
    const key = `${ref.name}#${ref.revision}`;
    const definition = known.get(key) ?? (await repository.getDefinition(ref));
    if (!definition) throw new CorruptItemError(`there is no definition ${key}`);
    known.set(key, definition);
    return definition;
  };
}

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
