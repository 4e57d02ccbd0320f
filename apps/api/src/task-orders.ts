/** What an operator may say of one task: that it is skipped, or has an output. The orchestrator does it. */
import {
  setOutputRequestSchema,
  skipTaskRequestSchema,
  taskStatusSchema,
  workflowStatusSchema,
  type TaskOrderResponse,
} from '@orchestra/api-contract';
import type { Order, OverrideAnswer, OverrideRequest } from '@orchestra/workflow-core';
import { idempotencyKeyOf, nameOfKey } from './idempotency-key.js';
import { ProblemError } from './problems.js';
import { readBody } from './request-body.js';
import {
  idFrom,
  noTask,
  noWorkflow,
  type Request,
  type Route,
  type RouteDependencies,
} from './route.js';

export const skipTask =
  (dependencies: RouteDependencies): Route =>
  async (request) => {
    const taskId = idFrom(request, 'taskId');
    const order = await readBody(request.req.raw, skipTaskRequestSchema);
    return override(dependencies, request, { taskId, kind: 'skip' }, order);
  };

export const setTaskOutput =
  (dependencies: RouteDependencies): Route =>
  async (request) => {
    const taskId = idFrom(request, 'taskId');
    const { output, ...order } = await readBody(request.req.raw, setOutputRequestSchema);
    return override(dependencies, request, { taskId, kind: 'output', output }, order);
  };

function problemOf(
  { kind, detail }: Extract<OverrideAnswer, { detail: string }>,
  workflowId: string,
  taskId: string,
): ProblemError {
  if (kind === 'unknown') return noWorkflow(workflowId);
  return kind === 'unknownTask'
    ? noTask(workflowId, taskId)
    : new ProblemError('ORDER_REFUSED', detail);
}

async function override(
  { orchestrator, newId }: RouteDependencies,
  request: Request,
  asked: OverrideRequest['override'],
  order: Order,
): Promise<Response> {
  const workflowId = idFrom(request, 'workflowId');
  const { taskId, kind } = asked;
  const key = idempotencyKeyOf(request);
  const token = key === undefined ? newId() : nameOfKey(key, JSON.stringify({ asked, order }));
  const answer = await orchestrator.override({
    ...{ mode: 'override', workflowId, token, override: asked },
    ...order,
  });
  if ('detail' in answer) throw problemOf(answer, workflowId, taskId);
  const { status, epoch } = answer;
  const taskStatus = taskStatusSchema.parse(kind === 'skip' ? 'SKIPPED' : 'SUCCEEDED');
  const body = {
    workflowId,
    status: workflowStatusSchema.parse(status),
    epoch,
    taskId,
    taskStatus,
  };
  return request.json(body satisfies TaskOrderResponse, answer.kind === 'redriven' ? 202 : 200);
}
