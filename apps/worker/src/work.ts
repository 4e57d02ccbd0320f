/**
 * Runs the tasks of one message: reads META and the upstream outputs together, claims, invokes each task's function
 * once per attempt, records each outcome under its claim, and waits for a retry that fits its own time.
 *
 * (W1) Nothing is claimed unless META, read consistently after the task became READY, is RUNNING in the message's
 *      epoch and not paused: once per message, and again before each retry.
 * (W2) A function is invoked only by the holder of the claim, at most once per claim.
 * (W3) An outcome names only tasks as witnesses whose own outcome this worker has not begun to write.
 */
import {
  isPaused,
  taskOf,
  type ClaimTransition,
  type Graph,
  type TaskDefinition,
  type WorkMessage,
  type Workflow,
} from '@orchestra/workflow-core';
import { expand } from './expand.js';
import type { Job } from './job.js';
import { prepare } from './payload.js';
import {
  limitOf,
  runInLine,
  type Claimable,
  type FunctionLine,
  type RunWithPlace,
} from './places.js';
import type { Claim, Outcome, Ports } from './ports.js';
import { readForTasks, valuesFor } from './reading.js';
import { createRecorder, type Retried } from './recorder.js';
import { suspend } from './suspend.js';

/** What became of a message; `ignored` tasks were someone else's or no longer wanted. */
export interface WorkReport {
  readonly ran: number;
  readonly ignored: number;
}

/** @param remainingMs what is left of this invocation */
export async function work(
  ports: Ports,
  message: WorkMessage,
  remainingMs: () => number,
): Promise<WorkReport> {
  const graph = await ports.graph(message.definition);
  const tasks = message.tasks.filter(({ taskId }) => taskOf(graph, taskId));
  const read = await readForTasks(ports, graph, message.workflowId, tasks);
  if (!read || !isRunningIn(read.workflow, message))
    return { ran: 0, ignored: message.tasks.length };
  const values = await valuesFor(ports, graph, read, tasks);
  const lines = functionLines(ports, graph, tasks);
  const inLine = new Set(lines.flatMap((line) => line.tasks));
  const others = tasks.filter((task) => !inLine.has(task));
  const claims = await claimTasks(ports, graph, message, others);
  const recorder = createRecorder(ports, { graph, workflow: read.workflow, claims, remainingMs });
  const job: Job = { ports, message, graph, values, recorder };
  const settled = await Promise.allSettled([
    ...claims.map((claim) => run(job, claim)),
    ...lines.map((line) => runInLine(job, line, remainingMs, (...task) => runOnce(job, ...task))),
  ]);
  // Only now: when the handler returns, Lambda freezes what still runs.
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
  const ran = settled.reduce((sum, each) => sum + (('value' in each && each.value) || 0), 0);
  return { ran, ignored: message.tasks.length - ran };
}

/** Of those whose function takes only so many tasks at once, by function. */
function functionLines(
  ports: Ports,
  graph: Graph,
  tasks: readonly Claimable[],
): readonly FunctionLine[] {
  const lines = new Map<string, FunctionLine>();
  for (const task of tasks) {
    const limit = limitOf(ports, graph, task.taskId);
    if (!limit) continue;
    const line = lines.get(limit.name) ?? { ...limit, tasks: [] };
    lines.set(limit.name, { ...line, tasks: [...line.tasks, task] });
  }
  return [...lines.values()];
}

/** One attempt of a task that has a place at its function until then. */
async function runOnce(job: Job, task: Claimable, placeUntil: string): ReturnType<RunWithPlace> {
  const claim = await claimAgain(job, task);
  if (!claim) return { taken: false };
  const outcome = await attempt(job, claim, Date.parse(placeUntil));
  return { taken: true, retried: await job.recorder.record(claim, outcome) };
}

const isRunningIn = (workflow: Workflow, message: WorkMessage) =>
  workflow.status === 'RUNNING' && workflow.epoch === message.epoch && !isPaused(workflow);

/** Attempt after attempt, until the task has an outcome or its next try is not ours to wait for. */
async function run(job: Job, first: Claim): Promise<1> {
  const { ports, recorder } = job;
  for (let claim: Claim | undefined = first; claim;) {
    const retried: Retried | undefined = await recorder.record(claim, await attempt(job, claim));
    if (!retried) return 1;
    await ports.pause(Date.parse(retried.notBefore) - ports.now());
    claim = await claimAgain(job, retried);
  }
  return 1;
}

/** Evaluating its expressions is part of the task's time. @param until when its function may not run any more */
async function attempt(job: Job, claim: Claim, until = Infinity): Promise<Outcome> {
  const { ports, graph, values } = job;
  const task = taskOf(graph, claim.taskId) as TaskDefinition;
  const began = ports.now();
  const prepared = await prepare(ports, graph, values, claim);
  if (prepared.kind === 'items') return expand(ports, values.workflow, claim, prepared.items);
  if (prepared.kind !== 'payload') return prepared;
  if (task.function === undefined) return suspend(job, task, claim, prepared);
  const timeoutMs = timeoutMsOf(ports, task);
  const remainingMs = Math.min(timeoutMs - (ports.now() - began), until - ports.now());
  // Its lease may be over: then another worker may run it.
  if (remainingMs <= 0) return noTimeLeft(timeoutMs);
  return ports.invoke(task.function, prepared.payload, remainingMs);
}

const noTimeLeft = (timeoutMs: number): Outcome => ({
  kind: 'failed',
  error: {
    type: 'TaskTimeout',
    message: `its expressions, and those of tasks before it, took all of its ${timeoutMs / 1000} s`,
    trace: [],
  },
  reason: 'TIMEOUT',
});

const timeoutMsOf = ({ settings }: Ports, { timeoutSeconds }: TaskDefinition) =>
  timeoutSeconds === undefined ? settings.taskTimeoutMs : timeoutSeconds * 1000;

async function claimTasks(
  ports: Ports,
  graph: Graph,
  { workflowId, epoch }: WorkMessage,
  tasks: readonly Claimable[],
): Promise<Claim[]> {
  const now = ports.now();
  const claimId = ports.newClaimId();
  const transitions = tasks.map(({ taskId, version }): ClaimTransition => {
    const timeoutMs = timeoutMsOf(ports, taskOf(graph, taskId) as TaskDefinition);
    return {
      kind: 'claim',
      workflowId,
      taskId,
      epoch,
      version,
      claimId,
      leaseUntil: new Date(now + timeoutMs + ports.settings.leaseMarginMs).toISOString(),
      at: new Date(now).toISOString(),
    };
  });
  const results = await ports.repository.apply(transitions);
  return transitions.flatMap(({ taskId, leaseUntil, at }, index) => {
    const { attempt } = tasks[index] as Claimable;
    return results[index]?.kind === 'applied'
      ? [{ taskId, attempt, claimId, claimedAt: at, leaseUntil }]
      : [];
  });
}

/** Undefined: the workflow is not running any more, or somebody else has the task. */
async function claimAgain(
  { ports, graph, message }: Job,
  retried: Claimable,
): Promise<Claim | undefined> {
  const workflow = await ports.repository.getWorkflow(message.workflowId);
  if (!workflow || !isRunningIn(workflow, message)) return undefined;
  const [claim] = await claimTasks(ports, graph, message, [retried]);
  return claim;
}
