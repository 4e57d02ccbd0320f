/**
 * What each transition does to its one item, as data: the only place that says which condition guards which move.
 * Every adapter of the repository executes these changes and adds no rule of its own.
 */
import type { FailTransition, SucceedTransition, Transition } from './repository.js';
import { nextTaskStatus, nextWorkflowStatus } from './state-machines.js';
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
  readonly remove?: 'nextCheckAt';
  /** Whether the item, found not to meet `when`, shows that this very change was applied before (a lost reply). */
  readonly isApplied: (current: Item) => boolean;
}

export type Change = Insert | Update<Task> | Update<Workflow>;

export function changeOf(transition: Transition): Change {
  switch (transition.kind) {
    case 'ready':
      return {
        kind: 'insert',
        key: taskKey(transition.origin.workflowId, transition.taskId),
        task: {
          ...transition.origin,
          taskId: transition.taskId,
          status: settled(nextTaskStatus('PENDING', 'ready')),
          version: 1,
          attempt: 1,
          readyAt: transition.at,
        },
      };
    case 'skip':
      return {
        kind: 'insert',
        key: taskKey(transition.origin.workflowId, transition.taskId),
        task: {
          ...transition.origin,
          taskId: transition.taskId,
          status: settled(nextTaskStatus('PENDING', 'skip')),
          reason: transition.reason,
          version: 1,
          attempt: 0,
          endedAt: transition.at,
        },
      };
    case 'claim':
      return taskUpdate(transition, {
        when: { status: 'READY', version: transition.version, epoch: transition.epoch },
        set: {
          status: settled(nextTaskStatus('READY', 'claim')),
          claimId: transition.claimId,
          leaseUntil: transition.leaseUntil,
          startedAt: transition.at,
        },
        isApplied: isHeldBy(transition, 'RUNNING'),
      });
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
        },
        isApplied: isHeldBy(transition, 'FAILED'),
      });
    case 'rerun':
      return taskUpdate(transition, {
        when: { status: 'RUNNING', claimId: transition.claimId },
        set: {
          status: settled(nextTaskStatus('RUNNING', 'rerun')),
          attempt: transition.attempt,
          pastAttempts: transition.pastAttempts,
          readyAt: transition.at,
        },
        isApplied: ({ status, attempt }) => status === 'READY' && attempt === transition.attempt,
      });
    case 'finish':
      return {
        kind: 'update',
        key: { kind: 'workflow', workflowId: transition.workflowId },
        when: { status: 'RUNNING', epoch: transition.epoch },
        set: {
          status: nextWorkflowStatus(
            'RUNNING',
            transition.status === 'SUCCESS' ? 'succeed' : 'fail',
          ),
          definition: transition.definition,
          endedAt: transition.at,
        },
        remove: 'nextCheckAt',
        isApplied: (current: Workflow) =>
          current.status === transition.status &&
          current.epoch === transition.epoch &&
          current.endedAt === transition.at,
      };
    case 'check':
      return {
        kind: 'update',
        key: { kind: 'workflow', workflowId: transition.workflowId },
        when: { status: 'RUNNING', version: transition.version, epoch: transition.epoch },
        set: { nextCheckAt: transition.nextCheckAt },
        isApplied: (current: Workflow) =>
          current.version === transition.version + 1 &&
          current.nextCheckAt === transition.nextCheckAt,
      };
  }
}

const taskUpdate = (
  { workflowId, taskId }: { readonly workflowId: string; readonly taskId: string },
  change: Pick<Update<Task>, 'when' | 'set' | 'isApplied'>,
): Update<Task> => ({ kind: 'update', key: taskKey(workflowId, taskId), ...change });

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
