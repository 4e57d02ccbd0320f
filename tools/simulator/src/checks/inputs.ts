/** What a function is called with: the outputs of what its task depends on, or what its definition says. */
import type { Graph, Task, TaskPayload, Workflow } from '@orchestra/workflow-core';
import { conditionOf, outputOf, ownInputOf } from './expressions.js';
import { countedAs, hasEdges, itemOf, shouldEnd } from './oracle.js';
import { isSame } from './same.js';
import type { View } from './view.js';
import { expect } from './violation.js';

type Items = ReadonlyMap<string, Task>;

export function checkInput(
  view: View,
  payload: TaskPayload,
  name: string,
  workflow: Workflow,
): void {
  const { taskId } = payload;
  const graph = view.graphOf(workflow.definition);
  const items = view.counting(graph, workflow);
  const condition = conditionOf(graph, items, taskId);
  const isFalse = typeof condition !== 'string' && !condition.value;
  expect(!isFalse && condition !== 'broken', 'CONDITION', `${name} is called all the same`);
  const edited = editedInput(view, workflow, taskId);
  if (edited)
    return expect(isSame(payload.input, edited.value), 'CONTROL', `${name} is given another input`);
  const own = ownInputOf(graph, items, taskId, view);
  if (own !== undefined) {
    expect(own !== 'broken', 'CONDITION', `${name} is called although its input fails`);
    if (own !== 'unsure')
      expect(isSame(payload.input, own.value), 'I07', `${name} is given another input`);
  } else if (itemOf(taskId)) checkItem(view, payload, name, items);
  else if (graph.hooks.has(taskId)) checkEnding(payload, name, graph, items);
  else checkDependencies(view, payload, name, graph, items);
}

/** What an operator said it runs with in this epoch. */
function editedInput(view: View, { workflowId, epoch, redrives }: Workflow, taskId: string) {
  const last = redrives?.at(-1);
  const order = last?.overrides?.find((each) => each.taskId === taskId && each.kind === 'input');
  if (last?.epoch !== epoch || order?.kind !== 'input') return undefined;
  return { value: view.valueOf(workflowId, order.input) };
}

/** An item is what its map's list has at its place. */
function checkItem(view: View, { taskId, input }: TaskPayload, name: string, items: Items): void {
  const { map, index } = itemOf(taskId) as { map: string; index: number };
  const task = items.get(map);
  const should = task && view.listOf(task)[index];
  expect(isSame(input, { item: should?.item }), 'MAP', `${name} is given another item`);
}

/** A hook is told how the tasks ended. */
function checkEnding({ input }: TaskPayload, name: string, graph: Graph, items: Items): void {
  const { status, failedTasks = [] } = input as {
    status?: string;
    failedTasks?: readonly { readonly taskId: string }[];
  };
  const tasks = [...items.values()].filter(({ taskId }) => hasEdges(graph, taskId));
  const should = shouldEnd(graph, tasks);
  expect(status === should, 'HOOK', `${name} is told ${status}, and it is ${should}`);
  const failed = tasks.filter((task) => countedAs(graph, task).status === 'FAILED');
  const ids = failed.map(({ taskId }) => taskId).sort();
  const told = failedTasks.map(({ taskId }) => taskId).sort();
  expect(isSame(told, ids), 'HOOK', `${name} is told of other failures: ${told.join(', ')}`);
}

function checkDependencies(
  view: View,
  { taskId, dependencies }: TaskPayload,
  name: string,
  graph: Graph,
  items: Items,
): void {
  for (const up of graph.upstream.get(taskId) ?? []) {
    const given = dependencies[up];
    const task = items.get(up);
    if (given === null || given === undefined) {
      const rule = graph.tasks.get(taskId)?.triggerRule ?? 'all_success';
      const mayLack = rule !== 'all_success' || task?.status === 'FAILED';
      expect(mayLack, 'I07', `${name} runs without the output of ${up}`);
      continue;
    }
    const should = task && outputOf(task, items, view);
    const theme = graph.tasks.get(up)?.forEach === undefined ? 'I07' : 'MAP';
    expect(isSame(given, should), theme, `${name} is given ${up}'s ${JSON.stringify(given)}`);
  }
}
