/**
 * What each transition does to its one item, as data: the only place that says which condition guards which move.
 * Every adapter of the repository executes these changes and adds no rule of its own.
 */
import { IllegalTransitionError } from './errors.js';
import type {
  AdmitTransition,
  CancelTaskTransition,
  ClaimTransition,
  ControlTransition,
  FailTransition,
  FinishTransition,
  HeartbeatTransition,
  OverrideTransition,
  PostponeTransition,
  ReadyTransition,
  RedriveTransition,
  RerunTransition,
  SkipTransition,
  StopTransition,
  SucceedTransition,
  SuspendTransition,
  Transition,
} from './repository.js';
import { isTerminalWorkflow, nextTaskStatus, nextWorkflowStatus } from './state-machines.js';
import type { Order, Task, Workflow } from './workflow.js';

export type ItemKey =
  | { readonly kind: 'task'; readonly workflowId: string; readonly taskId: string }
  | { readonly kind: 'workflow'; readonly workflowId: string };

/** The item comes into being; there must be none. */
export interface Insert {
  readonly kind: 'insert';
  readonly key: ItemKey;
  readonly task: Task;
}

/** The item changes on condition that every attribute of `when` is as given; `version` grows by one. */
export interface Update<Item = Task | Workflow> {
  readonly kind: 'update';
  readonly key: ItemKey;
  readonly when: Partial<Item>;
  readonly set: Partial<Item>;
  /** Attributes that say nothing any more. */
  readonly clear?: readonly (keyof Item)[];
  /** META leaves the sparse index of due workflows. */
  readonly leavesDue?: true;
  /** The task leaves the sparse index of callbacks that wait for an answer. */
  readonly leavesInbox?: true;
  /** It enters that index. */
  readonly entersInbox?: true;
  /** Whether the item, found not to meet `when`, shows that this very change was applied before (a lost reply). */
  readonly isApplied: (current: Item) => boolean;
}

export type Change = Insert | Update<Task> | Update<Workflow>;

export function changeOf(transition: Transition): Change {
  switch (transition.kind) {
    case 'ready':
      return begin(transition, ready(transition));
    case 'skip':
      return begin(transition, skipped(transition));
    case 'claim':
      return claim(transition);
    case 'succeed':
      return taskUpdate(transition, {
        when: { status: 'RUNNING', claimId: transition.claimId },
        set: {
          status: settled(nextTaskStatus('RUNNING', 'succeed')),
          ...present('output', transition.output),
          ...outcomeOf(transition),
          ...present('endedBy', transition.by),
        },
        ...leavesInbox(transition),
        isApplied: isHeldBy(transition, 'SUCCEEDED'),
      });
    case 'fail':
      return taskUpdate(transition, {
        when: {
          status: 'RUNNING',
          claimId: transition.claimId,
          ...present('version', transition.version),
        },
        set: {
          status: settled(nextTaskStatus('RUNNING', 'fail')),
          error: transition.error,
          ...present('reason', transition.reason),
          ...outcomeOf(transition),
          endedBy: transition.by,
        },
        ...leavesInbox(transition),
        isApplied: isHeldBy(transition, 'FAILED'),
      });
    case 'conditionFalse':
      return taskUpdate(transition, {
        when: { status: 'RUNNING', claimId: transition.claimId },
        set: {
          status: settled(nextTaskStatus('RUNNING', 'skip')),
          reason: 'CONDITION_FALSE',
          ...present('witnesses', transition.witnesses),
          endedAt: transition.at,
          endedBy: 'worker',
        },
        isApplied: isHeldBy(transition, 'SKIPPED'),
      });
    case 'postpone':
      return postpone(transition);
    case 'suspend':
      return suspend(transition);
    case 'heartbeat':
      return heartbeat(transition);
    case 'override':
      return override(transition);
    case 'rerun':
      return rerun(transition);
    case 'cancelTask':
      return cancelTask(transition);
    case 'admit':
      return admit(transition);
    case 'control':
      return control(transition);
    case 'finish':
      return transition.staysDue
        ? withSet(ending(transition), { nextCheckAt: transition.at })
        : { ...ending(transition), leavesDue: true };
    case 'stop':
      return withSet(ending(transition), present('nextCheckAt', transition.nextCheckAt));
    case 'settle':
      return workflowUpdate(transition.workflowId, {
        when: { version: transition.version, epoch: transition.epoch },
        set: {},
        leavesDue: true,
        isApplied: ({ epoch, status, nextCheckAt }) =>
          epoch === transition.epoch && isTerminalWorkflow(status) && nextCheckAt === undefined,
      });
    case 'redrive':
      return redrive(transition);
    case 'check':
      return workflowUpdate(transition.workflowId, {
        when: {
          status: transition.status ?? 'RUNNING',
          version: transition.version,
          epoch: transition.epoch,
        },
        set: { nextCheckAt: transition.nextCheckAt },
        isApplied: (current) =>
          current.version === transition.version + 1 &&
          current.nextCheckAt === transition.nextCheckAt,
      });
  }
}

