/** The records of a workflow, as the engine speaks of them. Times are ISO 8601 UTC with milliseconds. */
import type { TaskStatus, WorkflowStatus } from './state-machines.js';

export interface DefinitionRef {
  readonly name: string;
  readonly revision: number;
}

/** JSON, either inside the item or in parts beside it. */
export type Payload =
  | { readonly kind: 'inline'; readonly json: string }
  | { readonly kind: 'parts'; readonly key: string; readonly parts: number };

export interface TaskError {
  /** The error's class, such as `TypeError`, `TaskTimeout` or `WorkerLost`. */
  readonly type: string;
  readonly message: string;
  readonly trace: readonly string[];
}

export const SKIP_REASONS = [
  'UPSTREAM_FAILED',
  'UPSTREAM_SKIPPED',
  'CONDITION_FALSE',
  'FAIL_FAST',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];
export const FAILURE_REASONS = ['TIMEOUT', 'WORKER_LOST'] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];
export type TaskReason = SkipReason | FailureReason;

/** One try that is over. `attempt` is 1-based. */
export interface PastAttempt {
  readonly attempt: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly error?: TaskError;
  readonly requestId?: string;
}

/** META: one run of a definition. */
export interface Workflow {
  readonly workflowId: string;
  readonly status: WorkflowStatus;
  /** Grows by one with every write: the optimistic lock. */
  readonly version: number;
  /** Grows by one with every redrive; facts belong to their epoch. */
  readonly epoch: number;
  readonly definition: DefinitionRef;
  readonly requestHash: string;
  readonly input: Payload;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** When the sweep looks next; absent once the workflow is terminal. */
  readonly nextCheckAt?: string;
  /** Epoch seconds, the same on every item of the workflow. */
  readonly expiresAt: number;
}

/** One node of one workflow. A task without an item is PENDING. */
export interface Task {
  readonly workflowId: string;
  readonly taskId: string;
  readonly status: Exclude<TaskStatus, 'PENDING'>;
  readonly reason?: TaskReason;
  readonly version: number;
  readonly epoch: number;
  readonly definition: DefinitionRef;
  /** The workflow's own. */
  readonly workflowStartedAt: string;
  /** 1-based; 0 for a task that was skipped before it ever ran. */
  readonly attempt: number;
  /** The random token of the worker that holds or held this attempt: the fence. */
  readonly claimId?: string;
  readonly leaseUntil?: string;
  readonly readyAt?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly error?: TaskError;
  readonly output?: Payload;
  /** The task function's own request id, of the last attempt that has one. */
  readonly requestId?: string;
  /** Tasks that were certainly unfinished when this outcome was written: their records come later (planner, P3). */
  readonly witnesses?: readonly string[];
  readonly pastAttempts?: readonly PastAttempt[];
  readonly expiresAt: number;
}

/** What a task is once nothing can change it within its epoch. */
export interface TaskFact {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'SKIPPED' | 'CANCELLED';
  readonly reason?: TaskReason;
}
