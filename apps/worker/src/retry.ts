/** A task that failed and is tried again: when, and who waits until then. */
import {
  isRetried,
  putAway,
  retryDelayMs,
  taskOf,
  type Graph,
  type RerunTransition,
  type Task,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Claim, Outcome, Ports } from './ports.js';

export interface Retrying {
  readonly graph: Graph;
  readonly workflow: Workflow;
  /** What is left of this invocation. */
  readonly remainingMs: () => number;
}

type Failed = Extract<Outcome, { kind: 'failed' }>;

/** Undefined: it is not tried again. Only a failure that may be tried again costs a read of the task. */
export async function retryOf(
  ports: Ports,
  retrying: Retrying,
  { taskId, claimId }: Claim,
  failed: Failed,
): Promise<{ transition: RerunTransition; version: number } | 'not ours' | undefined> {
  const { graph, workflow } = retrying;
  const retry = taskOf(graph, taskId)?.retry;
  if (!retry || !isRetried(retry, failed.error.type)) return undefined;
  const [task] = await ports.repository.getTasks(workflow.workflowId, [taskId]);
  if (task?.status !== 'RUNNING' || task.claimId !== claimId) return 'not ours';
  const delayMs = retryDelayMs(retry, task.retries ?? 0, ports.random());
  if (delayMs === undefined) return undefined;
  return {
    transition: await rerunOf(ports, retrying, task, failed, delayMs),
    version: task.version,
  };
}

async function rerunOf(
  ports: Ports,
  retrying: Retrying,
  task: Task,
  { error, reason, requestId }: Failed,
  delayMs: number,
): Promise<RerunTransition> {
  const { workflowId, taskId, claimId = '', attempt, retries = 0, lost = 0 } = task;
  const now = ports.now();
  const at = new Date(now).toISOString();
  const ended = {
    endedAt: at,
    endedBy: 'worker' as const,
    error,
    ...(reason === undefined ? {} : { reason }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  return {
    kind: 'rerun',
    workflowId,
    taskId,
    claimId,
    attempt: attempt + 1,
    retries: retries + 1,
    lost,
    ...(task.postponed === undefined ? {} : { wasPostponed: true }),
    pastAttempts: await putAway(ports.repository, task, { at, by: 'worker', ...ended }),
    notBefore: new Date(now + delayMs).toISOString(),
    ...(fits(ports, retrying, taskId, delayMs)
      ? { leaseUntil: new Date(now + delayMs + ports.settings.leaseMarginMs).toISOString() }
      : {}),
    by: 'worker',
    at,
  };
}

/** Whether the delay and the whole next try fit what is left of this invocation. */
function fits(ports: Ports, retrying: Retrying, taskId: string, delayMs: number): boolean {
  const { timeoutSeconds } = taskOf(retrying.graph, taskId) ?? {};
  const { taskTimeoutMs, leaseMarginMs } = ports.settings;
  const timeoutMs = timeoutSeconds === undefined ? taskTimeoutMs : timeoutSeconds * 1000;
  return delayMs + timeoutMs + leaseMarginMs <= retrying.remainingMs();
}
