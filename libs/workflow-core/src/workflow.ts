/** The records of a workflow, as the engine speaks of them. Times are ISO 8601 UTC with milliseconds. */
import type { TaskStatus, TerminalWorkflowStatus, WorkflowStatus } from './state-machines.js';

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
  'OPERATOR',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];
export const FAILURE_REASONS = ['TIMEOUT', 'WORKER_LOST'] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];
export type TaskReason = SkipReason | FailureReason;

/** Who made a move: a start, a pass over stream records, the sweep, a worker, or a person. */
export const ACTORS = ['start', 'stream', 'sweep', 'worker', 'operator'] as const;
export type Actor = (typeof ACTORS)[number];

/** A stored list, in parts that are read on their own: item k is in part `floor(k / perPart)`. */
export interface StoredList {
  readonly key: string;
  readonly count: number;
  readonly perPart: number;
}

/** What a map runs over. */
export interface MapItems extends StoredList {
  /** Of the list's content. */
  readonly hash: string;
  /** Since this epoch the list is the same: what items of it and later ones have become counts on. */
  readonly since: number;
}

/** One entry of a map's list. */
export interface MapItem {
  readonly item: unknown;
  readonly label?: string;
}

/** An answer that is waited for: who knows the secret may give it, once. */
export interface Callback {
  readonly secret: string;
  readonly openedAt: string;
}

/** Who gave an order, and why, in their own words. */
export interface Order {
  readonly who?: string;
  readonly note?: string;
}

/** What a suspended task waits or waited for: a moment, an answer until then, a child, or so many items. */
export interface WaitsFor {
  readonly until?: string;
  readonly callback?: true;
  readonly child?: string;
  readonly items?: number;
}

/** What is kept of one try once the next begins. */
export interface PastAttempt {
  /** 1-based and unique in the task's whole life; 0: skipped or cancelled before it ever ran. */
  readonly attempt: number;
  readonly epoch: number;
  /** The task's status when the next try put this one away: RUNNING when it failed or was lost and was tried again. */
  readonly status: Exclude<TaskStatus, 'PENDING'>;
  readonly reason?: TaskReason;
  readonly readyAt?: string;
  readonly readyBy?: Actor;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly suspendedAt?: string;
  readonly waitsFor?: WaitsFor;
  readonly heartbeats?: number;
  readonly heartbeatAt?: string;
  readonly postponed?: number;
  readonly postponedAt?: string;
  readonly endedBy?: Actor;
  readonly error?: TaskError;
  readonly requestId?: string;
  readonly who?: string;
  readonly note?: string;
}

/** Which tasks a redrive runs again besides all that are not SUCCEEDED. */
export type Selection =
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'tasks'; readonly tasks: readonly string[]; readonly downstream: boolean };

/** What a redrive makes of one task of its epoch: it runs with another input, or it is what the operator says without running. */
export type Override =
  | { readonly taskId: string; readonly kind: 'input'; readonly input: Payload }
  | { readonly taskId: string; readonly kind: 'output'; readonly output: Payload }
  | { readonly taskId: string; readonly kind: 'skip' };

/** A pause or a resume. */
export interface Control extends Order {
  readonly kind: 'pause' | 'resume';
  readonly at: string;
  readonly epoch: number;
}

/** An operator's order to go on, and how the workflow had ended until then. */
export interface Redrive {
  /** The epoch it began. */
  readonly epoch: number;
  readonly at: string;
  /** Makes the order safe to repeat. */
  readonly token: string;
  readonly selection: Selection;
  /** The definition's revision before it. */
  readonly fromRevision: number;
  readonly from: { readonly status: TerminalWorkflowStatus } & WorkflowEnd;
  readonly overrides?: readonly Override[];
  readonly who?: string;
  readonly note?: string;
}

/** The task that a workflow runs for. */
export interface Parent {
  readonly workflowId: string;
  readonly taskId: string;
  /** Of the parent, in which it was started or redriven last. */
  readonly epoch: number;
}

/** What has to be done once a workflow has ended; it stays due until it is. */
export const DUTIES = ['parent', 'place'] as const;
export type Duty = (typeof DUTIES)[number];

