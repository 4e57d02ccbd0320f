/**
 * What the sweep finds in one workflow it has read whole: the decisions somebody should have made and did not.
 * Pure. It acts only on facts and READYs older than a grace, so that in a run without faults it finds nothing to
 * repair; dispatching a retry whose time has come, and ending a workflow at its deadline, are its own duties.
 */
import type { Graph } from './definition.js';
import { deadlineOf, epochBeganAt, presentTasks } from './epochs.js';
import { LIMITS } from './limits.js';
import { countsAs, plan } from './planner.js';
import type { FinishTransition, WorkflowWithTasks } from './repository.js';
import { isTerminalTask } from './state-machines.js';
import type { SkipReason, Task, TaskError, TaskFact } from './workflow.js';

export interface SweepFindings {
  /** Beyond its deadline: it has to be stopped, and nothing else matters. */
  readonly isOverdue: boolean;
  /** Tasks that should be READY and are not. */
  readonly run: readonly string[];
  readonly skip: readonly { readonly taskId: string; readonly reason: SkipReason }[];
  readonly finish?: FinishTransition['status'];
  /** Their retry's time has come. */
  readonly due: readonly Task[];
  /** READY for longer than the grace and claimed by nobody: its message, or the worker that waited with it, is lost. */
  readonly redispatch: readonly Task[];
  /** RUNNING beyond its lease: its worker is lost. `rerun` while tries are left, else `fail`. */
  readonly lost: readonly { readonly task: Task; readonly then: 'rerun' | 'fail' }[];
  /** When to look again. ISO 8601. */
  readonly nextCheckAt: string;
}

export interface SweepSettings {
  readonly graceMs: number;
  /** While anything is READY or RUNNING, at the latest after so long; else after the grace. */
  readonly activeCheckMs: number;
}

export const WORKER_LOST = 'WorkerLost';

export function inspect(
  graph: Graph,
  { workflow, tasks }: WorkflowWithTasks,
  nowMs: number,
  settings: SweepSettings,
): SweepFindings {
  const present = presentTasks(graph, workflow, tasks);
  const active = present.filter((task) => !isTerminalTask(task.status));
  const deadline = deadlineOf(graph.definition, workflow);
  const soon = nowMs + Math.max(settings.graceMs, SOONEST_MS);
  const moments = active.flatMap((task) => nextMoment(task, nowMs, settings.graceMs));
  const horizon = active.length > 0 ? nowMs + settings.activeCheckMs : soon;
  return {
    isOverdue: deadline <= nowMs,
    ...missedDecisions(graph, { workflow, tasks: present }, nowMs - settings.graceMs),
    ...readyTasks(active, nowMs, settings.graceMs),
    lost: active
      .filter((task) => task.status === 'RUNNING' && isPast(task.leaseUntil, nowMs))
      .map((task) => ({ task, then: afterLoss(graph, task) })),
    nextCheckAt: new Date(
      // What is due now is acted on now; whether that helped is seen after the grace.
      [...moments, deadline].reduce(
        (first, moment) => Math.min(first, moment > nowMs ? moment : soon),
        horizon,
      ),
    ).toISOString(),
  };
}

/** However short the grace is. */
const SOONEST_MS = 1_000;

function missedDecisions(
  graph: Graph,
  { workflow, tasks }: WorkflowWithTasks,
  oldestYoung: number,
): Pick<SweepFindings, 'run' | 'skip' | 'finish'> {
  const items = new Map(tasks.map((task) => [task.taskId, task]));
  const facts = factsOf(tasks);
  const started = new Set([...items.keys()].filter((id) => !facts.has(id)));
  const redriven = workflow.epoch > 1;
  const missed = plan({ graph, facts, started, unfinished: 'rest', redriven }, 'all');

  // A task skipped in this very plan has no item; it is as old as what it follows from, which stands before it.
  const skippedLongAgo = new Set<string>();
  const isOld = (taskId: string) => {
    const item = items.get(taskId);
    return item ? isPast(item.endedAt, oldestYoung) : skippedLongAgo.has(taskId);
  };
  const skippedHere = new Set(missed.skip.map(({ taskId }) => taskId));
  const settledLongAgo = (taskId: string) =>
    epochBeganAt(workflow) <= oldestYoung &&
    (graph.upstream.get(taskId) ?? []).every(
      (up) => isOld(up) || (!facts.has(up) && !skippedHere.has(up)),
    );
  const failedLongAgo = tasks.some(
    ({ taskId, status }) =>
      status === 'FAILED' && countsAs(graph, taskId, { status }).status === status && isOld(taskId),
  );
  const skip = missed.skip.filter(
    ({ taskId, reason }) =>
      (reason === 'FAIL_FAST' ? failedLongAgo : settledLongAgo(taskId)) &&
      skippedLongAgo.add(taskId),
  );
  return {
    run: missed.run.filter(settledLongAgo),
    skip,
    ...(missed.finish && [...graph.tasks.keys()].every(isOld) ? { finish: missed.finish } : {}),
  };
}

function readyTasks(
  active: readonly Task[],
  nowMs: number,
  graceMs: number,
): Pick<SweepFindings, 'due' | 'redispatch'> {
  const ready = active.filter(({ status }) => status === 'READY');
  const handedOver = (task: Task) => task.notBefore !== undefined && task.leaseUntil === undefined;
  return {
    due: ready.filter((task) => handedOver(task) && isPast(task.notBefore, nowMs)),
    redispatch: ready.filter((task) =>
      task.notBefore === undefined
        ? isPast(task.readyAt, nowMs - graceMs)
        : isPast(task.leaseUntil, nowMs),
    ),
  };
}

/** When there is something to do about a task that is not terminal, if nothing becomes of it until then. */
function nextMoment(
  { status, leaseUntil, notBefore, readyAt }: Task,
  nowMs: number,
  graceMs: number,
): number[] {
  const iso = leaseUntil ?? (status === 'READY' ? (notBefore ?? readyAt) : undefined);
  if (iso === undefined) return [];
  const since = Date.parse(iso);
  const isUnclaimed = status === 'READY' && leaseUntil === undefined && notBefore === undefined;
  if (!isUnclaimed) return [since];
  // One that is told of again and again only waits in line: each wait is as long as all before it together.
  return [since + graceMs > nowMs ? since + graceMs : nowMs + Math.max(graceMs, nowMs - since)];
}

const isPast = (iso: string | undefined, nowMs: number): boolean =>
  iso !== undefined && Date.parse(iso) <= nowMs;

const afterLoss = (graph: Graph, { taskId, lost = 0 }: Task): 'rerun' | 'fail' =>
  lost < LIMITS.lostWorkerReruns && graph.tasks.get(taskId)?.onLostWorker !== 'fail'
    ? 'rerun'
    : 'fail';

export const factsOf = (tasks: readonly Task[]): Map<string, TaskFact> =>
  new Map(
    tasks.flatMap(({ taskId, status, reason }) =>
      isTerminalTask(status) ? [[taskId, { status, ...(reason ? { reason } : {}) }]] : [],
    ),
  );

export const workerLostError = (task: Task): TaskError => ({
  type: WORKER_LOST,
  message: `attempt ${task.attempt} ended without an outcome: its lease ran out at ${task.leaseUntil}`,
  trace: [],
});
