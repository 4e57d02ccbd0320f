/**
 * Ends a workflow before its tasks have: an operator cancels it, or its deadline passes.
 *
 * (S1) META first. A worker reads META before each claim, so that what becomes READY later is never claimed; then
 *      every READY and RUNNING item, each on its own condition, until none is left that changed under our hands.
 * (S2) META stays due until that is done: what a crash leaves is finished by the caller's retry or by the sweep.
 */
import {
  isTerminalTask,
  presentTasks,
  wasStopped,
  type Actor,
  type CancelAnswer,
  type CancelRequest,
  type CancelTaskTransition,
  type StopTransition,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Ports } from './ports.js';

/** Once it answers `cancelled`, no task of the workflow is claimed any more, and what still runs cannot record. */
export async function cancelWorkflow(
  ports: Ports,
  { workflowId, note }: CancelRequest,
): Promise<CancelAnswer> {
  const workflow = await ports.repository.getWorkflow(workflowId);
  if (!workflow) return { kind: 'unknown' };
  const stopped = await stopWorkflow(ports, workflow, {
    status: 'CANCELLED',
    by: 'operator',
    ...(note === undefined ? {} : { note }),
  });
  return { kind: stopped.status === 'CANCELLED' ? 'cancelled' : 'ended', status: stopped.status };
}

type Stop = Pick<StopTransition, 'status' | 'by' | 'note'>;

/** The workflow as it is then: stopped by this call or before, or ended otherwise. */
export async function stopWorkflow(
  ports: Ports,
  workflow: Workflow,
  stop: Stop,
): Promise<Workflow> {
  const stopped = workflow.status === 'RUNNING' ? await writeStop(ports, workflow, stop) : workflow;
  if (isUnsettled(stopped)) await settleStopped(ports, stopped, stop.by);
  return stopped;
}

/** Stopped, but perhaps not all of its tasks are. */
export const isUnsettled = (workflow: Workflow): boolean =>
  workflow.status !== 'RUNNING' && wasStopped(workflow) && workflow.nextCheckAt !== undefined;

async function writeStop(
  ports: Ports,
  { workflowId, epoch, definition }: Workflow,
  stop: Stop,
): Promise<Workflow> {
  const at = new Date(ports.now()).toISOString();
  const [result] = await ports.repository.apply([
    { kind: 'stop', workflowId, epoch, definition, at, ...stop },
  ]);
  if (result?.kind === 'applied')
    ports.count(stop.status === 'CANCELLED' ? 'WorkflowsCancelled' : 'WorkflowsFailed');
  const now = await ports.repository.getWorkflow(workflowId);
  if (!now) throw new Error(`${workflowId} is gone`);
  return now;
}

/** Each round cancels what is active; a task that changed meanwhile is met again in the next. */
const ROUNDS = 20;

/** Cancels what is READY or RUNNING in a stopped workflow, then lets it leave the due index. */
export async function settleStopped(ports: Ports, workflow: Workflow, by: Actor): Promise<void> {
  const { workflowId, epoch } = workflow;
  const graph = await ports.graph(workflow.definition);
  for (let round = 0; round < ROUNDS; round += 1) {
    const read = await ports.repository.getWorkflowWithTasks(workflowId);
    if (!read || read.workflow.epoch !== epoch || !isUnsettled(read.workflow)) return;
    const at = new Date(ports.now()).toISOString();
    const cancels = presentTasks(graph, read.workflow, read.tasks)
      .filter((task) => !isTerminalTask(task.status))
      .map((task): CancelTaskTransition => ({ kind: 'cancelTask', task, by, at }));
    const results = await ports.repository.apply(cancels);
    if (results.some(({ kind }) => kind === 'lost')) continue;
    const { version } = read.workflow;
    await ports.repository.apply([{ kind: 'settle', workflowId, epoch, version }]);
    return;
  }
  throw new Error(`the tasks of ${workflowId} change faster than they can be cancelled`);
}