const ready = ({ origin, taskId, over, by, at }: ReadyTransition): Task => ({
  ...origin,
  taskId,
  status: settled(nextTaskStatus('PENDING', 'ready')),
  version: 1,
  attempt: over ? attemptAfter(over.task) : 1,
  readyAt: at,
  readyBy: by,
});

const skipped = (transition: SkipTransition): Task => {
  const { origin, taskId, over, reason, output, by, at } = transition;
  return {
    ...origin,
    taskId,
    status: settled(nextTaskStatus('PENDING', output ? 'override' : 'skip')),
    ...(output ? { output } : {}),
    reason,
    version: 1,
    attempt: over ? attemptAfter(over.task) - 1 : 0,
    ...orderOf(transition),
    endedAt: at,
    endedBy: by,
  };
};

/** The number of the next attempt: one that no worker ever claimed has not been; a skip keeps the last that was. */
export const attemptAfter = ({ status, attempt, startedAt }: Task) =>
  startedAt === undefined && status !== 'SKIPPED' && status !== 'SUCCEEDED'
    ? Math.max(1, attempt)
    : attempt + 1;

/** The first item of a task in an epoch: where an older one is, it takes its place. */
function begin({ over }: ReadyTransition | SkipTransition, task: Task): Change {
  const key = taskKey(task.workflowId, task.taskId);
  if (!over) return { kind: 'insert', key, task };
  // What runs is stopped before an epoch ends, so this can only be a mistake of whoever asks.
  if (over.task.epoch >= task.epoch || over.task.status === 'RUNNING')
    throw new IllegalTransitionError(
      'task',
      `${over.task.status} in epoch ${over.task.epoch}`,
      `begin epoch ${task.epoch}`,
    );
  const { epoch, status, reason } = task;
  const begun = Object.entries(task).filter(([name]) => !OF_THE_ITEM.has(name));
  const set: Partial<Task> = { ...Object.fromEntries(begun), pastAttempts: over.pastAttempts };
  return taskUpdate(task, {
    when: { version: over.task.version, epoch: over.task.epoch },
    set,
    clear: OF_ONE_EPOCH.filter((name) => name in over.task && !(name in set)),
    // One that fails fast may skip what another begins at the same moment: the version alone says nothing.
    isApplied: (current) =>
      current.epoch === epoch &&
      current.version === over.task.version + 1 &&
      current.status === status &&
      current.reason === reason,
  });
}

/** What an item that takes the place of another keeps of it. */
const OF_THE_ITEM: ReadonlySet<string> = new Set([
  'workflowId',
  'taskId',
  'version',
  'workflowStartedAt',
  'expiresAt',
] satisfies (keyof Task)[]);

/** What a task's item says of its present epoch only. */
const OF_ONE_EPOCH = [
  'reason',
  'retries',
  'lost',
  'claimId',
  'leaseUntil',
  'readyAt',
  'readyBy',
  'notBefore',
  'startedAt',
  'endedAt',
  'endedBy',
  'error',
  'output',
  'requestId',
  'witnesses',
  'suspendedAt',
  'wakeAt',
  'callback',
  'postponed',
  'postponedAt',
  'heartbeats',
  'heartbeatAt',
  'input',
  'who',
  'note',
] as const satisfies readonly (keyof Task)[];

const claim = (transition: ClaimTransition): Update<Task> =>
  taskUpdate(transition, {
    when: { status: 'READY', version: transition.version, epoch: transition.epoch },
    set: {
      status: settled(nextTaskStatus('READY', 'claim')),
      claimId: transition.claimId,
      leaseUntil: transition.leaseUntil,
      startedAt: transition.at,
    },
    isApplied: isHeldBy(transition, 'RUNNING'),
  });

