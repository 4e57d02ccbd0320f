/** The routes: one for each endpoint of the contract. */
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { endpoints, type Endpoint, type OperationId } from '@orchestra/api-contract';
import { createGraphCache, createSampleRegistry } from '@orchestra/workflow-core';
import * as callbacks from './callbacks.js';
import { showConcurrency } from './concurrency.js';
import * as definitions from './definitions.js';
import type { Dependencies } from './dependencies.js';
import { showDefinitionSchema, showOpenApi } from './documents.js';
import { conditional } from './etag.js';
import { listEvents } from './events.js';
import { cancel, control, redrive, rerunTask } from './orders.js';
import { isOurs, ProblemError, problemResponse } from './problems.js';
import type { ProxyBindings } from './proxy-event.js';
import type { Request, Route } from './route.js';
import * as schedules from './schedules.js';
import { setTaskOutput, skipTask } from './task-orders.js';
import { listTasks } from './task-pages.js';
import { explainTask, showTask } from './tasks.js';
import { list, show, start } from './workflows.js';

/** The API as a function of a request; `handler.ts` puts it behind API Gateway. */
export function createApp(dependencies: Dependencies) {
  const app = new Hono<{ Bindings: ProxyBindings }>({ strict: false });
  app.use(
    cors({
      origin: dependencies.allowOrigin,
      allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
      allowHeaders: ['Content-Type', 'Idempotency-Key', 'If-None-Match'],
      exposeHeaders: ['ETag', 'Location', 'Retry-After'],
      maxAge: 600,
    }),
  );
  for (const [path, methods] of byPath(routes(dependencies))) {
    for (const [method, route] of methods) app.on(method, path, route);
    app.all(path, () => refuseMethod([...methods.keys()].sort()));
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

function routes(dependencies: Dependencies): Record<OperationId, Route> {
  const { repository, now } = dependencies;
  const on = {
    ...dependencies,
    graphOf: createGraphCache(repository),
    sample: createSampleRegistry(repository, now),
  };
  return {
    getHealth: (request) => request.json({ status: 'ok' }),
    getOpenApi: showOpenApi(),
    getDefinitionSchema: showDefinitionSchema(),
    startWorkflow: start(on),
    listWorkflows: list(on),
    getWorkflow: show(on),
    cancelWorkflow: cancel(on),
    pauseWorkflow: control('pause', on),
    resumeWorkflow: control('resume', on),
    redriveWorkflow: redrive(on),
    listEvents: listEvents(on),
    listTasks: listTasks(on),
    getTask: showTask(on),
    explainTask: explainTask(on),
    rerunTask: rerunTask(on),
    skipTask: skipTask(on),
    setTaskOutput: setTaskOutput(on),
    listDefinitions: definitions.list(on),
    validateDefinition: definitions.validate(on),
    putDefinition: definitions.put(on),
    getDefinition: definitions.show(on),
    listRevisions: definitions.listRevisions(on),
    getRevision: definitions.showRevision(on),
    getConcurrency: showConcurrency(on),
    listCallbacks: callbacks.list(on),
    answerCallback: callbacks.answer(on),
    heartbeatCallback: callbacks.heartbeat(on),
    listSchedules: schedules.list(on),
    putSchedule: schedules.put(on),
    getSchedule: schedules.show(on),
    deleteSchedule: schedules.remove(on),
    pauseSchedule: schedules.pause(on),
    resumeSchedule: schedules.resume(on),
  };
}

/** Path as the router writes it -> method -> route. */
function byPath(routeOf: Record<OperationId, Route>): Map<string, Map<string, Route>> {
  const paths = new Map<string, Map<string, Route>>();
  for (const [id, endpoint] of Object.entries<Endpoint>(endpoints)) {
    const path = endpoint.path.replace(/\{(\w+)\}/g, ':$1');
    const route = routeOf[id as OperationId];
    const methods = paths.get(path) ?? new Map<string, Route>();
    paths.set(
      path,
      methods.set(endpoint.method, endpoint.conditional ? conditional(route) : route),
    );
  }
  return paths;
}

function refuseMethod(methods: readonly string[]): never {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  throw new ProblemError('METHOD_NOT_ALLOWED', `this address takes ${allow}`, {
    headers: { Allow: allow },
  });
}

/** Whoever reads a log may not answer. */
const withoutToken = (path: string) => path.replace(/^(\/callbacks\/)[^/]+/, '$1...');

const requestIdOf = (request: Request) => request.env?.requestContext?.requestId;

function logLine(error: Error, request: Request): string {
  return JSON.stringify({
    level: 'error',
    message: 'request failed',
    requestId: requestIdOf(request),
    method: request.req.method,
    path: withoutToken(request.req.path),
    error: { name: error.name, message: error.message, stack: error.stack },
    cause: error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : undefined,
  });
}
