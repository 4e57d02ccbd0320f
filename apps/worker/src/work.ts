/**
 * Runs the tasks of one message: reads META and the upstream outputs together, claims, invokes each task's function
 * once per attempt, records each outcome under its claim, and waits for a retry that fits its own time.
 *
 * (W1) Nothing is claimed unless META, read consistently after the task became READY, is RUNNING in the message's
 *      epoch: once per message, and again before each retry.
 * (W2) A function is invoked only by the holder of the claim, at most once per claim.
 * (W3) An outcome names only tasks as witnesses whose own outcome this worker has not begun to write.
 */
import {
  TASKS_PER_READ_UNIT,
  presentTasks,
  type ClaimTransition,
  type Graph,
  type TaskDefinition,
  type WorkMessage,
  type Workflow,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import { prepare, readValues, takesData, type Values } from './payload.js';
import type { Claim, Outcome, Ports } from './ports.js';
import { createRecorder, type Recorder, type Retried } from './recorder.js';

/** What became of a message; `ignored` tasks were someone else's or no longer wanted. */
export interface WorkReport {
  readonly ran: number;
  readonly ignored: number;
}

interface Job {
  readonly ports: Ports;
  readonly message: WorkMessage;
  readonly graph: Graph;
  readonly values: Values;
  readonly recorder: Recorder;
}

/** @param remainingMs what is left of this invocation */
export async function work(
  ports: Ports,
  message: WorkMessage,
  remainingMs: () => number,
): Promise<WorkReport> {
  const graph = await ports.graph(message.definition);
  const tasks = message.tasks.filter(({ taskId }) => graph.tasks.has(taskId));
  const taking = tasks.filter(({ taskId }) => takesData(graph.tasks.get(taskId) as TaskDefinition));
  const upstream = new Set(taking.flatMap(({ taskId }) => graph.upstream.get(taskId) ?? []));
  const read = await readUpstream(ports, graph, message.workflowId, upstream);
  if (!read || !isRunningIn(read.workflow, message))
    return { ran: 0, ignored: message.tasks.length };
  const present = presentTasks(graph, read.workflow, read.tasks);
  const values = await readValues(ports, read.workflow, present, taking.length > 0);
  const claims = await claimTasks(ports, graph, message, tasks);
  const recorder = createRecorder(ports, { graph, workflow: read.workflow, claims, remainingMs });
  const job: Job = { ports, message, graph, values, recorder };
  const settled = await Promise.allSettled(claims.map((claim) => run(job, claim)));
  // Only now: when the handler returns, Lambda freezes what still runs.
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
  return { ran: claims.length, ignored: message.tasks.length - claims.length };
}

/** META and what is upstream, in whichever way costs less. */
async function readUpstream(
  { repository }: Ports,
  graph: Graph,
  workflowId: string,
  upstream: ReadonlySet<string>,
): Promise<WorkflowWithTasks | undefined> {
  if ((1 + upstream.size) * TASKS_PER_READ_UNIT <= graph.tasks.size)
    return repository.getWorkflowAndTasks(workflowId, [...upstream]);
  const whole = await repository.getWorkflowWithTasks(workflowId);
  return whole && { ...whole, tasks: whole.tasks.filter(({ taskId }) => upstream.has(taskId)) };
}

const isRunningIn = ({ status, epoch }: Workflow, message: WorkMessage) =>
  status === 'RUNNING' && epoch === message.epoch;

/** Attempt after attempt, until the task has an outcome or its next try is not ours to wait for. */
async function run(job: Job, first: Claim): Promise<void> {
  const { ports, recorder } = job;
  for (let claim: Claim | undefined = first; claim;) {
    const retried: Retried | undefined = await recorder.record(claim, await attempt(job, claim));
    if (!retried) return;
    await ports.pause(Date.parse(retried.notBefore) - ports.now());
    claim = await claimAgain(job, retried);
  }
}

/** Evaluating its expressions is part of the task's time. */
async function attempt({ ports, graph, values }: Job, claim: Claim): Promise<Outcome> {
  const task = graph.tasks.get(claim.taskId) as TaskDefinition;
  const began = ports.now();
  const prepared = await prepare(ports, graph, values, claim);
  if (prepared.kind !== 'payload') return prepared;
  const timeoutMs = timeoutMsOf(ports, task);
  const remainingMs = timeoutMs - (ports.now() - began);
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

/** A task that is READY at `version`. */
type Claimable = Pick<Claim, 'taskId' | 'attempt'> & { readonly version: number };

async function claimTasks(
  ports: Ports,
  graph: Graph,
  { workflowId, epoch }: WorkMessage,
  tasks: readonly Claimable[],
): Promise<Claim[]> {
  const now = ports.now();
  const claimId = ports.newClaimId();
  const transitions = tasks.map(({ taskId, version }): ClaimTransition => {
    const timeoutMs = timeoutMsOf(ports, graph.tasks.get(taskId) as TaskDefinition);
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
  return tasks.flatMap(({ taskId, attempt }, index) =>
    results[index]?.kind === 'applied'
      ? [{ taskId, attempt, claimId, leaseUntil: transitions[index]?.leaseUntil ?? '' }]
      : [],
  );
}

/** Undefined: the workflow is not running any more, or somebody else has the task. */
async function claimAgain(
  { ports, graph, message }: Job,
  retried: Retried,
): Promise<Claim | undefined> {
  const workflow = await ports.repository.getWorkflow(message.workflowId);
  if (!workflow || !isRunningIn(workflow, message)) return undefined;
  const [claim] = await claimTasks(ports, graph, message, [retried]);
  return claim;
}