const postpone = ({ task, notBefore, leaseUntil, at }: PostponeTransition): Update<Task> => {
  const { version, epoch, postponed = 0 } = task;
  return taskUpdate(task, {
    when: { status: 'READY', version, epoch },
    set: {
      notBefore,
      ...present('leaseUntil', leaseUntil),
      postponed: postponed + 1,
      postponedAt: at,
    },
    clear: leaseUntil === undefined && 'leaseUntil' in task ? ['leaseUntil'] : [],
    isApplied: (current) =>
      current.status === 'READY' &&
      current.version === version + 1 &&
      current.postponedAt === at &&
      current.leaseUntil === leaseUntil,
  });
};

const suspend = (transition: SuspendTransition): Update<Task> => {
  const { claimId, leaseUntil, wakeAt, callback, items, child, input, at } = transition;
  return taskUpdate(transition, {
    when: { status: 'RUNNING', claimId, ...present('leaseUntil', leaseUntil) },
    set: {
      suspendedAt: at,
      ...present('wakeAt', wakeAt),
      ...present('callback', callback),
      ...present('items', items),
      ...present('child', child),
      ...present('input', input),
    },
    // Held by nobody: no worker can be lost.
    clear: ['leaseUntil'],
    ...(callback ? { entersInbox: true as const } : {}),
    isApplied: (current) => isHeldBy(transition, 'RUNNING')(current) && current.suspendedAt === at,
  });
};

const heartbeat = ({ task, wakeAt, at }: HeartbeatTransition): Update<Task> => {
  const { status, version, epoch, claimId, heartbeats = 0 } = task;
  return taskUpdate(task, {
    when: { status, version, epoch, ...present('claimId', claimId) },
    set: { wakeAt, heartbeatAt: at, heartbeats: heartbeats + 1 },
    isApplied: (current) =>
      current.version === version + 1 && current.heartbeatAt === at && current.wakeAt === wakeAt,
  });
};

/** What an operator says counts as if nothing of the task had run in this attempt. */
const override = (transition: OverrideTransition): Update<Task> => {
  const { task, output, at } = transition;
  const { status, version, epoch } = task;
  const next = settled(nextTaskStatus(status, output ? 'override' : 'skip'));
  return taskUpdate(task, {
    when: { status, version, epoch },
    set: {
      status: next,
      reason: 'OPERATOR',
      ...present('output', output),
      ...orderOf(transition),
      endedAt: at,
      endedBy: 'operator',
    },
    ...(task.callback ? { leavesInbox: true as const } : {}),
    isApplied: (current) =>
      current.version === version + 1 && current.status === next && current.endedAt === at,
  });
};

const rerun = (transition: RerunTransition): Update<Task> =>
  taskUpdate(transition, {
    when: {
      status: 'RUNNING',
      claimId: transition.claimId,
      ...present('version', transition.version),
    },
    set: {
      status: settled(nextTaskStatus('RUNNING', 'rerun')),
      attempt: transition.attempt,
      retries: transition.retries,
      lost: transition.lost,
      pastAttempts: transition.pastAttempts,
      readyAt: transition.at,
      readyBy: transition.by,
      ...present('notBefore', transition.notBefore),
      ...present('leaseUntil', transition.leaseUntil),
    },
    // A READY item says nothing of the attempt before.
    clear: [
      'claimId',
      'startedAt',
      ...(['leaseUntil', 'notBefore'] as const).filter((name) => transition[name] === undefined),
      ...(transition.wasPostponed ? (['postponed', 'postponedAt'] as const) : []),
    ],
    isApplied: ({ status, attempt, readyAt }) =>
      status === 'READY' && attempt === transition.attempt && readyAt === transition.at,
  });

const cancelTask = ({ task, by, at }: CancelTaskTransition): Update<Task> =>
  taskUpdate(task, {
    when: { status: task.status, version: task.version, epoch: task.epoch },
    set: { status: settled(nextTaskStatus(task.status, 'cancel')), endedAt: at, endedBy: by },
    ...(task.callback ? { leavesInbox: true as const } : {}),
    isApplied: ({ status, epoch }) => status === 'CANCELLED' && epoch === task.epoch,
  });

const EVENT = { SUCCESS: 'succeed', FAILED: 'fail', CANCELLED: 'cancel' } as const;

