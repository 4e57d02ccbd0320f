/** The routes. */
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { createGraphCache } from '@orchestra/workflow-core';
import type { Dependencies } from './dependencies.js';
import { listEvents } from './events.js';
import { cancel, redrive, rerunTask } from './orders.js';
import { isOurs, ProblemError, problemResponse } from './problems.js';
import type { ProxyBindings } from './proxy-event.js';
import type { Request, Route } from './route.js';
import { explainTask, showTask } from './tasks.js';
import { list, show, start } from './workflows.js';

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
  const on = { ...dependencies, graphOf: createGraphCache(dependencies.repository) };
  return {
    '/health': { GET: (request) => request.json({ status: 'ok' }) },
    '/workflows': { GET: list(on), POST: start(on) },
    '/workflows/:workflowId': { GET: show(on) },
    '/workflows/:workflowId/cancel': { POST: cancel(on) },
    '/workflows/:workflowId/redrive': { POST: redrive(on) },
    '/workflows/:workflowId/events': { GET: listEvents(on) },
    '/workflows/:workflowId/tasks/:taskId': { GET: showTask(on) },
    '/workflows/:workflowId/tasks/:taskId/explain': { GET: explainTask(on) },
    '/workflows/:workflowId/tasks/:taskId/rerun': { POST: rerunTask(on) },
  };
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
