/**
 * What the items of a workflow mean in its present epoch. Pure.
 *
 * (E1) A redrive resets nothing: seen from META, an item of an older epoch counts only while it is SUCCEEDED and no
 *      later redrive selected it. Every other item of an older epoch *is* PENDING.
 * (E2) So within an epoch a fact never changes: what counts of older epochs is fixed by META when the epoch begins.
 */
import { LIMITS } from './limits.js';
import type { Definition, Graph } from './definition.js';
import { definedId, isItemId, parseItemId } from './map-items.js';
import { isTerminalTask, type TaskStatus } from './state-machines.js';
import type { Selection, Task, Workflow } from './workflow.js';

/** The items that count, by task. Of the items of a map none does whose map was not read. */
export function presentTasks(
  graph: Graph,
  workflow: Pick<Workflow, 'epoch' | 'redrives'>,
  tasks: readonly Task[],
): readonly Task[] {
  if (workflow.epoch === 1) return tasks.filter(({ epoch }) => epoch === 1);
  const selectedIn = new Map<string, number>();
  for (const { epoch, selection } of workflow.redrives ?? [])
    for (const taskId of selectedTasks(graph, selection)) selectedIn.set(taskId, epoch);
  const maps = new Map(tasks.flatMap((task) => (task.items ? [[task.taskId, task]] : [])));
  const wasSelected = (id: string, since: number) => (selectedIn.get(id) ?? 0) > since;
  return tasks.filter(({ taskId, epoch, status }) => {
    if (epoch >= workflow.epoch) return epoch === workflow.epoch;
    if (status !== 'SUCCEEDED' || wasSelected(taskId, epoch)) return false;
    const item = parseItemId(taskId);
    if (!item) return graph.tasks.has(taskId) && !graph.hooks.has(taskId);
    return (
      !wasSelected(everyItemOf(item.taskId), epoch) &&
      belongsTo(maps.get(item.taskId), item.index, epoch)
    );
  });
}

/**
 * (E3) An item of a map counts on for as long as the map's list is the same, which is known once the map has been expanded
 * anew: until then nobody decides about its items.
 */
const belongsTo = (map: Task | undefined, index: number, epoch: number): boolean =>
  map?.items !== undefined && index < map.items.count && epoch >= map.items.since;

/** In a selection: all of them, whatever their number. */
export const everyItemOf = (taskId: string) => `${taskId}[*]`;

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

/** The tasks a selection runs again although they are SUCCEEDED; with an item of a map its map is joined anew. */
export function selectedTasks(graph: Graph, selection: Selection): ReadonlySet<string> {
  if (selection.kind === 'unfinished') return new Set();
  const items = selection.tasks.filter(isItemId);
  const whole = new Set(selection.tasks.filter((id) => !isItemId(id)));
  const joined = items.map(definedId);
  const below = (ids: Iterable<string>) => {
    const found = new Set(ids);
    for (const id of found) for (const down of graph.downstream.get(id) ?? []) found.add(down);
    return found;
  };
  if (selection.downstream) {
    for (const id of below(whole)) whole.add(id);
    for (const id of below(joined)) if (!joined.includes(id)) whole.add(id);
  }
  const maps = [...whole].filter((id) => graph.tasks.get(id)?.forEach !== undefined);
  return new Set([...whole, ...items, ...joined, ...maps.map(everyItemOf)]);
}

/** Milliseconds since the epoch: when the present epoch began; what waited for a place is older than that. */
export const epochBeganAt = ({ redrives, startedAt, createdAt }: Workflow): number =>
  Math.max(Date.parse(redrives?.at(-1)?.at ?? createdAt), Date.parse(startedAt ?? createdAt));

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
