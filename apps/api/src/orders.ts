/** What an operator may order: cancel, redrive, run a task again. The orchestrator does it. */
import {
  cancelWorkflowRequestSchema,
  dryRunQuerySchema,
  redriveWorkflowRequestSchema,
  rerunTaskRequestSchema,
  workflowStatusSchema,
  type CancelWorkflowResponse,
  type ProblemCode,
  type RedriveResponse,
} from '@orchestra/api-contract';
import type { RedriveAnswer, RedriveRequest } from '@orchestra/workflow-core';
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
    const { note } = await readBody(request.req.raw, cancelWorkflowRequestSchema);
    const { kind, status } = await orchestrator.cancel({ mode: 'cancel', workflowId, note });
    if (kind === 'unknown') throw noWorkflow(workflowId);
    if (kind === 'ended')
      throw new ProblemError('WORKFLOW_ENDED', `it ended ${status}, and stays so`);
    return request.json({ workflowId, status: 'CANCELLED' } satisfies CancelWorkflowResponse);
  };

export const redrive =
  (dependencies: RouteDependencies): Route =>
  async (request) => {
    const { revision, note } = await readBody(request.req.raw, redriveWorkflowRequestSchema);
    return order(dependencies, request, { selection: { kind: 'unfinished' }, revision, note });
  };

export const rerunTask =
  (dependencies: RouteDependencies): Route =>
  async (request) => {
    const taskId = idFrom(request, 'taskId');
    const { downstream, note } = await readBody(request.req.raw, rerunTaskRequestSchema);
    const selection = { kind: 'tasks' as const, tasks: [taskId], downstream };
    return order(dependencies, request, { selection, note });
  };

async function order(
  { orchestrator, newId }: RouteDependencies,
  request: Request,
  asked: Pick<RedriveRequest, 'selection' | 'revision' | 'note'>,
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
};
