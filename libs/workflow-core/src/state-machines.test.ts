import { IllegalTransitionError } from './errors.js';
import {
  TASK_STATUSES,
  TASK_TRANSITIONS,
  WORKFLOW_STATUSES,
  WORKFLOW_TRANSITIONS,
  isTerminalTask,
  isTerminalWorkflow,
  nextTaskStatus,
  nextWorkflowStatus,
  type TaskEvent,
  type TaskStatus,
  type WorkflowEvent,
  type WorkflowStatus,
} from './state-machines.js';

const TASK_EVENTS: TaskEvent[] = [
  ...(['ready', 'skip', 'override', 'claim'] as const),
  ...(['succeed', 'fail', 'rerun', 'cancel'] as const),
];
const WORKFLOW_EVENTS: WorkflowEvent[] = ['start', 'succeed', 'fail', 'cancel'];

/** Written from the rules, not from the tables: every move there is; all others are illegal. */
const TASK_MOVES: Record<string, TaskStatus> = {
  'PENDING ready': 'READY',
  'PENDING skip': 'SKIPPED',
  'PENDING override': 'SUCCEEDED',
  'PENDING cancel': 'CANCELLED',
  'READY claim': 'RUNNING',
  'READY skip': 'SKIPPED',
  'READY override': 'SUCCEEDED',
  'READY cancel': 'CANCELLED',
  'RUNNING succeed': 'SUCCEEDED',
  'RUNNING fail': 'FAILED',
  'RUNNING rerun': 'READY',
  'RUNNING skip': 'SKIPPED',
  'RUNNING override': 'SUCCEEDED',
  'RUNNING cancel': 'CANCELLED',
};
const WORKFLOW_MOVES: Record<string, WorkflowStatus> = {
  'PENDING start': 'RUNNING',
  'PENDING fail': 'FAILED',
  'PENDING cancel': 'CANCELLED',
  'RUNNING succeed': 'SUCCESS',
  'RUNNING fail': 'FAILED',
  'RUNNING cancel': 'CANCELLED',
};

describe('the state machine of a task', () => {
  const pairs = TASK_STATUSES.flatMap((from) => TASK_EVENTS.map((event) => [from, event] as const));

  it.each(pairs)('from %s on %s', (from, event) => {
    const to = TASK_MOVES[`${from} ${event}`];
    if (to) expect(nextTaskStatus(from, event)).toBe(to);
    else expect(() => nextTaskStatus(from, event)).toThrow(IllegalTransitionError);
  });

  it('has no way out of a terminal status', () => {
    const terminal = TASK_STATUSES.filter(isTerminalTask);
    expect(terminal).toEqual(['SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED']);
    for (const status of terminal) expect(TASK_TRANSITIONS[status]).toEqual({});
  });
});

describe('the state machine of a workflow', () => {
  const pairs = WORKFLOW_STATUSES.flatMap((from) =>
    WORKFLOW_EVENTS.map((event) => [from, event] as const),
  );

  it.each(pairs)('from %s on %s', (from, event) => {
    const to = WORKFLOW_MOVES[`${from} ${event}`];
    if (to) expect(nextWorkflowStatus(from, event)).toBe(to);
    else expect(() => nextWorkflowStatus(from, event)).toThrow(IllegalTransitionError);
  });

  it('has no way out of a terminal status', () => {
    const terminal = WORKFLOW_STATUSES.filter(isTerminalWorkflow);
    expect(terminal).toEqual(['SUCCESS', 'FAILED', 'CANCELLED']);
    for (const status of terminal) expect(WORKFLOW_TRANSITIONS[status]).toEqual({});
  });
});
