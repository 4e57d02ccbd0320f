/** What a task's expressions give, by the table: for those that give the same whoever asks, and when. */
import type { Graph, Task, TaskDefinition } from '@orchestra/workflow-core';
import {
  BROKEN,
  asksAbout,
  inputOf,
  itemAt,
  listOf,
  valueOf,
  type See,
  type Seen,
} from '../world/expressions.js';
import { EARLY, definitionOf, isMap, itemOf } from './oracle.js';
import type { View } from './view.js';

/** `unsure`: the task may have begun before what it asks about was over, so that it depends on when it was asked. */
export type Given<Value> = { readonly value: Value } | 'broken' | 'unsure';

type Items = ReadonlyMap<string, Task>;

/** Of an item of a map: its map had one, and it has none. */
export function conditionOf(graph: Graph, items: Items, taskId: string): Given<boolean> {
  const { when } = definitionOf(graph, taskId) as TaskDefinition;
  if (when === undefined || itemOf(taskId)) return { value: true };
  return given([when], graph, items, taskId, (see) => valueOf(when, see) === true);
}

/** Undefined: it has none of its own. An output stands there as the execution that made it. */
export function ownInputOf(
  graph: Graph,
  items: Items,
  taskId: string,
  view: View,
): Given<unknown> | undefined {
  const { input } = definitionOf(graph, taskId) as TaskDefinition;
  if (input === undefined || isMap(graph, taskId)) return undefined;
  const texts = Object.values(input as object).filter((each) => typeof each === 'string');
  return given(texts, graph, items, taskId, (see) => inputOf(input, see), view);
}

/** The list a map runs over. */
export function forEachOf(
  graph: Graph,
  items: Items,
  taskId: string,
  view: View,
): Given<readonly unknown[]> {
  const { forEach } = graph.tasks.get(taskId) as TaskDefinition;
  const texts = typeof forEach === 'string' ? [forEach] : [];
  return given(texts, graph, items, taskId, (see) => listOf(forEach, see), view);
}

/** Whether one of a task's expressions fails, condition first: what is not to run has no input. */
export function isBroken(graph: Graph, items: Items, taskId: string, view: View): boolean {
  const condition = conditionOf(graph, items, taskId);
  if (typeof condition !== 'string' && !condition.value) return false;
  const rest = isMap(graph, taskId)
    ? forEachOf(graph, items, taskId, view)
    : ownInputOf(graph, items, taskId, view);
  return condition === 'broken' || rest === 'broken' || rest === 'unsure';
}

function given<Value>(
  texts: readonly string[],
  graph: Graph,
  items: Items,
  taskId: string,
  evaluate: (see: See) => Value,
  view?: View,
): Given<Value> {
  if (texts.includes(BROKEN)) return 'broken';
  const { triggerRule = 'all_success' } = definitionOf(graph, taskId) as TaskDefinition;
  const asked = texts.flatMap(asksAbout);
  if (asked.length > 0 && EARLY.includes(triggerRule)) return 'unsure';
  const item = itemOf(taskId);
  const map = item && items.get(item.map);
  const see: See = {
    task: (id) => seen(items.get(id), items, view),
    ...(item && map && view ? { item: view.listOf(map)[item.index]?.item } : {}),
  };
  try {
    return { value: evaluate(see) };
  } catch {
    return 'broken';
  }
}

/** An output stands there as the execution that made it, and the list it gave. */
function seen(task: Task | undefined, items: Items, view?: View): Seen | undefined {
  if (!task) return undefined;
  return { status: task.status, output: outputOf(task, items, view) };
}

export function outputOf(task: Task, items: Items, view?: View): unknown {
  if (task.status !== 'SUCCEEDED') return null;
  // One that an operator gave has an output of its own.
  if (task.items && !task.output) {
    const list = Array.from({ length: task.items.count }, (_, n) =>
      items.get(`${task.taskId}[${n}]`),
    );
    return list.map((item) => (item ? outputOf(item, items, view) : null));
  }
  const execution = view?.ledger.executions.get(task.requestId ?? '');
  if (!execution) return task.output && view?.valueOf(task.workflowId, task.output);
  const count = execution.behaviour.items;
  const list =
    count === undefined ? {} : { items: Array.from({ length: count }, (_, n) => itemAt(n)) };
  return { by: task.requestId, ...list };
}
