/**
 * A child and the task it runs for.
 *
 * (K1) A child is wanted while its parent runs in the epoch it was started or redriven for, and the task is not over and
 *      waits for it, or may yet: it has named no child so far.
 * (K2) Whoever starts a child, or checks one, looks first whether it is wanted; one that is not is cancelled. So is every child
 *      that a task of a stopped workflow may have, before that workflow is settled: those that are there by their
 *      ids (K3), and one that is inserted later by whoever starts it.
 * (K3) A task's child is the one that its item names, or the one whose id follows from the task and its epoch.
 * (K4) A child that has ended stays due until its task has ended too, or can no more: it is not settled before a task that
 *      may still name it has done so. Telling twice tells the same: how a workflow ended in an epoch never changes, and it begins
 *      no other while it is not settled.
 * (K5) The parent may sleep for long: it is made due before its task is ended, so that a lost record delays it by a minute.
 */
import {
  LIMITS,
  countsAs,
  hasten,
  isTerminalTask,
  kindOf,
  presentTasks,
  taskOf,
  type Actor,
  type FailTransition,
  type Graph,
  type Parent,
  type SucceedTransition,
  type Task,
  type TaskError,
  type Workflow,
} from '@orchestra/workflow-core';
import { childIdFor } from '@orchestra/workflow-core/starting';
import { outputOfChild } from './child-output.js';
import type { Ports } from './ports.js';

/** The task that the workflow ran for ends as the workflow did. Safe to repeat. False: it cannot be told yet (K4). */
export async function tellParent(ports: Ports, child: Workflow, by: Actor): Promise<boolean> {
  if (!child.parent) return true;
  const read = await readParent(ports, child.parent);
  if (!read || !isOpenFor(child, read.task)) return true;
  const { task, workflow } = read;
  if (task.suspendedAt === undefined) return false;
  const outcome = await outcomeOf(ports, child, task, by);
  const soon = new Date(ports.now() + ports.settings.firstCheckMs).toISOString();
  if ((workflow.nextCheckAt ?? soon) > soon) await hasten(ports, workflow, soon);
  await ports.repository.apply([{ ...outcome, at: new Date(ports.now()).toISOString() }]);
  return true;
}

/** (K1) */
export async function isWanted(ports: Ports, child: Workflow): Promise<boolean> {
  if (!child.parent) return true;
  const read = await readParent(ports, child.parent);
  return read !== undefined && isOpenFor(child, read.task);
}

/** The parent and its task, if both are of the epoch in which the child runs for them. */
async function readParent(
  { repository }: Ports,
  { workflowId, taskId, epoch }: Parent,
): Promise<{ workflow: Workflow; task: Task } | undefined> {
  const read = await repository.getWorkflowAndTasks(workflowId, [taskId]);
  if (read?.workflow.status !== 'RUNNING' || read.workflow.epoch !== epoch) return undefined;
  const [task] = read.tasks;
  return task?.epoch === epoch ? { workflow: read.workflow, task } : undefined;
}

const isOpenFor = ({ workflowId }: Workflow, { status, suspendedAt, child }: Task) =>
  !isTerminalTask(status) && (suspendedAt === undefined || child === workflowId);

async function outcomeOf(
  ports: Ports,
  child: Workflow,
  task: Task,
  by: Actor,
): Promise<Omit<SucceedTransition, 'at'> | Omit<FailTransition, 'at'>> {
  const { workflowId, taskId, claimId = '' } = task;
  const common = { workflowId, taskId, claimId, by };
  if (child.status !== 'SUCCESS')
    return { ...common, kind: 'fail', error: await childFailed(ports, child) };
  const output = await outputOfChild(ports, child, task);
  return 'error' in output
    ? { ...common, kind: 'fail', ...output }
    : { ...common, kind: 'succeed', output };
}

async function childFailed(ports: Ports, child: Workflow): Promise<TaskError> {
  const { workflowId, status, reason, note, definition } = child;
  const name = `workflow "${workflowId}" of "${definition.name}"`;
  const message =
    status === 'CANCELLED'
      ? `${name} was cancelled${note === undefined ? '' : `: ${note}`}`
      : `${name} FAILED: ${reason === 'TIMEOUT' ? 'its time was over' : await firstFailure(ports, child)}`;
  return { type: 'ChildFailed', message: message.slice(0, LIMITS.errorMessageLength), trace: [] };
}

async function firstFailure(ports: Ports, { workflowId, definition }: Workflow): Promise<string> {
  const [graph, read] = await Promise.all([
    ports.graph(definition),
    ports.repository.getWorkflowWithTasks(workflowId, { items: false }),
  ]);
  if (!read) return 'it is gone';
  const [first] = presentTasks(graph, read.workflow, read.tasks)
    .filter((task) => isFailure(graph, task))
    .sort((a, b) => ((a.endedAt ?? '') < (b.endedAt ?? '') ? -1 : 1));
  if (!first) return 'none of its tasks did';
  const { taskId, error } = first;
  return `task "${taskId}" failed${error ? `: ${error.type}: ${error.message}` : ''}`;
}

const isFailure = (graph: Graph, { taskId, status }: Task) =>
  status === 'FAILED' && countsAs(graph, taskId, { status }).status === 'FAILED';

/** (K3) Of tasks that may have one which nobody has told of their end. */
export function childrenOf(graph: Graph, workflow: Workflow, tasks: readonly Task[]): string[] {
  const { workflowId, epoch } = workflow;
  const mayRun = ({ taskId, status, reason, startedAt, lost = 0, ...task }: Task) =>
    task.epoch === epoch &&
    kindOf(taskOf(graph, taskId) ?? {}) === 'workflow' &&
    (startedAt !== undefined || lost > 0) &&
    (!isTerminalTask(status) || status === 'CANCELLED' || reason === 'WORKER_LOST');
  return tasks.filter(mayRun).flatMap(({ taskId, child }) => {
    const own = childIdFor({ workflowId, taskId, epoch });
    return child === undefined || child === own ? [own] : [child, own];
  });
}
