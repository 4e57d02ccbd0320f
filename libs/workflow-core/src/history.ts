/**
 * What happened to a workflow, told from its items: no transition costs a write of its own for it. Pure.
 *
 * (H1) Each transition of a task leaves its trace in the task's item: the present attempt in its attributes, those
 *      before in `pastAttempts`. So a task has as many events as its version says, each once: nothing can be missing
 *      without a gap that shows.
 * (H2) The order is that of time, except where clocks of two machines contradict what follows from what: a task's
 *      events stand in the order of its versions, and a decision never stands before what it was decided from.
 */
import { topologicalOrder, type Graph } from './definition.js';
import type { WorkflowWithTasks } from './repository.js';
import { asPast } from './past-attempts.js';
import {
  isTerminalTask,
  type TaskStatus,
  type TerminalWorkflowStatus,
  type WorkflowStatus,
} from './state-machines.js';
import { mayRunEarly } from './trigger-rules.js';
import type {
  Actor,
  PastAttempt,
  Selection,
  Task,
  TaskError,
  TaskReason,
  Workflow,
  WorkflowEnd,
} from './workflow.js';

export const EVENT_TYPES = [
  'WORKFLOW_STARTED',
  'WORKFLOW_REDRIVEN',
  'WORKFLOW_SUCCESS',
  'WORKFLOW_FAILED',
  'WORKFLOW_CANCELLED',
  'TASK_READY',
  'TASK_RUNNING',
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
  /** Of a task's event: the n-th transition of this task. */
  readonly transition?: number;
  readonly attempt?: number;
  readonly error?: TaskError;
  readonly reason?: TaskReason;
  readonly requestId?: string;
  /** An operator's words. */
  readonly note?: string;
  readonly selection?: Selection;
}

type Draft = Omit<HistoryEvent, 'sequence'>;

/** @param pastAttempts of every task that has some, by task id; oldest first */
export function historyOf(
  graph: Graph,
  { workflow, tasks }: WorkflowWithTasks,
  pastAttempts: ReadonlyMap<string, readonly PastAttempt[]>,
): readonly HistoryEvent[] {
  const byTask = new Map(
    tasks.map((task) => [task.taskId, eventsOfTask(task, pastAttempts.get(task.taskId) ?? [])]),
  );
  const drafts = inCausalOrder(graph, eventsOfWorkflow(workflow), byTask);
  return drafts.map((draft, index) => ({ sequence: index + 1, ...draft }));
}

function eventsOfWorkflow(workflow: Workflow): Draft[] {
  const { createdAt, startedAt, redrives = [], status, epoch } = workflow;
  const start: Draft = {
    at: startedAt ?? createdAt,
    type: 'WORKFLOW_STARTED',
    status: 'RUNNING',
    actor: 'start',
    epoch: 1,
  };
  const again = redrives.flatMap((redrive): Draft[] => [
    endOfWorkflow(redrive.from, redrive.epoch - 1),
    {
      at: redrive.at,
      type: 'WORKFLOW_REDRIVEN',
      status: 'RUNNING',
      actor: 'operator',
      epoch: redrive.epoch,
      selection: redrive.selection,
      ...(redrive.note === undefined ? {} : { note: redrive.note }),
    },
  ]);
  if (status === 'RUNNING' || status === 'PENDING') return [start, ...again];
  return [start, ...again, endOfWorkflow({ ...workflow, status }, epoch)];
}

const endOfWorkflow = (
  {
    status,
    endedAt = '',
    endedBy = 'stream',
    reason,
    note,
  }: WorkflowEnd & { readonly status: TerminalWorkflowStatus },
  epoch: number,
): Draft => ({
  at: endedAt,
  type: `WORKFLOW_${status}`,
  status,
  actor: endedBy,
  epoch,
  ...(reason === undefined ? {} : { reason }),
  ...(note === undefined ? {} : { note }),
});

/** One event for each version of the item (H1). */
function eventsOfTask(task: Task, past: readonly PastAttempt[]): Draft[] {
  const attempts = [...past, asPast(task)];
  const events = attempts.flatMap((attempt, index) => [
    // An attempt that follows a retry became READY by the very move that ended the one before.
    ...(attempts[index - 1]?.status === 'RUNNING' ? [] : begunEvents(attempt)),
    ...runEvents(attempt, attempts[index + 1]),
  ]);
  return events.map((event, index) => ({ ...event, taskId: task.taskId, transition: index + 1 }));
}

