/**
 * The safety net: looks at the workflows that are due, reads each consistently, asks the pure core what should have
 * happened and does it. In a run without faults it repairs nothing, which `SweeperRepairs` proves. Safe to run
 * twice at once: every write has its condition.
 */
import {
  attemptsWithLost,
  inspect,
  workerLostError,
  type SweepFindings,
  type Task,
  type Transition,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import { carryOut, dispatchTasks, originOfWorkflow } from './carry-out.js';
import type { Ports } from './ports.js';

export interface SweepReport {
  readonly checked: number;
  readonly repaired: number;
  /** Looked at, but not to the end: the store or the worker's queue failed; the next sweep tries again. */
  readonly failed: number;
}

const PAGE = 25;
const ACTIVE_CHECK_MS = 5 * 60_000;
const IDLE_CHECK_MS = 60_000;

/** @param timeIsUp asked before each page; what is left waits for the next sweep */
export async function sweep(ports: Ports, timeIsUp: () => boolean): Promise<SweepReport> {
  let report: SweepReport = { checked: 0, repaired: 0, failed: 0 };
  const at = new Date(ports.now()).toISOString();
  for (let shard = 0; shard < ports.repository.dueShards; shard += 1) {
    let cursor: string | undefined;
    do {
      if (timeIsUp()) return report;
      const page = await ports.repository.listDue({
        shard,
        at,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const checks = page.items.map(({ workflowId }) => checkWorkflow(ports, workflowId));
      for (const settled of await Promise.allSettled(checks))
        report = {
          checked: report.checked + 1,
          repaired: report.repaired + (settled.status === 'fulfilled' ? settled.value : 0),
          failed: report.failed + (settled.status === 'rejected' ? 1 : 0),
        };
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return report;
}

/** How many repairs it took. */
async function checkWorkflow(ports: Ports, workflowId: string): Promise<number> {
  try {
    const read = await ports.repository.getWorkflowWithTasks(workflowId);
    if (read?.workflow.status !== 'RUNNING') return 0;
    const graph = await ports.graph(read.workflow.definition);
    const findings = inspect(graph, read, ports.now(), {
      graceMs: ports.settings.sweepGraceMs,
      activeCheckMs: ACTIVE_CHECK_MS,
      idleCheckMs: IDLE_CHECK_MS,
    });
    const repaired = await repair(ports, read, findings);
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

async function repair(
  ports: Ports,
  { workflow }: WorkflowWithTasks,
  findings: SweepFindings,
): Promise<number> {
  const origin = originOfWorkflow(workflow);
  const rerun = await settleLost(ports, findings.lost);
  const made = await carryOut(ports, origin, findings);
  await dispatchTasks(ports, origin, [...findings.redispatch, ...rerun]);
  if (!findings.finish) {
    const { workflowId, epoch, version } = workflow;
    const { nextCheckAt } = findings;
    await ports.repository.apply([{ kind: 'check', workflowId, epoch, version, nextCheckAt }]);
  }
  return made + findings.redispatch.length + findings.lost.length;
}

/** The tasks that run again, as they are then. */
async function settleLost(ports: Ports, lost: SweepFindings['lost']): Promise<readonly Task[]> {
  const at = new Date(ports.now()).toISOString();
  const results = await ports.repository.apply(lost.map((each) => transitionOf(each, at)));
  return lost.flatMap(({ task, then }, index) =>
    then === 'rerun' && results[index]?.kind === 'applied'
      ? [{ ...task, version: task.version + 1, attempt: task.attempt + 1 }]
      : [],
  );
}

function transitionOf({ task, then }: SweepFindings['lost'][number], at: string): Transition {
  const { workflowId, taskId, claimId = '' } = task;
  const common = { workflowId, taskId, claimId, at };
  return then === 'rerun'
    ? {
        ...common,
        kind: 'rerun',
        attempt: task.attempt + 1,
        pastAttempts: attemptsWithLost(task, at),
      }
    : { ...common, kind: 'fail', error: workerLostError(task), reason: 'WORKER_LOST' };
}
