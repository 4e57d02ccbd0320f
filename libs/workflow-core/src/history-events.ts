/** The events of a workflow and of a task, each told from its own item. Pure. The order among them is `history.ts`. */
import { asPast } from './past-attempts.js';
import type { TaskStatus, TerminalWorkflowStatus, WorkflowStatus } from './state-machines.js';
import type {
  Actor,
  Control,
  Order,
  Override,
  PastAttempt,
  Redrive,
  Selection,
  Task,
  TaskError,
  TaskReason,
  WaitsFor,
  Workflow,
  WorkflowEnd,
} from './workflow.js';

export const EVENT_TYPES = [
  'WORKFLOW_STARTED',
  'WORKFLOW_ADMITTED',
  'WORKFLOW_PAUSED',
  'WORKFLOW_RESUMED',
  'WORKFLOW_REDRIVEN',
  'WORKFLOW_SUCCESS',
  'WORKFLOW_FAILED',
  'WORKFLOW_CANCELLED',
  'TASK_READY',
  'TASK_POSTPONED',
  'TASK_RUNNING',
  'TASK_SUSPENDED',
  'TASK_HEARTBEAT',
  'TASK_RETRIED',
  'TASK_SUCCEEDED',
  'TASK_FAILED',
  'TASK_SKIPPED',
  'TASK_CANCELLED',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface HistoryEvent {
  /** 1-based, without a gap. */
  readonly sequence: number;
  /** ISO 8601, by the clock of whoever made the move. */
  readonly at: string;
  readonly type: EventType;
  /** The status from then on. */
  readonly status: TaskStatus | WorkflowStatus;
  readonly actor: Actor;
  readonly epoch: number;
  readonly taskId?: string;
  /** Of a task's event: the n-th transition of this task; of several in one event, the last. */
  readonly transition?: number;
  /** How many transitions the event tells: heartbeats, and waits for a place, are not kept one by one. `at` is the time of the last. */
  readonly count?: number;
  readonly attempt?: number;
  readonly waitsFor?: WaitsFor;
  readonly error?: TaskError;
  readonly reason?: TaskReason;
  readonly requestId?: string;
  /** Who gave the order, and why, in their own words. */
  readonly who?: string;
  readonly note?: string;
  readonly selection?: Selection;
  readonly overrides?: readonly Pick<Override, 'taskId' | 'kind'>[];
}

export type Draft = Omit<HistoryEvent, 'sequence'>;

/** In the order of their epochs; within one the start first and the end last. */
export function eventsOfWorkflow(workflow: Workflow): Draft[] {
  const { redrives = [], controls = [], status, epoch } = workflow;
  const ends = new Map<number, Draft>(
    redrives.map((redrive) => [redrive.epoch - 1, endOfWorkflow(redrive.from, redrive.epoch - 1)]),
  );
  if (status !== 'RUNNING' && status !== 'PENDING')
    ends.set(epoch, endOfWorkflow({ ...workflow, status }, epoch));
  const admitted = admission(workflow);
  return [startOf(workflow), ...redrives.map((redrive) => redriveOf(redrive, workflow))].flatMap(
    (begin) => [
      begin,
      ...(admitted?.epoch === begin.epoch ? [admitted] : []),
      ...controls.filter((order) => order.epoch === begin.epoch).map(controlOf),
      ...present(ends.get(begin.epoch)),
    ],
  );
}

const present = <Value>(value: Value | undefined): Value[] => (value === undefined ? [] : [value]);

/** What has to have a place begins PENDING. */
const statusAtFirst = ({ concurrencyKey }: Workflow): WorkflowStatus =>
  concurrencyKey === undefined ? 'RUNNING' : 'PENDING';

const startOf = (workflow: Workflow): Draft => ({
  at:
    workflow.concurrencyKey === undefined
      ? (workflow.startedAt ?? workflow.createdAt)
      : workflow.createdAt,
  type: 'WORKFLOW_STARTED',
  status: statusAtFirst(workflow),
  actor: 'start',
  epoch: 1,
});

function redriveOf(redrive: Redrive, workflow: Workflow): Draft {
  const { at, epoch, selection, overrides } = redrive;
  return {
    at,
    type: 'WORKFLOW_REDRIVEN',
    status: statusAtFirst(workflow),
    actor: 'operator',
    epoch,
    selection,
    ...(overrides && { overrides: overrides.map(({ taskId, kind }) => ({ taskId, kind })) }),
    ...orderOf(redrive),
  };
}

/** META knows the last one alone: each has taken the place of the one before. */
function admission({ concurrencyKey, startedAt, redrives = [] }: Workflow): Draft | undefined {
  if (concurrencyKey === undefined || startedAt === undefined) return undefined;
  const epoch = redrives.filter(({ at }) => at <= startedAt).at(-1)?.epoch ?? 1;
  return { at: startedAt, type: 'WORKFLOW_ADMITTED', status: 'RUNNING', actor: 'stream', epoch };
}

const controlOf = (order: Control): Draft => ({
  at: order.at,
  type: order.kind === 'pause' ? 'WORKFLOW_PAUSED' : 'WORKFLOW_RESUMED',
  status: 'RUNNING',
  actor: 'operator',
  epoch: order.epoch,
  ...orderOf(order),
});

const endOfWorkflow = (
  end: WorkflowEnd & { readonly status: TerminalWorkflowStatus },
  epoch: number,
): Draft => ({
  at: end.endedAt ?? '',
  type: `WORKFLOW_${end.status}`,
  status: end.status,
  actor: end.endedBy ?? 'stream',
  epoch,
  ...(end.reason === undefined ? {} : { reason: end.reason }),
  ...orderOf(end),
});

const orderOf = ({ who, note }: Order) => ({
  ...(who === undefined ? {} : { who }),
  ...(note === undefined ? {} : { note }),
});

/** As many as the item's version says (H1). */
export function eventsOfTask(task: Task, past: readonly PastAttempt[]): Draft[] {
  const attempts = [...past, asPast(task)];
  const events = attempts.flatMap((attempt, index) => [
    // An attempt that follows a retry became READY by the very move that ended the one before.
    ...(attempts[index - 1]?.status === 'RUNNING' ? [] : begunEvents(attempt)),
    ...runEvents(attempt),
    ...endEvents(attempt, attempts[index + 1]),
  ]);
  let transition = 0;
  return events.map((event) => {
    transition += event.count ?? 1;
    return { ...event, taskId: task.taskId, transition };
  });
}

const begunEvents = ({ attempt, epoch, readyAt, readyBy = 'stream' }: PastAttempt): Draft[] =>
  readyAt === undefined
    ? []
    : [{ at: readyAt, type: 'TASK_READY', status: 'READY', actor: readyBy, epoch, attempt }];

/** What waits for a place at its function, a claim, and what becomes of it as long as it runs. */
function runEvents(past: PastAttempt): Draft[] {
  const { epoch, attempt, startedAt, suspendedAt, waitsFor, heartbeats = 0, heartbeatAt } = past;
  const { postponed = 0, postponedAt } = past;
  const common = { epoch, attempt, status: 'RUNNING' } as const;
  return [
    ...present(postponed > 0 ? postponedAt : undefined).map((at): Draft => ({
      ...{ epoch, attempt, at, type: 'TASK_POSTPONED', status: 'READY', actor: 'worker' },
      count: postponed,
    })),
    ...present(startedAt).map((at): Draft => ({
      ...common,
      at,
      type: 'TASK_RUNNING',
      actor: 'worker',
    })),
    ...present(suspendedAt).map((at): Draft => ({
      ...{ ...common, at, type: 'TASK_SUSPENDED', actor: 'worker' },
      ...(waitsFor && { waitsFor }),
    })),
    ...present(heartbeats > 0 ? heartbeatAt : undefined).map((at): Draft => ({
      ...common,
      at,
      type: 'TASK_HEARTBEAT',
      actor: 'operator',
      count: heartbeats,
    })),
  ];
}

function endEvents(attempt: PastAttempt, next: PastAttempt | undefined): Draft[] {
  const { epoch, status, error, reason, requestId } = attempt;
  if (status === 'READY') return [];
  const details = {
    epoch,
    attempt: attempt.attempt,
    ...(error ? { error } : {}),
    ...(reason ? { reason } : {}),
    ...(requestId ? { requestId } : {}),
    ...orderOf(attempt),
  };
  if (status !== 'RUNNING') {
    const actor = attempt.endedBy ?? (status === 'SKIPPED' ? 'stream' : 'worker');
    return [{ ...details, at: attempt.endedAt ?? '', type: `TASK_${status}`, status, actor }];
  }
  const at = attempt.endedAt ?? next?.readyAt ?? '';
  const actor = attempt.endedBy ?? 'worker';
  return next ? [{ ...details, at, type: 'TASK_RETRIED', status: 'READY', actor }] : [];
}
