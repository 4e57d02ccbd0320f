/** What a task's expressions give, by the table: for those that give the same whoever asks, and when. */
import type { Graph, Task, TaskDefinition } from '@orchestra/workflow-core';
import { BROKEN, asksAbout, inputOf, valueOf, type Seen } from '../world/expressions.js';
import { EARLY } from './oracle.js';

/** `unsure`: the task may have begun before what it asks about was over, so that it depends on when it was asked. */
export type Given<Value> = { readonly value: Value } | 'broken' | 'unsure';

type Items = ReadonlyMap<string, Task>;
type See = (taskId: string) => Seen | undefined;

export function conditionOf(graph: Graph, items: Items, taskId: string): Given<boolean> {
  const { when } = graph.tasks.get(taskId) as TaskDefinition;
  if (when === undefined) return { value: true };
  return given([when], graph, items, taskId, (see) => valueOf(when, see) === true);
}

/** Undefined: it has none of its own. An output stands there as the execution that made it. */
export function ownInputOf(graph: Graph, items: Items, taskId: string): Given<unknown> | undefined {
  const { input } = graph.tasks.get(taskId) as TaskDefinition;
  if (input === undefined) return undefined;
  const texts = Object.values(input as object).filter((each) => typeof each === 'string');
  return given(texts, graph, items, taskId, (see) => inputOf(input, see));
}

/** Whether one of a task's expressions fails, condition first: what is not to run has no input. */
export function isBroken(graph: Graph, items: Items, taskId: string): boolean {
  const condition = conditionOf(graph, items, taskId);
  if (typeof condition !== 'string' && !condition.value) return false;
  return condition === 'broken' || ownInputOf(graph, items, taskId) === 'broken';
}

function given<Value>(
  texts: readonly string[],
  graph: Graph,
  items: Items,
  taskId: string,
  evaluate: (see: See) => Value,
): Given<Value> {
  if (texts.includes(BROKEN)) return 'broken';
  const { triggerRule = 'all_success' } = graph.tasks.get(taskId) as TaskDefinition;
  const asked = texts.flatMap(asksAbout);
  if (asked.length > 0 && EARLY.includes(triggerRule)) return 'unsure';
  return { value: evaluate((id) => seen(items.get(id))) };
}

const seen = (task: Task | undefined): Seen | undefined =>
  task && {
    status: task.status,
    output: task.status === 'SUCCEEDED' ? { by: task.requestId } : null,
  };
