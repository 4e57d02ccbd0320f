/**
 * The port behind which workflows are kept. It executes transitions as conditional writes and decides nothing.
 *
 * Every adapter passes the suite in `contract/`. Races that are lost are values (`lost`), never exceptions;
 * a store that cannot answer throws `StoreUnavailableError`.
 */
import type { Definition } from './definition.js';
import type { WorkflowStatus } from './state-machines.js';
import type {
  Actor,
  DefinitionRef,
  FailureReason,
  Payload,
  Redrive,
  SkipReason,
  Task,
  TaskError,
  Workflow,
} from './workflow.js';

/** Where a task's item comes from: everything a new item copies, so that nobody has to read META for it. */
export interface TaskOrigin {
  readonly workflowId: string;
  readonly epoch: number;
  readonly definition: DefinitionRef;
  /** ISO 8601; lets whoever ends the workflow tell its duration without reading META. */
  readonly workflowStartedAt: string;
  readonly expiresAt: number;
}

/** An item of an older epoch that a new one takes the place of, and the attempts that are kept of it. */
export interface Overwritten {
  readonly task: Task;
  readonly pastAttempts: Payload;
}

/** READY is the INSERT of the item: it succeeds once. Above epoch 1 it may take the place of an older item. */
export interface ReadyTransition {
  readonly kind: 'ready';
  readonly origin: TaskOrigin;
  readonly taskId: string;
  readonly over?: Overwritten;
  readonly by: Actor;
  readonly at: string;
}
/** SKIPPED is an INSERT too. */
export interface SkipTransition {
  readonly kind: 'skip';
  readonly origin: TaskOrigin;
  readonly taskId: string;
  readonly reason: SkipReason;
  readonly over?: Overwritten;
  readonly by: Actor;
  readonly at: string;
}
/** READY -> RUNNING, on condition of status, version and epoch. Mine already counts as applied. */
export interface ClaimTransition {
  readonly kind: 'claim';
  readonly workflowId: string;
  readonly taskId: string;
  readonly epoch: number;
  readonly version: number;
  readonly claimId: string;
  readonly leaseUntil: string;
  readonly at: string;
}
/** RUNNING -> SUCCEEDED, fenced by claimId. */
export interface SucceedTransition {
  readonly kind: 'succeed';
  readonly workflowId: string;
  readonly taskId: string;
  readonly claimId: string;
  readonly output: Payload;
  readonly requestId?: string;
  readonly witnesses?: readonly string[];
  readonly at: string;
}
/** RUNNING -> FAILED, fenced by claimId. */
export interface FailTransition {
  readonly kind: 'fail';
  readonly workflowId: string;
  readonly taskId: string;
  readonly claimId: string;
  readonly error: TaskError;
  readonly reason?: FailureReason;
  readonly requestId?: string;
  readonly witnesses?: readonly string[];
  readonly by: Actor;
  readonly at: string;
}
/** RUNNING -> READY with the next attempt, after a failure that is retried or a lost worker; fenced by claimId. */
export interface RerunTransition {
  readonly kind: 'rerun';
  readonly workflowId: string;
  readonly taskId: string;
  readonly claimId: string;
  readonly attempt: number;
  readonly retries: number;
  readonly lost: number;
  readonly pastAttempts: Payload;
  /** Not to be claimed before. */
  readonly notBefore?: string;
  /** A worker waits with it until then; absent: it is the sweep's to dispatch. */
  readonly leaseUntil?: string;
  readonly by: Actor;
  readonly at: string;
}
/** READY | RUNNING -> CANCELLED, on condition of status, version and epoch. */
export interface CancelTaskTransition {
  readonly kind: 'cancelTask';
  readonly task: Task;
  readonly by: Actor;
  readonly at: string;
}
/** META RUNNING -> SUCCESS | FAILED in this epoch; leaves the due index. */
export interface FinishTransition {
  readonly kind: 'finish';
  readonly workflowId: string;
  readonly epoch: number;
  readonly definition: DefinitionRef;
  readonly status: 'SUCCESS' | 'FAILED';
  readonly by: Actor;
  readonly at: string;
}
/** META RUNNING -> CANCELLED, or FAILED for its deadline; due until `settle`, so that the sweep finishes what a crash leaves. */
export interface StopTransition {
  readonly kind: 'stop';
  readonly workflowId: string;
  readonly epoch: number;
  readonly definition: DefinitionRef;
  readonly status: 'CANCELLED' | 'FAILED';
  readonly note?: string;
  readonly by: Actor;
  readonly at: string;
}
/** META stays as it is, stopped, and leaves the due index: none of its tasks is READY or RUNNING any more. */
export interface SettleTransition {
  readonly kind: 'settle';
  readonly workflowId: string;
  readonly epoch: number;
  readonly version: number;
}
/** META begins its next epoch RUNNING. */
export interface RedriveTransition {
  readonly kind: 'redrive';
  readonly workflow: Workflow;
  readonly definition: DefinitionRef;
  readonly redrive: Redrive;
  readonly nextCheckAt: string;
}
/** META stays RUNNING; the sweep looks again at `nextCheckAt`. */
export interface CheckTransition {
  readonly kind: 'check';
  readonly workflowId: string;
  readonly epoch: number;
  readonly version: number;
  readonly nextCheckAt: string;
}

