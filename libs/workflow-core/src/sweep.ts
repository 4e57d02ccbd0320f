/**
 * What the sweep finds in one workflow it has read whole: the decisions somebody should have made and did not.
 * Pure. It acts only on facts and READYs older than a grace, so that in a run without faults it finds nothing.
 */
import type { Graph } from './definition.js';
import { LIMITS } from './limits.js';
import { plan } from './planner.js';
import type { FinishTransition, WorkflowWithTasks } from './repository.js';
import { isTerminalTask } from './state-machines.js';
import type { PastAttempt, SkipReason, Task, TaskError, TaskFact } from './workflow.js';

export interface SweepFindings {
  /** Tasks that should be READY and are not. */
  readonly run: readonly string[];
  readonly skip: readonly { readonly taskId: string; readonly reason: SkipReason }[];
  readonly finish?: FinishTransition['status'];
  /** READY for longer than the grace and claimed by nobody: its message may be lost. */
  readonly redispatch: readonly Task[];
  /** RUNNING beyond its lease: its worker is lost. `rerun` while tries are left, else `fail`. */
  readonly lost: readonly { readonly task: Task; readonly then: 'rerun' | 'fail' }[];
  /** When to look again. ISO 8601. */
  readonly nextCheckAt: string;
}

export interface SweepSettings {
  readonly graceMs: number;
  /** While anything is READY or RUNNING, at the latest after so long. */
  readonly activeCheckMs: number;
  /** While nothing is, and facts are too young to act on. */
  readonly idleCheckMs: number;
}

const WORKER_LOST = 'WorkerLost';

export function inspect(
  graph: Graph,
  { workflow, tasks }: WorkflowWithTasks,
  nowMs: number,
  settings: SweepSettings,
): SweepFindings {
  const old = (iso: string | undefined) =>
    Date.parse(iso ?? workflow.createdAt) <= nowMs - settings.graceMs;
  const items = new Map(tasks.map((task) => [task.taskId, task]));
  const facts = factsOf(tasks);
  const active = tasks.filter((task) => !isTerminalTask(task.status));
  const started = new Set(active.map((task) => task.taskId));
  const missed = plan({ graph, facts, started, unfinished: 'rest' }, 'all');

  // A task skipped in this very plan has no item; it is as old as what it follows from, which stands before it.
  const skippedLongAgo = new Set<string>();
  const isOld = (taskId: string) => {
    const item = items.get(taskId);
    return item ? old(item.endedAt) : skippedLongAgo.has(taskId);
  };
  const settledLongAgo = (taskId: string) =>
    old(workflow.startedAt) && (graph.upstream.get(taskId) ?? []).every(isOld);
  const skip = missed.skip.filter(
    ({ taskId }) => settledLongAgo(taskId) && skippedLongAgo.add(taskId),
  );
  const overdue = active.filter(
    (task) => task.status === 'RUNNING' && Date.parse(task.leaseUntil ?? '') <= nowMs,
  );
  const leases = active.flatMap((task) =>
    task.status === 'RUNNING' && task.leaseUntil && !overdue.includes(task)
      ? [Date.parse(task.leaseUntil)]
      : [],
  );
  const horizon = nowMs + (active.length > 0 ? settings.activeCheckMs : settings.idleCheckMs);
  return {
    run: missed.run.filter(settledLongAgo),
    skip,
    ...(missed.finish && graph.sinks.every(isOld) ? { finish: missed.finish } : {}),
    redispatch: active.filter((task) => task.status === 'READY' && old(task.readyAt)),
    lost: overdue.map((task) => ({
      task,
      then: lostBefore(task) < LIMITS.lostWorkerReruns ? 'rerun' : 'fail',
    })),
    nextCheckAt: new Date(Math.min(horizon, ...leases)).toISOString(),
  };
}

export const factsOf = (tasks: readonly Task[]): Map<string, TaskFact> =>
  new Map(
    tasks.flatMap(({ taskId, status, reason }) =>
      isTerminalTask(status) ? [[taskId, { status, ...(reason ? { reason } : {}) }]] : [],
    ),
  );

const lostBefore = (task: Task) =>
  (task.pastAttempts ?? []).filter(({ error }) => error?.type === WORKER_LOST).length;

export const workerLostError = (task: Task): TaskError => ({
  type: WORKER_LOST,
  message: `attempt ${task.attempt} ended without an outcome: its lease ran out at ${task.leaseUntil}`,
  trace: [],
});

/** The attempts of a task whose worker was lost, the lost one included. */
export const attemptsWithLost = (task: Task, endedAt: string): readonly PastAttempt[] => [
  ...(task.pastAttempts ?? []),
  {
    attempt: task.attempt,
    startedAt: task.startedAt ?? endedAt,
    endedAt,
    error: workerLostError(task),
  },
];
