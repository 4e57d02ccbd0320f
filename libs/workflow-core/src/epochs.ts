/**
 * What the items of a workflow mean in its present epoch. Pure.
 *
 * (E1) A redrive resets nothing: seen from META, an item of an older epoch counts only while it is SUCCEEDED and no
 *      later redrive selected it. Every other item of an older epoch *is* PENDING.
 * (E2) So within an epoch a fact never changes: what counts of older epochs is fixed by META when the epoch begins.
 */
import { LIMITS } from './limits.js';
import type { Definition, Graph } from './definition.js';
import { isTerminalTask, type TaskStatus } from './state-machines.js';
import type { Selection, Task, Workflow } from './workflow.js';

/** The items that count, by task. */
export function presentTasks(
  graph: Graph,
  workflow: Pick<Workflow, 'epoch' | 'redrives'>,
  tasks: readonly Task[],
): readonly Task[] {
  if (workflow.epoch === 1) return tasks.filter(({ epoch }) => epoch === 1);
  const selectedIn = new Map<string, number>();
  for (const { epoch, selection } of workflow.redrives ?? [])
    for (const taskId of selectedTasks(graph, selection)) selectedIn.set(taskId, epoch);
  return tasks.filter(
    ({ taskId, epoch, status }) =>
      epoch === workflow.epoch ||
      (epoch < workflow.epoch &&
        status === 'SUCCEEDED' &&
        (selectedIn.get(taskId) ?? 0) <= epoch &&
        graph.tasks.has(taskId)),
  );
}

export interface ByEpoch {
  /** The items that count. */
  readonly present: readonly Task[];
  /** Items of older epochs that do not: what begins in this epoch takes their place. */
  readonly older: ReadonlyMap<string, Task>;
  /**
   * A read of many pages is no snapshot: META was read, then a redrive began another epoch, then items of that were.
   * Such a read is of the past, and nothing may be decided from it.
   */
  readonly isTorn: boolean;
}

export function byEpoch(
  graph: Graph,
  workflow: Pick<Workflow, 'epoch' | 'redrives'>,
  tasks: readonly Task[],
): ByEpoch {
  const present = presentTasks(graph, workflow, tasks);
  const counting = new Set(present);
  const older = tasks.filter((task) => task.epoch < workflow.epoch && !counting.has(task));
  return {
    present,
    older: new Map(older.map((task) => [task.taskId, task])),
    isTorn: tasks.some(({ epoch }) => epoch > workflow.epoch),
  };
}

/** The tasks a selection runs again although they are SUCCEEDED. */
export function selectedTasks(graph: Graph, selection: Selection): ReadonlySet<string> {
  if (selection.kind === 'unfinished') return new Set();
  const selected = new Set(selection.tasks);
  if (selection.downstream)
    for (const taskId of selected)
      for (const down of graph.downstream.get(taskId) ?? []) selected.add(down);
  return selected;
}

/** Milliseconds since the epoch: when the present epoch began. */
export const epochBeganAt = ({ redrives, startedAt, createdAt }: Workflow): number =>
  Date.parse(redrives?.at(-1)?.at ?? startedAt ?? createdAt);

/** Milliseconds since the epoch: the workflow ends FAILED when it is still running then. */
export const deadlineOf = (
  { timeoutSeconds = LIMITS.workflowTimeoutSeconds.default }: Definition,
  workflow: Workflow,
): number => epochBeganAt(workflow) + timeoutSeconds * 1000;

/** It was ended before all of its tasks were; what had not ended is CANCELLED, whether it has an item or not. */
export const wasStopped = ({ status, reason }: Pick<Workflow, 'status' | 'reason'>): boolean =>
  status === 'CANCELLED' || reason !== undefined;

/** A task's status as a person sees it; `task` is its item if one counts. */
export function statusOf(
  workflow: Pick<Workflow, 'status' | 'reason'>,
  task: Task | undefined,
): TaskStatus {
  if (task && isTerminalTask(task.status)) return task.status;
  return wasStopped(workflow) ? 'CANCELLED' : (task?.status ?? 'PENDING');
}
