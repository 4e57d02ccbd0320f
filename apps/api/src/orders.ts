/** What an operator may order of a workflow: pause, resume, cancel, redrive, run a task again. The orchestrator does it. */
import {
  cancelWorkflowRequestSchema,
  controlWorkflowRequestSchema,
  dryRunQuerySchema,
  redriveWorkflowRequestSchema,
  rerunTaskRequestSchema,
  workflowStatusSchema,
  type CancelWorkflowResponse,
  type ControlWorkflowResponse,
  type ProblemCode,
  type RedriveResponse,
  type TaskOverride,
} from '@orchestra/api-contract';
import type {
  AskedOverride,
  ControlRequest,
  RedriveAnswer,
  RedriveRequest,
} from '@orchestra/workflow-core';
import { idempotencyKeyOf, nameOfKey } from './idempotency-key.js';
import { ProblemError } from './problems.js';
import { readBody } from './request-body.js';
import {
  idFrom,
  noWorkflow,
  queryOf,
  type Request,
  type Route,
  type RouteDependencies,
} from './route.js';

export const cancel =
  ({ orchestrator }: RouteDependencies): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const { who, note } = await readBody(request.req.raw, cancelWorkflowRequestSchema);
    const { kind, status } = await orchestrator.cancel({ mode: 'cancel', workflowId, who, note });
    if (kind === 'unknown') throw noWorkflow(workflowId);
    if (kind === 'ended')
      throw new ProblemError('WORKFLOW_ENDED', `it ended ${status}, and stays so`);
    return request.json({ workflowId, status: 'CANCELLED' } satisfies CancelWorkflowResponse);
  };

export const control =
  (mode: ControlRequest['mode'], { orchestrator }: RouteDependencies): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const order = await readBody(request.req.raw, controlWorkflowRequestSchema);
    const { kind, status, detail } = await orchestrator.control({ mode, workflowId, ...order });
    if (kind === 'unknown') throw noWorkflow(workflowId);
    if (kind === 'ended')
      throw new ProblemError(
        'WORKFLOW_ENDED',
        `it ended ${status}: nothing of it is left to start`,
      );
    if (kind === 'refused') throw new ProblemError('ORDER_REFUSED', detail ?? `it is ${status}`);
    return request.json({
      ...{ workflowId, status: workflowStatusSchema.parse(status), paused: mode === 'pause' },
    } satisfies ControlWorkflowResponse);
  };

export const redrive =
  (dependencies: RouteDependencies): Route =>
  async (request) => {
    const { overrides, ...asked } = await readBody(request.req.raw, redriveWorkflowRequestSchema);
    return order(dependencies, request, {
      selection: { kind: 'unfinished' },
      ...asked,
      overrides: overrides?.map(overrideOf),
    });
  };

export const rerunTask =
  (dependencies: RouteDependencies): Route =>
  async (request) => {
    const taskId = idFrom(request, 'taskId');
    const { downstream, input, ...asked } = await readBody(request.req.raw, rerunTaskRequestSchema);
    const selection = { kind: 'tasks' as const, tasks: [taskId], downstream };
    const overrides = input === undefined ? undefined : [overrideOf({ taskId, input })];
    return order(dependencies, request, { selection, overrides, ...asked });
  };

function overrideOf(asked: TaskOverride): AskedOverride {
  if ('skip' in asked) return { taskId: asked.taskId, kind: 'skip' };
  return 'output' in asked ? { ...asked, kind: 'output' } : { ...asked, kind: 'input' };
}

async function order(
  { orchestrator, newId }: RouteDependencies,
  request: Request,
  asked: Omit<RedriveRequest, 'mode' | 'workflowId' | 'token' | 'dryRun'>,
): Promise<Response> {
  const workflowId = idFrom(request, 'workflowId');
  const { dryRun } = queryOf(request, dryRunQuerySchema);
  const key = idempotencyKeyOf(request);
  const answer = await orchestrator.redrive({
    mode: 'redrive',
    workflowId,
    // The same key with another order is another order.
    token: key === undefined ? newId() : nameOfKey(key, JSON.stringify(asked)),
    dryRun,
    ...asked,
  });
  if ('detail' in answer) throw new ProblemError(REFUSALS[answer.kind], answer.detail);
  const { status, epoch, definition, run, keep } = answer;
  const body = {
    ...{ workflowId, status: workflowStatusSchema.parse(status) },
    ...{ epoch, definition, dryRun, run, keep },
  };
  return request.json(body satisfies RedriveResponse, dryRun ? 200 : 202);
}

const REFUSALS: Record<Extract<RedriveAnswer, { detail: string }>['kind'], ProblemCode> = {
  unknown: 'NOT_FOUND',
  unknownTask: 'NOT_FOUND',
  unknownRevision: 'NOT_FOUND',
  running: 'WORKFLOW_RUNNING',
  nothingToRun: 'NOTHING_TO_RUN',
  revisionDiffers: 'REDRIVE_REFUSED',
  tooMany: 'REDRIVE_REFUSED',
  tooLate: 'REDRIVE_REFUSED',
  isChild: 'REDRIVE_REFUSED',
  notOverridable: 'REDRIVE_REFUSED',
};