export type Transition =
  | ReadyTransition
  | SkipTransition
  | ClaimTransition
  | SucceedTransition
  | FailTransition
  | RerunTransition
  | CancelTaskTransition
  | FinishTransition
  | StopTransition
  | SettleTransition
  | RedriveTransition
  | CheckTransition;

/** `lost`: the condition did not hold; `current` is the item as it is instead (undefined: there is none). */
export type TransitionResult =
  | { readonly kind: 'applied' }
  | { readonly kind: 'lost'; readonly current: Task | Workflow | undefined };

export interface WorkflowWithTasks {
  readonly workflow: Workflow;
  /** The tasks that have an item. */
  readonly tasks: readonly Task[];
}

/** What the listing shows of a workflow. */
export type WorkflowSummary = Pick<
  Workflow,
  'workflowId' | 'status' | 'definition' | 'createdAt' | 'startedAt' | 'endedAt'
>;

/** A workflow the sweep has to look at; from an index, so to be read again before anything is decided. */
export interface DueWorkflow {
  readonly workflowId: string;
  readonly nextCheckAt: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Opaque; absent on the last page. */
  readonly cursor?: string;
}

/**
 * Tasks a consistent read of a whole workflow brings for one read unit, about; a task read by its name costs a unit.
 * With the largest outputs that stay inside, an item has about 0.8 KB.
 */
export const TASKS_PER_READ_UNIT = 5;

export interface WorkflowRepository {
  /** Stores the definition as the next revision, or answers the present one when its content is the same. */
  putDefinition(definition: Definition): Promise<{ revision: number; created: boolean }>;
  getDefinition(ref: DefinitionRef): Promise<Definition | undefined>;

  /** Inserts META: the commit point of a start. */
  createWorkflow(
    workflow: Workflow,
  ): Promise<{ kind: 'created' } | { kind: 'exists'; workflow: Workflow }>;
  /** Consistent. */
  getWorkflow(workflowId: string): Promise<Workflow | undefined>;
  /** Consistent, every page of it. */
  getWorkflowWithTasks(workflowId: string): Promise<WorkflowWithTasks | undefined>;
  /** Consistent, in one request up to 99 tasks: META and those of the named tasks that have an item. */
  getWorkflowAndTasks(
    workflowId: string,
    taskIds: readonly string[],
  ): Promise<WorkflowWithTasks | undefined>;
  /** Consistent: those of the named tasks that have an item. */
  getTasks(workflowId: string, taskIds: readonly string[]): Promise<readonly Task[]>;

  /**
   * Applies each transition on its own condition, many in one request; the results stand in the order of the
   * transitions. At most one transition per item in a call.
   * @throws StoreUnavailableError when any of them could not be settled; the others may have been applied.
   */
  apply(transitions: readonly Transition[]): Promise<readonly TransitionResult[]>;

  /**
   * Keeps a value: inside the item while small, else in parts under `key`, written before this returns.
   * `key` names its writer (such as a claim), so that a zombie overwrites nothing.
   * @throws PayloadTooLargeError
   */
  putPayload(owner: PayloadOwner, value: unknown): Promise<Payload>;
  getPayload(workflowId: string, payload: Payload): Promise<unknown>;

  /** Newest first; `status` undefined lists all. From an index: may lag behind by moments. */
  listWorkflows(query: {
    status?: WorkflowStatus;
    limit: number;
    cursor?: string;
  }): Promise<Page<WorkflowSummary>>;
  /** Workflows whose `nextCheckAt` is at or before `at`, oldest first, of one shard. */
  listDue(query: {
    shard: number;
    at: string;
    limit: number;
    cursor?: string;
  }): Promise<Page<DueWorkflow>>;
  /** How many shards `listDue` has. */
  readonly dueShards: number;
}

export interface PayloadOwner {
  readonly workflowId: string;
  readonly key: string;
  readonly expiresAt: number;
}
