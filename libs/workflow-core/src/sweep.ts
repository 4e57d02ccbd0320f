/**
 * What the sweep finds in one workflow it has read whole: the decisions somebody should have made and did not.
 * Pure. It acts only on facts and READYs older than a grace, so that in a run without faults it finds nothing to
 * repair; dispatching a retry whose time has come, waking what waits, and ending a workflow at its deadline, are its own
 * duties.
 *
 * When it looks next decides what a lost record costs:
 * (N1) While anything is READY, or RUNNING in a worker's hands, at the latest after `activeCheckMs`: its outcome may get lost.
 * (N2) What is suspended asks for no look before its time. A workflow that only waits sleeps until the first of these, but
 *      only once nothing is left to follow from what has ended: not while a decision is open, and not while a fact is so
 *      young that its record may be on its way.
 * (N3) So whoever ends what is suspended makes the workflow due soon, since nobody else would see that its record got lost:
 *      the sweep looks again after the grace, others `hasten`.
 * (N4) A look that lies ahead is never put off: whoever asked for it may not have written yet what it is to find.
 * (N5) Nothing is READY to be claimed while the workflow is paused, so that asks for no look either; what runs goes on, and
 *      what waits ends. Once it is resumed all of it is dispatched, which counts as if it were READY only since then.
 */
import { isPaused, resumedAt } from './control.js';
import { taskOf, type Graph } from './definition.js';
import { deadlineOf, epochBeganAt, presentTasks } from './epochs.js';
import { LIMITS } from './limits.js';
import { countsAs, plan } from './planner.js';
import type { FinishTransition, WorkflowWithTasks } from './repository.js';
import { isTerminalTask } from './state-machines.js';
import { inspectMaps, type MapFindings } from './sweep-maps.js';
import type { SkipReason, Task, TaskError, TaskFact, Workflow } from './workflow.js';

export interface SweepFindings {
  /** Beyond its deadline: it has to be stopped, and nothing else matters. */
  readonly isOverdue: boolean;
  /** Tasks that should be READY and are not. */
  readonly run: readonly string[];
  readonly skip: readonly { readonly taskId: string; readonly reason: SkipReason }[];
  readonly finish?: FinishTransition['status'];
  /** Maps all items of which have ended. */
  readonly maps: MapFindings['end'];
  /** Their retry's time has come. */
  readonly due: readonly Task[];
  /** Suspended until a moment that has come: a wait is over, an answer did not come in time. */
  readonly wake: readonly Task[];
  /** READY for longer than the grace and claimed by nobody: its message, or the worker that waited with it, is lost. */
  readonly redispatch: readonly Task[];
  /** RUNNING beyond its lease: its worker is lost. `rerun` while tries are left, else `fail`. */
  readonly lost: readonly { readonly task: Task; readonly then: 'rerun' | 'fail' }[];
  /** When to look again. ISO 8601. */
  readonly nextCheckAt: string;
}

export interface SweepSettings {
  readonly graceMs: number;
  /** (N1) */
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
  const waiting = active.filter(isSuspended);
  const paused = isPaused(workflow);
  const held = active.filter((task) => !isSuspended(task) && !(paused && task.status === 'READY'));
  const deadline = deadlineOf(graph.definition, workflow);
  const oldestYoung = nowMs - settings.graceMs;
  const { isQuiet, ...missed } = missedDecisions(graph, { workflow, tasks: present }, oldestYoung);
  const wake = waiting.filter((task) => isPast(task.wakeAt, nowMs));
  const soon = nowMs + Math.max(settings.graceMs, SOONEST_MS);
  const settling = settlesUntil(workflow, nowMs, settings.graceMs);
  const moments = [
    ...held.flatMap((task) => nextMoment(task, nowMs, settings.graceMs)),
    ...waiting.flatMap(({ wakeAt }) => (wakeAt === undefined ? [] : Date.parse(wakeAt))),
    ...promisedLook(workflow, nowMs),
    ...settling.filter(() => held.some(({ status }) => status === 'READY')),
  ];
  const sleeps = (waiting.length > 0 || paused) && isQuiet && wake.length === 0;
  const latest = sleeps ? Infinity : soon;
  return {
    isOverdue: deadline <= nowMs,
    ...missed,
    ...readyTasks(held, nowMs, settings.graceMs),
    ...(settling.length > 0 ? { redispatch: [] } : {}),
    wake,
    lost: held
      .filter((task) => task.status === 'RUNNING' && isPast(task.leaseUntil, nowMs))
      .map((task) => ({ task, then: afterLoss(graph, task) })),
    nextCheckAt: new Date(
      // What is due now is acted on now; whether that helped is seen after the grace.
      [...moments, deadline].reduce(
        (first, moment) => Math.min(first, moment > nowMs ? moment : soon),
        held.length > 0 ? nowMs + settings.activeCheckMs : latest,
      ),
    ).toISOString(),
  };
}

