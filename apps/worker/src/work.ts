/**
 * Runs the tasks of one message: reads META and the upstream outputs together, claims, invokes each task's function
 * once, records each outcome under its claim.
 *
 * (W1) Nothing is claimed unless META, read consistently, is RUNNING in the message's epoch.
 * (W2) A function is invoked only by the holder of the claim, at most once per claim.
 * (W3) An outcome names only tasks as witnesses whose own outcome this worker has not begun to write.
 */
import {
  type ClaimTransition,
  type Graph,
  type TaskDefinition,
  type TaskPayload,
  type WorkMessage,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import type { Ports } from './ports.js';
import { createRecorder, type Claim } from './recorder.js';

/** What became of a message; `ignored` tasks were someone else's or no longer wanted. */
export interface WorkReport {
  readonly ran: number;
  readonly ignored: number;
}

export async function work(ports: Ports, message: WorkMessage): Promise<WorkReport> {
  const graph = await ports.graph(message.definition);
  const upstream = new Set(message.tasks.flatMap(({ taskId }) => graph.upstream.get(taskId) ?? []));
  const read = await ports.repository.getWorkflowAndTasks(message.workflowId, [...upstream]);
  if (read?.workflow.status !== 'RUNNING' || read.workflow.epoch !== message.epoch)
    return { ran: 0, ignored: message.tasks.length };
  const values = await readValues(ports, read);
  const claims = await claimTasks(ports, graph, message);
  const recorder = createRecorder(ports, graph, read.workflow, claims);
  const settled = await Promise.allSettled(
    claims.map(async (claim) => {
      const task = graph.tasks.get(claim.taskId) as TaskDefinition;
      const payload = payloadOf(message, claim, graph, values);
      const outcome = await ports.invoke(task.function, payload, timeoutMsOf(ports, task));
      await recorder.record(claim, outcome);
    }),
  );
  // Only now: when the handler returns, Lambda freezes what still runs.
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
  return { ran: claims.length, ignored: message.tasks.length - claims.length };
}

const timeoutMsOf = ({ settings }: Ports, { timeoutSeconds }: TaskDefinition) =>
  timeoutSeconds === undefined ? settings.taskTimeoutMs : timeoutSeconds * 1000;

interface Values {
  readonly input: unknown;
  readonly outputs: ReadonlyMap<string, unknown>;
}

/** Each of them once per message, before anything is claimed: what cannot be read can be tried again. */
async function readValues(
  { repository }: Ports,
  { workflow, tasks }: WorkflowWithTasks,
): Promise<Values> {
  const { workflowId } = workflow;
  const outputs = tasks.map(
    async ({ taskId, output }) =>
      [taskId, output ? await repository.getPayload(workflowId, output) : null] as const,
  );
  return {
    input: await repository.getPayload(workflowId, workflow.input),
    outputs: new Map(await Promise.all(outputs)),
  };
}

async function claimTasks(ports: Ports, graph: Graph, message: WorkMessage): Promise<Claim[]> {
  const now = ports.now();
  const claimId = ports.newClaimId();
  const transitions = message.tasks.map(({ taskId, version }): ClaimTransition => {
    const timeoutMs = timeoutMsOf(ports, graph.tasks.get(taskId) as TaskDefinition);
    return {
      kind: 'claim',
      workflowId: message.workflowId,
      taskId,
      epoch: message.epoch,
      version,
      claimId,
      leaseUntil: new Date(now + timeoutMs + ports.settings.leaseMarginMs).toISOString(),
      at: new Date(now).toISOString(),
    };
  });
  const results = await ports.repository.apply(transitions);
  return message.tasks.flatMap(({ taskId, attempt }, index) =>
    results[index]?.kind === 'applied'
      ? [{ taskId, attempt, claimId, leaseUntil: transitions[index]?.leaseUntil ?? '' }]
      : [],
  );
}

function payloadOf(
  { workflowId, epoch }: WorkMessage,
  { taskId, attempt }: Claim,
  graph: Graph,
  { input, outputs }: Values,
): TaskPayload {
  const upstream = graph.upstream.get(taskId) ?? [];
  return {
    workflowId,
    taskId,
    attempt,
    idempotencyKey: `${workflowId}/${taskId}/${epoch}`,
    input,
    dependencies: Object.fromEntries(upstream.map((id) => [id, outputs.get(id) ?? null])),
  };
}
