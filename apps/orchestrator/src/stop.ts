/**
 * Ends a workflow before its tasks have: an operator cancels it, or its deadline passes.
 *
 * (S1) META first. A worker reads META before each claim, so that what becomes READY later is never claimed; then
 *      every READY and RUNNING item, each on its own condition, until none is left that changed under our hands.
 * (S2) META stays due until that is done: what a crash leaves is finished by the caller's retry or by the sweep.
 */
import {
  isSettled,
  isTerminalTask,
  isTerminalWorkflow,
  presentTasks,
  wasStopped,
  type Actor,
  type CancelAnswer,
  type CancelRequest,
  type CancelTaskTransition,
  type Graph,
  type StopTransition,
  type Workflow,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import { fulfil } from './duties.js';
import { childrenOf, isWanted } from './parent.js';
import type { Ports } from './ports.js';

/** Once it answers `cancelled`, no task of the workflow is claimed any more, and what still runs cannot record. */
export async function cancelWorkflow(
  ports: Ports,
  { workflowId, note, who }: CancelRequest,
): Promise<CancelAnswer> {
  const workflow = await ports.repository.getWorkflow(workflowId);
  if (!workflow) return { kind: 'unknown' };
  const stopped = await stopWorkflow(ports, workflow, {
    status: 'CANCELLED',
    by: 'operator',
    ...(note === undefined ? {} : { note }),
    ...(who === undefined ? {} : { who }),
  });
  return { kind: stopped.status === 'CANCELLED' ? 'cancelled' : 'ended', status: stopped.status };
}

type Stop = Pick<StopTransition, 'status' | 'by' | 'note' | 'who'>;

/** It may get its place, or end by itself, while it is being stopped. */
const STOP_TRIES = 5;

/** The workflow as it is then: stopped by this call or before, or ended otherwise. */
export async function stopWorkflow(
  ports: Ports,
  workflow: Workflow,
  stop: Stop,
): Promise<Workflow> {
  let stopped = workflow;
  for (let attempt = 0; attempt < STOP_TRIES && isOpenIn(workflow.epoch, stopped); attempt += 1) {
    const from = stopped.status === 'PENDING' ? 'PENDING' : 'RUNNING';
    stopped = await writeStop(ports, stopped, { ...stop, from });
  }
  if (isUnsettled(stopped)) await settleEnded(ports, stopped, stop.by);
  return stopped;
}

const isOpenIn = (epoch: number, workflow: Workflow): boolean =>
  workflow.epoch === epoch && !isTerminalWorkflow(workflow.status);

/** It has ended, but perhaps not all of its tasks have, or its duties are not done. */
export const isUnsettled = (workflow: Workflow): boolean =>
  isTerminalWorkflow(workflow.status) && !isSettled(workflow);

/** No workflow that has work to do is left alone for so long. */
const LONG_SLEEP_MS = 6 * 60_000;

async function writeStop(
  ports: Ports,
  { workflowId, epoch, definition, nextCheckAt }: Workflow,
  stop: Stop & Pick<StopTransition, 'from'>,
): Promise<Workflow> {
  const now = ports.now();
  const at = new Date(now).toISOString();
  // (S2) One that sleeps until a moment far away would be found only then.
  const sleeps = Date.parse(nextCheckAt ?? at) > now + LONG_SLEEP_MS;
  const [result] = await ports.repository.apply([
    {
      kind: 'stop',
      workflowId,
      epoch,
      definition,
      at,
      ...stop,
      ...(sleeps ? { nextCheckAt: at } : {}),
    },
  ]);
  if (result?.kind === 'applied')
    ports.count(stop.status === 'CANCELLED' ? 'WorkflowsCancelled' : 'WorkflowsFailed');
  const stopped = await ports.repository.getWorkflow(workflowId);
  if (!stopped) throw new Error(`${workflowId} is gone`);
  return stopped;
}

/** Each round cancels what is active; a task that changed meanwhile is met again in the next. */
const ROUNDS = 20;

/**
 * Cancels what is active if the workflow was stopped, does its duties, then lets it leave the due index.
 * False: something is left to do, and it stays due.
 */
export async function settleEnded(ports: Ports, workflow: Workflow, by: Actor): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const current = wasStopped(workflow)
      ? await cancelTasks(ports, workflow, by)
      : await ports.repository.getWorkflow(workflow.workflowId);
    if (!current || current.epoch !== workflow.epoch || !isUnsettled(current)) return true;
    if (!(await fulfil(ports, current, by))) return false;
    const { workflowId, epoch, version } = current;
    const [settled] = await ports.repository.apply([
      { kind: 'settle', workflowId, epoch, version },
    ]);
    if (settled?.kind === 'applied') return true;
  }
  throw new Error(`${workflow.workflowId} changes faster than it can be settled`);
}

/** META as it was read before the round after which nothing was active any more. */
async function cancelTasks(
  ports: Ports,
  { workflowId, epoch, definition }: Workflow,
  by: Actor,
): Promise<Workflow | undefined> {
  const graph = await ports.graph(definition);
  for (let round = 0; round < ROUNDS; round += 1) {
    const read = await ports.repository.getWorkflowWithTasks(workflowId);
    if (!read || read.workflow.epoch !== epoch || !isUnsettled(read.workflow))
      return read?.workflow;
    const at = new Date(ports.now()).toISOString();
    const cancels = presentTasks(graph, read.workflow, read.tasks)
      .filter((task) => !isTerminalTask(task.status))
      .map((task): CancelTaskTransition => ({ kind: 'cancelTask', task, by, at }));
    const results = await ports.repository.apply(cancels);
    if (results.some(({ kind }) => kind === 'lost')) continue;
    await cancelChildren(ports, graph, read, by);
    return read.workflow;
  }
  throw new Error(`the tasks of ${workflowId} change faster than they can be cancelled`);
}

const CHILDREN_AT_ONCE = 25;

/** (K2) Each is settled too, so that a redrive of this workflow finds it so. */
async function cancelChildren(
  ports: Ports,
  graph: Graph,
  { workflow, tasks }: WorkflowWithTasks,
  by: Actor,
): Promise<void> {
  const { workflowId, status } = workflow;
  const stop = {
    status: 'CANCELLED',
    by,
    note: `workflow "${workflowId}" ended ${status}`,
  } as const;
  const ids = childrenOf(graph, workflow, tasks);
  for (let start = 0; start < ids.length; start += CHILDREN_AT_ONCE)
    await Promise.all(
      ids.slice(start, start + CHILDREN_AT_ONCE).map(async (id) => {
        const child = await ports.repository.getWorkflow(id);
        if (child) await stopWorkflow(ports, child, stop);
      }),
    );
}

/** (K2) Whether the workflow is a child that nobody waits for any more: then it is cancelled. */
export async function stopUnwanted(ports: Ports, workflow: Workflow, by: Actor): Promise<boolean> {
  if (await isWanted(ports, workflow)) return false;
  const note = 'the task that it ran for does not wait for it any more';
  await stopWorkflow(ports, workflow, { status: 'CANCELLED', by, note });
  return true;
}