/** How and why a workflow ended. */
export interface WorkflowEnd {
  readonly endedAt?: string;
  readonly endedBy?: Actor;
  /** Why it is FAILED when that is not for its tasks. */
  readonly reason?: 'TIMEOUT';
  /** An operator's words about a cancel, and who that was. */
  readonly note?: string;
  readonly who?: string;
}

/** META: one run of a definition. */
export interface Workflow extends WorkflowEnd {
  readonly workflowId: string;
  readonly status: WorkflowStatus;
  /** Grows by one with every write: the optimistic lock. */
  readonly version: number;
  /** Grows by one with every redrive; facts belong to their epoch. */
  readonly epoch: number;
  readonly definition: DefinitionRef;
  readonly requestHash: string;
  readonly input: Payload;
  /** What it can be found by; fixed at its start. */
  readonly tags?: readonly string[];
  readonly createdAt: string;
  readonly startedAt?: string;
  /** When the sweep looks next; absent once the workflow is terminal and nothing of it is left to stop. */
  readonly nextCheckAt?: string;
  readonly redrives?: readonly Redrive[];
  /** Its tasks are not claimed until it is resumed: the last of `controls` is a pause. */
  readonly controls?: readonly Control[];
  /** `table`: whoever inserted it started nothing, the stream has to. */
  readonly startBy?: 'table';
  readonly parent?: Parent;
  /** How many workflows stand above it. */
  readonly depth?: number;
  /** The place it needs to run: one of its definition's `concurrency.limit` for this key. */
  readonly concurrencyKey?: string;
  readonly duties?: readonly Duty[];
  /** Epoch seconds, the same on every item of the workflow. */
  readonly expiresAt: number;
}

/** One node of one workflow. A task without an item is PENDING. */
export interface Task {
  readonly workflowId: string;
  readonly taskId: string;
  readonly status: Exclude<TaskStatus, 'PENDING'>;
  readonly reason?: TaskReason;
  /** Grows by one with every write, so that it counts the task's transitions. */
  readonly version: number;
  readonly epoch: number;
  readonly definition: DefinitionRef;
  /** The workflow's own. */
  readonly workflowStartedAt: string;
  /** 1-based, and growing through redrives; 0 for a task that was skipped before it ever ran. */
  readonly attempt: number;
  /** Tries in this epoch that failed and were tried again, as the task's retry policy counts them. */
  readonly retries?: number;
  /** Tries in this epoch whose worker was lost. */
  readonly lost?: number;
  /** The random token of the worker that holds or held this attempt: the fence. */
  readonly claimId?: string;
  /** RUNNING: until then the worker has it. READY: until then a worker waits with it for `notBefore`. */
  readonly leaseUntil?: string;
  readonly readyAt?: string;
  readonly readyBy?: Actor;
  /** A task that waits for its retry is not claimed before. */
  readonly notBefore?: string;
  readonly startedAt?: string;
  /** How often in this attempt its claim was put off, for want of a place at its function. */
  readonly postponed?: number;
  /** When that was last. */
  readonly postponedAt?: string;
  /** RUNNING and held by nobody since then: until its items, its time, its answer or its child have ended. */
  readonly suspendedAt?: string;
  /** A wait is over then; a callback is too late. */
  readonly wakeAt?: string;
  /** What a map runs over. It has no `output`: that is the list of its items' outputs. */
  readonly items?: MapItems;
  readonly callback?: Callback;
  /** How often the deadline of its callback was put off. */
  readonly heartbeats?: number;
  /** When that was last. */
  readonly heartbeatAt?: string;
  /** The id of the workflow that runs for it. */
  readonly child?: string;
  /** What its callback or child was given. */
  readonly input?: Payload;
  /** The order by which an operator ended it. */
  readonly who?: string;
  readonly note?: string;
  readonly endedAt?: string;
  readonly endedBy?: Actor;
  readonly error?: TaskError;
  readonly output?: Payload;
  /** The task function's own request id, of the present attempt. */
  readonly requestId?: string;
  /** Tasks that were certainly unfinished when this outcome was written: their records come later (planner, P3). */
  readonly witnesses?: readonly string[];
  /** A list of `PastAttempt`; read it with `readPastAttempts`. */
  readonly pastAttempts?: Payload;
  readonly expiresAt: number;
}

/** What a task is once nothing can change it within its epoch. */
export interface TaskFact {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'SKIPPED' | 'CANCELLED';
  readonly reason?: TaskReason;
}
