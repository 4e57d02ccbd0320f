/** Whether a task may run now, or is to be skipped, by the table. */
import type { Graph, Task } from '@orchestra/workflow-core';
import {
  countedAs,
  failsFast,
  isOver,
  itemOf,
  shouldEnd,
  verdictOf,
  type Verdict,
} from './oracle.js';

type Items = ReadonlyMap<string, Task>;

/** @param foresees skips that are certain count as written: those of one pass are written in no order */
export function verdictOn(graph: Graph, items: Items, taskId: string, foresees: boolean): Verdict {
  const item = itemOf(taskId);
  if (item) return verdictOnItem(items.get(item.map), item.index);
  if (graph.hooks.has(taskId)) return verdictOnHook(graph, items, taskId, foresees);
  const upstream = (graph.upstream.get(taskId) ?? []).map((up) => {
    const task = items.get(up);
    if (task) return isOver(task) ? countedAs(graph, task) : undefined;
    const verdict = foresees ? verdictOn(graph, items, up, true) : 'wait';
    return verdict === 'wait' || verdict === 'run'
      ? undefined
      : ({ status: 'SKIPPED', reason: verdict } as const);
  });
  return verdictOf(graph.tasks.get(taskId)?.triggerRule ?? 'all_success', upstream);
}

const verdictOnItem = (map: Task | undefined, index: number): Verdict =>
  (map?.status === 'RUNNING' || map?.status === 'CANCELLED') &&
  map.suspendedAt !== undefined &&
  index < (map.items?.count ?? 0)
    ? 'run'
    : 'wait';

/** Whether a hook is one for tasks that ended so. */
export const fits = (graph: Graph, hookId: string, ended: 'SUCCESS' | 'FAILED'): boolean => {
  const hook = graph.hooks.get(hookId);
  return hook === 'finally' || (hook === 'onSuccess') === (ended === 'SUCCESS');
};

/** Those of `finally` come after the others; a hook that does not fit is as good as over. */
function verdictOnHook(graph: Graph, items: Items, hookId: string, foresees: boolean): Verdict {
  const ended = endOfTasks(graph, items, foresees);
  if (!ended) return 'wait';
  if (!fits(graph, hookId, ended)) return 'UPSTREAM_SKIPPED';
  if (graph.hooks.get(hookId) !== 'finally') return 'run';
  const before = [...graph.hooks].filter(
    ([id, hook]) => hook !== 'finally' && fits(graph, id, ended),
  );
  return before.every(([id]) => isDone(items.get(id))) ? 'run' : 'wait';
}

/** Undefined: not all of them are over. */
function endOfTasks(graph: Graph, items: Items, foresees: boolean) {
  const ended: Task[] = [];
  for (const taskId of graph.upstream.keys()) {
    const task = items.get(taskId);
    if (task && isOver(task)) ended.push(task);
    else if (task || !foresees) return undefined;
    else {
      const verdict = failsFast(graph, items.values())
        ? 'FAIL_FAST'
        : verdictOn(graph, items, taskId, true);
      if (verdict === 'run' || verdict === 'wait') return undefined;
      ended.push({ taskId, status: 'SKIPPED', reason: verdict } as Task);
    }
  }
  return shouldEnd(graph, ended);
}

const isDone = (task: Task | undefined): boolean => task !== undefined && isOver(task);
