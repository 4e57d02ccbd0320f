/** What becomes of a task by the outcome of its attempt: the transition that records it. */
import {
  PayloadTooLargeError,
  type ConditionFalseTransition,
  type FailTransition,
  type RerunTransition,
  type SucceedTransition,
  type SuspendTransition,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Claim, Outcome, Ports } from './ports.js';
import { retryOf, type Retrying } from './retry.js';

export type OutcomeTransition =
  | SucceedTransition
  | FailTransition
  | ConditionFalseTransition
  | SuspendTransition
  | RerunTransition;

/** Undefined: the task is no longer ours. `version`: the item's, where it was read. */
export async function transitionOf(
  ports: Ports,
  retrying: Retrying,
  claim: Claim,
  outcome: Outcome,
): Promise<{ transition: OutcomeTransition; version: number } | undefined> {
  if (outcome.kind === 'conditionFalse') {
    const common = commonOf(ports, retrying.workflow, claim, undefined);
    return { transition: { ...common, kind: 'conditionFalse' }, version: 0 };
  }
  if (outcome.kind === 'suspended') {
    const { workflowId, taskId, claimId, at } = commonOf(
      ports,
      retrying.workflow,
      claim,
      undefined,
    );
    const { leaseUntil } = claim;
    const common = { workflowId, taskId, claimId, leaseUntil, at };
    return { transition: { ...common, ...outcome, kind: 'suspend' }, version: 0 };
  }
  const kept = await withOutputKept(ports, retrying.workflow, claim, outcome);
  if (kept.kind === 'succeeded') return { transition: kept.transition, version: 0 };
  const retry = await retryOf(ports, retrying, claim, kept.outcome);
  if (retry === 'not ours') return undefined;
  if (retry) return retry;
  const { error, reason, requestId } = kept.outcome;
  const transition: FailTransition = {
    ...commonOf(ports, retrying.workflow, claim, requestId),
    kind: 'fail',
    error,
    by: 'worker',
    ...(reason === undefined ? {} : { reason }),
  };
  return { transition, version: 0 };
}

type Failed = Extract<Outcome, { kind: 'failed' }>;

type Kept =
  | { readonly kind: 'succeeded'; readonly transition: SucceedTransition }
  | { readonly kind: 'failed'; readonly outcome: Failed };

/** A large output is stored before the outcome that names it, under the claim, so that a zombie overwrites nothing. */
async function withOutputKept(
  ports: Ports,
  workflow: Workflow,
  claim: Claim,
  outcome: Exclude<Outcome, { kind: 'conditionFalse' | 'suspended' }>,
): Promise<Kept> {
  if (outcome.kind === 'failed') return { kind: 'failed', outcome };
  const { workflowId, expiresAt } = workflow;
  const owner = { workflowId, key: `${claim.taskId}#${claim.claimId}`, expiresAt };
  const { requestId } = outcome;
  try {
    const output = await ports.repository.putPayload(owner, outcome.output);
    const common = commonOf(ports, workflow, claim, requestId);
    return { kind: 'succeeded', transition: { ...common, kind: 'succeed', output } };
  } catch (error) {
    if (!(error instanceof PayloadTooLargeError)) throw error;
    const message = `the task's output: ${error.message}`;
    const tooLarge = { type: 'OutputTooLarge', message, trace: [] };
    return {
      kind: 'failed',
      outcome: { kind: 'failed', error: tooLarge, ...(requestId ? { requestId } : {}) },
    };
  }
}

const commonOf = (
  ports: Ports,
  { workflowId }: Workflow,
  { taskId, claimId }: Claim,
  requestId: string | undefined,
) => ({
  workflowId,
  taskId,
  claimId,
  at: new Date(ports.now()).toISOString(),
  ...(requestId === undefined ? {} : { requestId }),
});
