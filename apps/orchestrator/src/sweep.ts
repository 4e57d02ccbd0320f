/**
 * The safety net: looks at the workflows that are due, reads each consistently, asks the pure core what should have
 * happened and does it. In a run without faults it repairs nothing, which `SweeperRepairs` proves. Safe to run
 * twice at once: every write has its condition.
 */
import {
  byEpoch,
  inspect,
  isTerminalWorkflow,
  isPaused,
  overridesOf,
  putAway,
  workerLostError,
  type DueSchedule,
  type DueWorkflow,
  type RerunTransition,
  type FailTransition,
  type Graph,
  type SweepFindings,
  type Task,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import { carryOut, dispatchTasks, endMap, originOfWorkflow } from './carry-out.js';
import type { Ports } from './ports.js';
import { keepSchedule } from './schedules.js';
import { checkWaiting } from './sweep-waiting.js';
import { isUnsettled, settleEnded, stopUnwanted, stopWorkflow } from './stop.js';
import { wake } from './wake.js';

export interface SweepReport {
  readonly checked: number;
  readonly repaired: number;
  /** Looked at, but not to the end: the store or the worker's queue failed; the next sweep tries again. */
  readonly failed: number;
}

const NOTHING: SweepReport = { checked: 0, repaired: 0, failed: 0 };
const PAGE = 25;
const ACTIVE_CHECK_MS = 5 * 60_000;
const MINUTE_MS = 60_000;

/** @param timeIsUp asked before each page; what is left waits for the next sweep */
export async function sweep(ports: Ports, timeIsUp: () => boolean): Promise<SweepReport> {
  let report = NOTHING;
  const now = ports.now();
  const { dueShards } = ports.repository;
  // Each minute begins with another shard: a flood in one cannot keep the others waiting for ever.
  const first = Math.floor(now / MINUTE_MS) % dueShards;
  for (let step = 0; step < dueShards; step += 1) {
    let cursor: string | undefined;
    do {
      if (timeIsUp()) return report;
      const page = await ports.repository.listDue({
        shard: (first + step) % dueShards,
        at: new Date(now).toISOString(),
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      report = sum(report, await checkDue(ports, page.items, timeIsUp));
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return report;
}

async function checkDue(
  ports: Ports,
  due: readonly (DueWorkflow | DueSchedule)[],
  timeIsUp: () => boolean,
): Promise<SweepReport> {
  return reportOf(
    due.map((each) =>
      'schedule' in each
        ? checkSchedule(ports, each.schedule, timeIsUp)
        : checkWorkflow(ports, each.workflowId, ports.settings.sweepGraceMs),
    ),
  );
}

/** Looks at these workflows, due or not. */
export async function check(
  ports: Ports,
  workflowIds: readonly string[],
  graceMs: number,
): Promise<SweepReport> {
  return reportOf(workflowIds.map((workflowId) => checkWorkflow(ports, workflowId, graceMs)));
}

async function reportOf(checks: readonly Promise<number>[]): Promise<SweepReport> {
  const settled = await Promise.allSettled(checks);
  return settled.reduce(
    (report, each) =>
      sum(report, {
        checked: 1,
        repaired: each.status === 'fulfilled' ? each.value : 0,
        failed: each.status === 'rejected' ? 1 : 0,
      }),
    NOTHING,
  );
}

const sum = (a: SweepReport, b: SweepReport): SweepReport => ({
  checked: a.checked + b.checked,
  repaired: a.repaired + b.repaired,
  failed: a.failed + b.failed,
});

/** Keeping its times repairs nothing. */
async function checkSchedule(
  ports: Ports,
  schedule: string,
  timeIsUp: () => boolean,
): Promise<number> {
  try {
    await keepSchedule(ports, schedule, timeIsUp);
    return 0;
  } catch (error) {
    ports.log({ level: 'error', message: 'a check failed', schedule, error: String(error) });
    throw error;
  }
}

/** How many repairs it took. */
async function checkWorkflow(ports: Ports, workflowId: string, graceMs: number): Promise<number> {
  try {
    const read = await ports.repository.getWorkflowWithTasks(workflowId);
    const repaired = read ? await checkRead(ports, read, graceMs) : 0;
    if (repaired > 0) {
      ports.count('SweeperRepairs', repaired);
      ports.log({ level: 'warn', message: 'the sweep repaired a workflow', workflowId, repaired });
    }
    return repaired;
  } catch (error) {
    ports.log({ level: 'error', message: 'a check failed', workflowId, error: String(error) });
    throw error;
  }
}

async function checkRead(ports: Ports, read: WorkflowWithTasks, graceMs: number): Promise<number> {
  const { workflow } = read;
  if (isUnsettled(workflow)) {
    // Whoever stopped it may be at it at this moment.
    if (Date.parse(workflow.endedAt ?? '') > ports.now() - graceMs) return 0;
    return (await settleEnded(ports, workflow, 'sweep')) ? 1 : 0;
  }
  if (isTerminalWorkflow(workflow.status)) return 0;
  if (workflow.parent && (await stopUnwanted(ports, workflow, 'sweep'))) return 1;
  if (workflow.status === 'PENDING') return checkWaiting(ports, workflow, graceMs);
  const graph = await ports.graph(workflow.definition);
  const { older, isTorn } = byEpoch(graph, workflow, read.tasks);
  if (isTorn) return 0;
  const findings = inspect(graph, read, ports.now(), {
    graceMs,
    activeCheckMs: ACTIVE_CHECK_MS,
  });
  if (findings.isOverdue) {
    await stopWorkflow(ports, workflow, { status: 'FAILED', by: 'sweep' });
    return 0;
  }
  return repair(ports, graph, read, findings, older);
}

async function repair(
  ports: Ports,
  graph: Graph,
  { workflow }: WorkflowWithTasks,
  findings: SweepFindings,
  older: ReadonlyMap<string, Task>,
): Promise<number> {
  const origin = originOfWorkflow(workflow);
  const lost = await settleLost(ports, findings.lost);
  await wake(ports, findings.wake);
  // It waits for the resume as everything that is READY.
  const rerun = isPaused(workflow) ? [] : lost;
  const overrides = overridesOf(workflow);
  const { taken } = await carryOut(
    ports,
    { origin, graph, by: 'sweep', older, overrides },
    findings,
  );
  await dispatchTasks(ports, origin, [...findings.redispatch, ...findings.due, ...rerun]);
  const ended = await Promise.all(
    findings.maps.map(({ taskId, view, status }) =>
      endMap(ports, { origin, by: 'sweep' }, taskId, view, status),
    ),
  );
  if (!findings.finish) {
    const { workflowId, epoch, version } = workflow;
    const { nextCheckAt } = findings;
    await ports.repository.apply([{ kind: 'check', workflowId, epoch, version, nextCheckAt }]);
  }
  const mapsEnded = ended.reduce<number>((sum, each) => sum + each, 0);
  return taken + mapsEnded + findings.redispatch.length + findings.lost.length;
}

/** The tasks that run again, as they are then. */
async function settleLost(ports: Ports, lost: SweepFindings['lost']): Promise<readonly Task[]> {
  const at = new Date(ports.now()).toISOString();
  const transitions = await Promise.all(lost.map((each) => transitionOf(ports, each, at)));
  const results = await ports.repository.apply(transitions);
  const taken = lost.filter((_, index) => results[index]?.kind === 'applied');
  if (taken.length > 0) ports.count('WorkersLost', taken.length);
  return taken.flatMap(({ task, then }) =>
    then === 'rerun' ? [{ ...task, version: task.version + 1, attempt: task.attempt + 1 }] : [],
  );
}

async function transitionOf(
  ports: Ports,
  { task, then }: SweepFindings['lost'][number],
  at: string,
): Promise<RerunTransition | FailTransition> {
  const { workflowId, taskId, claimId = '', version, attempt, retries = 0, lost = 0 } = task;
  // Suspended since it was read, nobody can be lost any more.
  const common = { workflowId, taskId, claimId, version, by: 'sweep' as const, at };
  const error = workerLostError(task);
  if (then === 'fail') return { ...common, kind: 'fail', error, reason: 'WORKER_LOST' };
  const ended = { at, by: 'sweep', endedAt: at, endedBy: 'sweep' as const, error };
  return {
    ...common,
    kind: 'rerun',
    attempt: attempt + 1,
    retries,
    lost: lost + 1,
    ...(task.postponed === undefined ? {} : { wasPostponed: true }),
    pastAttempts: await putAway(ports.repository, task, ended),
  };
}
