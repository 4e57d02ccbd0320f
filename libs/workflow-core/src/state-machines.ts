/**
 * The two state machines, as data. A status changes only through `nextTaskStatus` and
 * `nextWorkflowStatus`; a terminal status is an empty row; a move outside the table is a bug and throws.
 */
import { IllegalTransitionError } from './errors.js';

export const TASK_STATUSES = [
  'PENDING',
  'READY',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'SKIPPED',
  'CANCELLED',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const WORKFLOW_STATUSES = ['PENDING', 'RUNNING', 'SUCCESS', 'FAILED', 'CANCELLED'] as const;
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number];

export type TaskEvent =
  'ready' | 'skip' | 'override' | 'claim' | 'succeed' | 'fail' | 'rerun' | 'cancel';
export type WorkflowEvent = 'start' | 'succeed' | 'fail' | 'cancel';

type Table<Status extends string, Event extends string> = Readonly<
  Record<Status, Readonly<Partial<Record<Event, Status>>>>
>;

export const TASK_TRANSITIONS: Table<TaskStatus, TaskEvent> = {
  PENDING: { ready: 'READY', skip: 'SKIPPED', override: 'SUCCEEDED', cancel: 'CANCELLED' },
  READY: { claim: 'RUNNING', skip: 'SKIPPED', override: 'SUCCEEDED', cancel: 'CANCELLED' },
  RUNNING: {
    succeed: 'SUCCEEDED',
    fail: 'FAILED',
    rerun: 'READY',
    skip: 'SKIPPED',
    override: 'SUCCEEDED',
    cancel: 'CANCELLED',
  },
  SUCCEEDED: {},
  FAILED: {},
  SKIPPED: {},
  CANCELLED: {},
};

export const WORKFLOW_TRANSITIONS: Table<WorkflowStatus, WorkflowEvent> = {
  PENDING: { start: 'RUNNING', fail: 'FAILED', cancel: 'CANCELLED' },
  RUNNING: { succeed: 'SUCCESS', fail: 'FAILED', cancel: 'CANCELLED' },
  SUCCESS: {},
  FAILED: {},
  CANCELLED: {},
};

function next<Status extends string, Event extends string>(
  machine: string,
  table: Table<Status, Event>,
  from: Status,
  event: Event,
): Status {
  const to = table[from][event];
  if (to === undefined) throw new IllegalTransitionError(machine, from, event);
  return to;
}

/** @throws IllegalTransitionError when the table has no such move. */
export const nextTaskStatus = (from: TaskStatus, event: TaskEvent): TaskStatus =>
  next('task', TASK_TRANSITIONS, from, event);

/** @throws IllegalTransitionError when the table has no such move. */
export const nextWorkflowStatus = (from: WorkflowStatus, event: WorkflowEvent): WorkflowStatus =>
  next('workflow', WORKFLOW_TRANSITIONS, from, event);

export type TerminalTaskStatus = 'SUCCEEDED' | 'FAILED' | 'SKIPPED' | 'CANCELLED';
export type TerminalWorkflowStatus = 'SUCCESS' | 'FAILED' | 'CANCELLED';

export const isTerminalTask = (status: TaskStatus): status is TerminalTaskStatus =>
  Object.keys(TASK_TRANSITIONS[status]).length === 0;

export const isTerminalWorkflow = (status: WorkflowStatus): status is TerminalWorkflowStatus =>
  Object.keys(WORKFLOW_TRANSITIONS[status]).length === 0;