/** It runs, but in nobody's hands: until its time, its answer, its child or its items. */
const isSuspended = ({ status, suspendedAt }: Task) =>
  status === 'RUNNING' && suspendedAt !== undefined;

/** (N4) */
function promisedLook({ nextCheckAt }: Workflow, nowMs: number): number[] {
  const moment = nextCheckAt === undefined ? 0 : Date.parse(nextCheckAt);
  return moment > nowMs ? [moment] : [];
}

/** (N5) */
function settlesUntil(workflow: Workflow, nowMs: number, graceMs: number): number[] {
  const resumed = resumedAt(workflow);
  const until = resumed === undefined ? 0 : Date.parse(resumed) + graceMs;
  return until > nowMs ? [until] : [];
}

/** However short the grace is. */
const SOONEST_MS = 1_000;

function missedDecisions(
  graph: Graph,
  { workflow, tasks }: WorkflowWithTasks,
  oldestYoung: number,
): Pick<SweepFindings, 'run' | 'skip' | 'finish' | 'maps'> & { readonly isQuiet: boolean } {
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
    before(graph, taskId).every((up) => isOld(up) || (!facts.has(up) && !skippedHere.has(up)));
  const failedLongAgo = tasks.some(
    ({ taskId, status }) =>
      status === 'FAILED' &&
      graph.upstream.has(taskId) &&
      countsAs(graph, taskId, { status }).status === status &&
      isOld(taskId),
  );
  const skip = missed.skip.filter(
    ({ taskId, reason }) =>
      (reason === 'FAIL_FAST' ? failedLongAgo : settledLongAgo(taskId)) &&
      skippedLongAgo.add(taskId),
  );
  const oldFacts = new Map([...facts].filter(([taskId]) => isOld(taskId)));
  const maps = inspectMaps(graph, tasks, oldFacts, (at) => isPast(at, oldestYoung));
  const isYoung = ({ endedAt, suspendedAt, items: list, child }: Task) => {
    // What a map or a child begins is told by a record too.
    const since = endedAt ?? (list || child ? suspendedAt : undefined);
    return since !== undefined && !isPast(since, oldestYoung);
  };
  return {
    run: [...missed.run.filter(settledLongAgo), ...maps.run],
    skip: [...skip, ...maps.skip],
    maps: maps.end,
    // (N2)
    isQuiet:
      [missed.run, missed.skip, maps.run, maps.skip, maps.end].every(
        ({ length }) => length === 0,
      ) &&
      epochBeganAt(workflow) <= oldestYoung &&
      !tasks.some(isYoung),
    ...(missed.finish && [...graph.tasks.keys()].every(isOld) ? { finish: missed.finish } : {}),
  };
}

/** What a decision about a task follows from; about a hook (planner, P6). */
function before(graph: Graph, taskId: string): readonly string[] {
  const hook = graph.hooks.get(taskId);
  if (hook === undefined) return graph.upstream.get(taskId) ?? [];
  const first = [...graph.hooks].flatMap(([id, each]) => (each === 'finally' ? [] : id));
  return [...graph.upstream.keys(), ...(hook === 'finally' ? first : [])];
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
  lost < LIMITS.lostWorkerReruns && taskOf(graph, taskId)?.onLostWorker !== 'fail'
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
