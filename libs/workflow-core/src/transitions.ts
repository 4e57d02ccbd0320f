/**
 * What each transition does to its one item, as data: the only place that says which condition guards which move.
 * Every adapter of the repository executes these changes and adds no rule of its own.
 */
import { IllegalTransitionError } from './errors.js';
import type {
  CancelTaskTransition,
  ClaimTransition,
  FailTransition,
  FinishTransition,
  ReadyTransition,
  RedriveTransition,
  RerunTransition,
  SkipTransition,
  StopTransition,
  SucceedTransition,
  Transition,
} from './repository.js';
import { isTerminalWorkflow, nextTaskStatus, nextWorkflowStatus } from './state-machines.js';
import type { Task, Workflow } from './workflow.js';

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
  /** The item leaves the sparse index of due workflows. */
  readonly leavesDue?: true;
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
          output: transition.output,
          ...outcomeOf(transition),
        },
        isApplied: isHeldBy(transition, 'SUCCEEDED'),
      });
    case 'fail':
      return taskUpdate(transition, {
        when: { status: 'RUNNING', claimId: transition.claimId },
        set: {
          status: settled(nextTaskStatus('RUNNING', 'fail')),
          error: transition.error,
          ...present('reason', transition.reason),
          ...outcomeOf(transition),
          endedBy: transition.by,
        },
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
    case 'rerun':
      return rerun(transition);
    case 'cancelTask':
      return cancelTask(transition);
    case 'finish':
      return { ...ending(transition), leavesDue: true };
    case 'stop':
      return ending(transition);
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
        when: { status: 'RUNNING', version: transition.version, epoch: transition.epoch },
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

const skipped = ({ origin, taskId, over, reason, by, at }: SkipTransition): Task => ({
  ...origin,
  taskId,
  status: settled(nextTaskStatus('PENDING', 'skip')),
  reason,
  version: 1,
  attempt: over ? attemptAfter(over.task) - 1 : 0,
  endedAt: at,
  endedBy: by,
});

/** The number of the next attempt: one that no worker ever claimed has not been; a skip keeps the last that was. */
export const attemptAfter = ({ status, attempt, startedAt }: Task) =>
  startedAt === undefined && status !== 'SKIPPED' ? Math.max(1, attempt) : attempt + 1;

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
  const { definition, status, epoch, attempt, reason, readyAt, readyBy, endedAt, endedBy } = task;
  const set = {
    ...{ definition, status, epoch, attempt, pastAttempts: over.pastAttempts },
    ...present('reason', reason),
    ...present('readyAt', readyAt),
    ...present('readyBy', readyBy),
    ...present('endedAt', endedAt),
    ...present('endedBy', endedBy),
  };
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

const rerun = (transition: RerunTransition): Update<Task> =>
  taskUpdate(transition, {
    when: { status: 'RUNNING', claimId: transition.claimId },
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
    ],
    isApplied: ({ status, attempt, readyAt }) =>
      status === 'READY' && attempt === transition.attempt && readyAt === transition.at,
  });

const cancelTask = ({ task, by, at }: CancelTaskTransition): Update<Task> =>
  taskUpdate(task, {
    when: { status: task.status, version: task.version, epoch: task.epoch },
    set: { status: settled(nextTaskStatus(task.status, 'cancel')), endedAt: at, endedBy: by },
    isApplied: ({ status, epoch }) => status === 'CANCELLED' && epoch === task.epoch,
  });

const EVENT = { SUCCESS: 'succeed', FAILED: 'fail', CANCELLED: 'cancel' } as const;

const ending = (transition: FinishTransition | StopTransition): Update<Workflow> =>
  workflowUpdate(transition.workflowId, {
    when: { status: 'RUNNING', epoch: transition.epoch },
    set: {
      status: nextWorkflowStatus('RUNNING', EVENT[transition.status]),
      definition: transition.definition,
      endedAt: transition.at,
      endedBy: transition.by,
      ...(transition.kind === 'stop' && transition.status === 'FAILED'
        ? ({ reason: 'TIMEOUT' } as const)
        : {}),
      ...(transition.kind === 'stop' ? present('note', transition.note) : {}),
    },
    isApplied: ({ status, epoch, endedAt }) =>
      status === transition.status && epoch === transition.epoch && endedAt === transition.at,
  });

/** A new epoch begins as a new workflow does; the one before is kept in `redrives`. */
const redrive = (transition: RedriveTransition): Update<Workflow> => {
  const { workflow, definition, redrive: order, nextCheckAt } = transition;
  return workflowUpdate(workflow.workflowId, {
    when: { status: workflow.status, version: workflow.version, epoch: workflow.epoch },
    set: {
      status: nextWorkflowStatus('PENDING', 'start'),
      epoch: order.epoch,
      definition,
      redrives: [...(workflow.redrives ?? []), order],
      nextCheckAt,
    },
    clear: (['endedAt', 'endedBy', 'reason', 'note'] as const).filter((name) => name in workflow),
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

/** My own token in the item: whatever became of the reply, it was this very write. */
const isHeldBy =
  ({ claimId }: { readonly claimId: string }, status: Task['status']) =>
  (current: Task) =>
    current.status === status && current.claimId === claimId;

const outcomeOf = ({ requestId, witnesses, at }: SucceedTransition | FailTransition) => ({
  ...present('requestId', requestId),
  ...present('witnesses', witnesses),
  endedAt: at,
});

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
