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
  Callback,
  Control,
  DefinitionRef,
  FailureReason,
  MapItems,
  Order,
  Parent,
  Payload,
  Redrive,
  SkipReason,
  StoredList,
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
/** SKIPPED is an INSERT too; so is what an operator makes SUCCEEDED before it began. */
export interface SkipTransition extends Order {
  readonly kind: 'skip';
  readonly origin: TaskOrigin;
  readonly taskId: string;
  readonly reason: SkipReason;
  /** With the reason OPERATOR: it is SUCCEEDED with this output instead. */
  readonly output?: Payload;
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
/**
 * READY stays READY, not to be claimed before `notBefore`: its function has no place for it now. On condition of status,
 * version and epoch, so that it is one worker's to wait with, as after a claim.
 */
export interface PostponeTransition {
  readonly kind: 'postpone';
  readonly task: Task;
  readonly notBefore: string;
  /** A worker waits with it until then; absent: it is the sweep's to dispatch. */
  readonly leaseUntil?: string;
  readonly at: string;
}
/**
 * RUNNING stays RUNNING, held by nobody: until `wakeAt`, an answer, the end of a child or of all its items. Whoever ends it
 * then does so with the same claimId. Fenced by claimId.
 */
export interface SuspendTransition {
  readonly kind: 'suspend';
  readonly workflowId: string;
  readonly taskId: string;
  readonly claimId: string;
  /** Of the claim. What is suspended has none, so a repeat after a lost reply is no second write. */
  readonly leaseUntil?: string;
  readonly wakeAt?: string;
  readonly callback?: Callback;
  readonly items?: MapItems;
  readonly child?: string;
  readonly input?: Payload;
  readonly at: string;
}
/** The deadline of a callback is put off. Fenced by claimId and version. */
export interface HeartbeatTransition {
  readonly kind: 'heartbeat';
  readonly task: Task;
  readonly wakeAt: string;
  readonly at: string;
}
/** READY, or RUNNING and suspended -> SKIPPED or SUCCEEDED, as an operator says; on condition of status, version and epoch. */
export interface OverrideTransition extends Order {
  readonly kind: 'override';
  readonly task: Task;
  /** Absent: it is skipped. */
  readonly output?: Payload;
  readonly at: string;
}
/** RUNNING -> SUCCEEDED, fenced by claimId. */
export interface SucceedTransition {
  readonly kind: 'succeed';
  readonly workflowId: string;
  readonly taskId: string;
  readonly claimId: string;
  /** Absent of a map: its items have it. */
  readonly output?: Payload;
  /** `worker` without it. */
  readonly by?: Actor;
  /** It was waiting for a callback. */
  readonly answers?: true;
  readonly who?: string;
  readonly note?: string;
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
  /** Only if nothing has changed since: the time for an answer may have been put off. */
  readonly version?: number;
  /** It was waiting for a callback. */
  readonly answers?: true;
  readonly who?: string;
  readonly note?: string;
  readonly reason?: FailureReason;
  readonly requestId?: string;
  readonly witnesses?: readonly string[];
  readonly by: Actor;
  readonly at: string;
}
/** RUNNING -> SKIPPED, because the task's `when` gave false; fenced by claimId. */
export interface ConditionFalseTransition {
  readonly kind: 'conditionFalse';
  readonly workflowId: string;
  readonly taskId: string;
  readonly claimId: string;
  readonly witnesses?: readonly string[];
  readonly at: string;
}
/** RUNNING -> READY with the next attempt, after a failure that is retried or a lost worker; fenced by claimId. */
export interface RerunTransition {
  readonly kind: 'rerun';
  readonly workflowId: string;
  readonly taskId: string;
  readonly claimId: string;
  /** As it was read by whoever does not hold it: it may have been suspended since. */
  readonly version?: number;
  readonly attempt: number;
  readonly retries: number;
  readonly lost: number;
  readonly pastAttempts: Payload;
  /** Not to be claimed before. */
  readonly notBefore?: string;
  /** A worker waits with it until then; absent: it is the sweep's to dispatch. */
  readonly leaseUntil?: string;
  /** The attempt before was postponed: the next one was not. */
  readonly wasPostponed?: true;
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
/** META RUNNING -> SUCCESS | FAILED in this epoch; leaves the due index, unless something is left to do then. */
export interface FinishTransition {
  readonly kind: 'finish';
  /** It has duties: it is due at once, until `settle`. */
  readonly staysDue?: true;
  readonly workflowId: string;
  readonly epoch: number;
  readonly definition: DefinitionRef;
  readonly status: 'SUCCESS' | 'FAILED';
  readonly by: Actor;
  readonly at: string;
}
/** META PENDING | RUNNING -> CANCELLED, or FAILED for its deadline; due until `settle`, so that the sweep finishes what a crash leaves. */
export interface StopTransition {
  readonly kind: 'stop';
  readonly workflowId: string;
  readonly epoch: number;
  readonly definition: DefinitionRef;
  readonly status: 'CANCELLED' | 'FAILED';
  /** RUNNING without it. */
  readonly from?: 'PENDING' | 'RUNNING';
  /** Of one that sleeps for long: when what is left to do is looked at, should this be all that happens. As it was without it. */
  readonly nextCheckAt?: string;
  readonly who?: string;
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
/** META PENDING -> RUNNING: it has a place. */
export interface AdmitTransition {
  readonly kind: 'admit';
  readonly workflowId: string;
  readonly epoch: number;
  readonly definition: DefinitionRef;
  readonly nextCheckAt: string;
  readonly at: string;
}
/** META PENDING | RUNNING stays so, paused or resumed, and due at `nextCheckAt`; on condition of version and epoch. */
export interface ControlTransition {
  readonly kind: 'control';
  readonly workflow: Workflow;
  readonly control: Control;
  readonly nextCheckAt: string;
}
/** META begins its next epoch RUNNING; PENDING where it needs a place. */
export interface RedriveTransition {
  readonly kind: 'redrive';
  /** Of a child: by whom it is redriven. */
  readonly parent?: Parent;
  readonly workflow: Workflow;
  readonly definition: DefinitionRef;
  readonly redrive: Redrive;
  readonly nextCheckAt: string;
}
/** META stays PENDING or RUNNING; the sweep looks again at `nextCheckAt`. */
export interface CheckTransition {
  readonly kind: 'check';
  readonly workflowId: string;
  readonly epoch: number;
  readonly version: number;
  /** RUNNING without it. */
  readonly status?: 'PENDING' | 'RUNNING';
  readonly nextCheckAt: string;
}

export type Transition =
  | ReadyTransition
  | SkipTransition
  | ClaimTransition
  | SucceedTransition
  | FailTransition
  | ConditionFalseTransition
  | RerunTransition
  | SuspendTransition
  | PostponeTransition
  | HeartbeatTransition
  | OverrideTransition
  | AdmitTransition
  | ControlTransition
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

/** Part of a map: its items from one index to another, both included. */
export interface ItemRange {
  readonly taskId: string;
  readonly first: number;
  readonly last: number;
}

/** Which workflows: those for which all of it holds. */
export interface WorkflowQuery {
  readonly status?: WorkflowStatus;
  /** A definition's name. */
  readonly definition?: string;
  readonly tag?: string;
  /** ISO 8601, of `createdAt`: at or after `from`, before `to`. */
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export interface CallbackQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** A stored revision without its content. */
export interface RevisionSummary extends DefinitionRef {
  readonly createdAt: string;
  readonly description?: string;
  readonly taskCount: number;
}

/** A workflow the sweep has to look at; from an index, so to be read again before anything is decided. */
export interface DueWorkflow {
  readonly workflowId: string;
  readonly nextCheckAt: string;
}

/** A schedule of which a time has come; from the same index. */
export interface DueSchedule {
  readonly schedule: string;
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
  /**
   * Stores the definition as the next revision, or answers the newest one when its content is the same; the order of an
   * object's keys is no content.
   * @param at ISO 8601: when, if it is new
   */
  putDefinition(
    definition: Definition,
    at: string,
  ): Promise<{ revision: number; created: boolean }>;
  getDefinition(ref: DefinitionRef): Promise<Definition | undefined>;
  /** The newest revision. Consistent, and cheap however large the definition is. */
  latestRevision(name: string): Promise<RevisionSummary | undefined>;
  /** What is told of one revision; as cheap. */
  getRevision(ref: DefinitionRef): Promise<RevisionSummary | undefined>;
  /** The newest revision of each definition, in the order of their names. */
  listDefinitions(query: { limit: number; cursor?: string }): Promise<Page<RevisionSummary>>;
  /** Newest first; empty when there is no such definition. */
  listRevisions(query: {
    name: string;
    limit: number;
    cursor?: string;
  }): Promise<Page<RevisionSummary>>;