const begunEvents = ({ attempt, epoch, readyAt, readyBy = 'stream' }: PastAttempt): Draft[] =>
  readyAt === undefined
    ? []
    : [{ at: readyAt, type: 'TASK_READY', status: 'READY', actor: readyBy, epoch, attempt }];

function runEvents(attempt: PastAttempt, next: PastAttempt | undefined): Draft[] {
  const { epoch, startedAt, status } = attempt;
  const common = { epoch, attempt: attempt.attempt };
  const running: Draft[] =
    startedAt === undefined
      ? []
      : [{ ...common, at: startedAt, type: 'TASK_RUNNING', status: 'RUNNING', actor: 'worker' }];
  if (status === 'READY') return running;
  const details = {
    ...common,
    ...(attempt.error ? { error: attempt.error } : {}),
    ...(attempt.reason ? { reason: attempt.reason } : {}),
    ...(attempt.requestId ? { requestId: attempt.requestId } : {}),
  };
  if (status === 'RUNNING')
    return next
      ? [
          ...running,
          {
            ...details,
            at: attempt.endedAt ?? next.readyAt ?? '',
            type: 'TASK_RETRIED',
            status: 'READY',
            actor: attempt.endedBy ?? 'worker',
          },
        ]
      : running;
  return [
    ...running,
    {
      ...details,
      at: attempt.endedAt ?? '',
      type: `TASK_${status}`,
      status,
      actor: attempt.endedBy ?? (status === 'SKIPPED' ? 'stream' : 'worker'),
    },
  ];
}

/** (H2): sorted by time, but never before what it follows from. */
function inCausalOrder(
  graph: Graph,
  workflow: readonly Draft[],
  byTask: ReadonlyMap<string, readonly Draft[]>,
): Draft[] {
  const ranked: { readonly draft: Draft; readonly rank: number }[] = [];
  const lastOf = new Map<string, number>();
  const endOf = new Map<string, number>();
  let latest = 0;

  function place(draft: Draft, after: number): number {
    const rank = Math.max(Date.parse(draft.at) || 0, after);
    ranked.push({ draft, rank });
    latest = Math.max(latest, rank);
    return rank;
  }

  const decidedFrom = (taskId: string) =>
    mayRunEarly(graph.tasks.get(taskId)?.triggerRule ?? 'all_success')
      ? []
      : (graph.upstream.get(taskId) ?? []).map((up) => endOf.get(up) ?? 0);

  function placeTask(taskId: string, event: Draft, began: number): void {
    const isDecided = FIRST_IN_EPOCH.has(event.type) && event.reason !== 'FAIL_FAST';
    const after = isDecided ? decidedFrom(taskId) : [];
    const rank = place(event, Math.max(began, lastOf.get(taskId) ?? 0, ...after));
    lastOf.set(taskId, rank);
    if (isTerminalTask(event.status as TaskStatus)) endOf.set(taskId, rank);
  }

  const order = new Set([...topologicalOrder(graph), ...byTask.keys()]);
  for (let epoch = 1; epoch <= (workflow.at(-1)?.epoch ?? 0); epoch += 1) {
    const [begin, end] = workflow.filter((event) => event.epoch === epoch) as [Draft, Draft?];
    const began = place(begin, latest);
    // A stop comes before what it stops; an end by the tasks after all of them.
    if (end && isStop(end)) place(end, began);
    for (const taskId of order)
      for (const event of byTask.get(taskId) ?? [])
        if (event.epoch === epoch) placeTask(taskId, event, began);
    if (end && !isStop(end)) place(end, latest);
  }
  return ranked.sort((a, b) => a.rank - b.rank).map(({ draft }) => draft);
}

const FIRST_IN_EPOCH: ReadonlySet<EventType> = new Set(['TASK_READY', 'TASK_SKIPPED']);

const isStop = ({ type, reason }: Draft) =>
  type === 'WORKFLOW_CANCELLED' || (type === 'WORKFLOW_FAILED' && reason === 'TIMEOUT');