const ending = (transition: FinishTransition | StopTransition): Update<Workflow> => {
  const from = transition.kind === 'stop' ? (transition.from ?? 'RUNNING') : 'RUNNING';
  return workflowUpdate(transition.workflowId, {
    when: { status: from, epoch: transition.epoch },
    set: {
      status: nextWorkflowStatus(from, EVENT[transition.status]),
      definition: transition.definition,
      endedAt: transition.at,
      endedBy: transition.by,
      ...(transition.kind === 'stop' && transition.status === 'FAILED'
        ? ({ reason: 'TIMEOUT' } as const)
        : {}),
      ...(transition.kind === 'stop' ? orderOf(transition) : {}),
    },
    isApplied: ({ status, epoch, endedAt }) =>
      status === transition.status && epoch === transition.epoch && endedAt === transition.at,
  });
};

const withSet = (change: Update<Workflow>, set: Partial<Workflow>): Update<Workflow> => ({
  ...change,
  set: { ...change.set, ...set },
});

const admit = ({ workflowId, epoch, definition, nextCheckAt, at }: AdmitTransition) =>
  workflowUpdate(workflowId, {
    when: { status: 'PENDING', epoch },
    set: {
      status: nextWorkflowStatus('PENDING', 'start'),
      definition,
      startedAt: at,
      nextCheckAt,
    },
    isApplied: (current) =>
      current.status === 'RUNNING' && current.epoch === epoch && current.startedAt === at,
  });

const control = ({ workflow, control: order, nextCheckAt }: ControlTransition) =>
  workflowUpdate(workflow.workflowId, {
    when: { status: workflow.status, version: workflow.version, epoch: workflow.epoch },
    set: { controls: [...(workflow.controls ?? []), order], nextCheckAt },
    isApplied: ({ controls }) =>
      controls?.some(({ at, kind }) => at === order.at && kind === order.kind) ?? false,
  });

/** A new epoch begins as a new workflow does, waiting for a place if it needs one; the one before is kept in `redrives`. */
const redrive = (transition: RedriveTransition): Update<Workflow> => {
  const { workflow, definition, redrive: order, nextCheckAt, parent } = transition;
  return workflowUpdate(workflow.workflowId, {
    when: { status: workflow.status, version: workflow.version, epoch: workflow.epoch },
    set: {
      status:
        workflow.concurrencyKey === undefined ? nextWorkflowStatus('PENDING', 'start') : 'PENDING',
      epoch: order.epoch,
      definition,
      ...present('parent', parent),
      redrives: [...(workflow.redrives ?? []), order],
      nextCheckAt,
    },
    clear: (['endedAt', 'endedBy', 'reason', 'note', 'who'] as const).filter(
      (name) => name in workflow,
    ),
    isApplied: ({ redrives }) => redrives?.some(({ token }) => token === order.token) ?? false,
  });
};

const taskUpdate = (
  { workflowId, taskId }: { readonly workflowId: string; readonly taskId: string },
  change: Omit<Update<Task>, 'kind' | 'key'>,
): Update<Task> => ({ kind: 'update', key: taskKey(workflowId, taskId), ...change });

const workflowUpdate = (
  workflowId: string,
  change: Omit<Update<Workflow>, 'kind' | 'key'>,
): Update<Workflow> => ({ kind: 'update', key: { kind: 'workflow', workflowId }, ...change });

/**
 * My own token in the item: whatever became of the reply, it was this very write. What is suspended may be ended by several
 * under one claim: of them each has a request id of its own.
 */
const isHeldBy =
  (
    { claimId, requestId }: { readonly claimId: string; readonly requestId?: string },
    status: Task['status'],
  ) =>
  (current: Task) =>
    current.status === status &&
    current.claimId === claimId &&
    (requestId === undefined || current.requestId === requestId);

const outcomeOf = (transition: SucceedTransition | FailTransition) => ({
  ...present('requestId', transition.requestId),
  ...present('witnesses', transition.witnesses),
  ...orderOf(transition),
  endedAt: transition.at,
});

const orderOf = ({ who, note }: Order): Order => ({
  ...present('who', who),
  ...present('note', note),
});

/** Only an answer, or the end of the time for it, ends a task that waits for one. */
const leavesInbox = ({ answers }: SucceedTransition | FailTransition) =>
  answers ? { leavesInbox: true as const } : {};

export const taskKey = (workflowId: string, taskId: string): ItemKey => ({
  kind: 'task',
  workflowId,
  taskId,
});

/** A task with an item is never PENDING. */
function settled(status: ReturnType<typeof nextTaskStatus>): Task['status'] {
  if (status === 'PENDING') throw new Error('a task cannot become PENDING');
  return status;
}

function present<Name extends string, Value>(name: Name, value: Value | undefined) {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}