  /** Inserts META: the commit point of a start. */
  createWorkflow(
    workflow: Workflow,
  ): Promise<{ kind: 'created' } | { kind: 'exists'; workflow: Workflow }>;
  /** Consistent. */
  getWorkflow(workflowId: string): Promise<Workflow | undefined>;
  /** Consistent, every page of it; the items of maps stand behind all other tasks. */
  getWorkflowWithTasks(
    workflowId: string,
    options?: { readonly items?: boolean },
  ): Promise<WorkflowWithTasks | undefined>;
  /** Consistent, in one request up to 99 tasks: META and those of the named tasks that have an item. */
  getWorkflowAndTasks(
    workflowId: string,
    taskIds: readonly string[],
  ): Promise<WorkflowWithTasks | undefined>;
  /**
   * Consistent: META and those tasks between two ids, both included, that have an item; no items of maps. Costs what lies
   * in the range.
   * Ids are in the order of their characters' codes.
   */
  getWorkflowAndTaskRange(
    workflowId: string,
    range: { readonly first: string; readonly last: string },
  ): Promise<WorkflowWithTasks | undefined>;
  /** Consistent: those items of a map that have an item in the table, in their order. Costs what lies in the range. */
  getItems(workflowId: string, range: ItemRange): Promise<readonly Task[]>;
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
  /**
   * Keeps a list so that a few of its values can be read without the others.
   * @throws PayloadTooLargeError of all together, or of one that has no room in a part of its own
   */
  putList(owner: PayloadOwner, values: readonly unknown[]): Promise<StoredList>;
  /** The values from index `first` to `last`, both included. @throws CorruptItemError */
  getListRange(
    workflowId: string,
    list: StoredList,
    range: { readonly first: number; readonly last: number },
  ): Promise<readonly unknown[]>;

  /**
   * Newest first. From an index, so it may lag behind by moments. A page may hold fewer than `limit`, even none, and still
   * have a cursor: what a tag's index cannot filter is filtered while it is read, so much at a time.
   */
  listWorkflows(query: WorkflowQuery): Promise<Page<WorkflowSummary>>;
  /**
   * Tasks that wait for an answer, the oldest first: found by an index, then read consistently. A page may hold fewer than
   * `limit`, even none, and still have a cursor: what was answered a moment ago is left out.
   */
  listCallbacks(query: CallbackQuery): Promise<Page<Task>>;
  /** Workflows whose `nextCheckAt` is at or before `at`, and schedules whose next time is, oldest first, of one shard. */
  listDue(query: {
    shard: number;
    at: string;
    limit: number;
    cursor?: string;
  }): Promise<Page<DueWorkflow | DueSchedule>>;
  /** How many shards `listDue` has. */
  readonly dueShards: number;
}

export interface PayloadOwner {
  readonly workflowId: string;
  readonly key: string;
  readonly expiresAt: number;
}
