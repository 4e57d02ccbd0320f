/** What a function is called with: the outputs of what its task depends on, or what its definition says. */
import type { Graph, Task, TaskPayload } from '@orchestra/workflow-core';
import type { Ledger } from '../world/tasks.js';
import { conditionOf, ownInputOf } from './expressions.js';
import { expect } from './violation.js';

type Items = ReadonlyMap<string, Task>;

/** @param items those that count in the epoch of the call */
export function checkInput(
  payload: TaskPayload,
  name: string,
  graph: Graph,
  items: Items,
  ledger: Ledger,
): void {
  const { taskId } = payload;
  const condition = conditionOf(graph, items, taskId);
  const isFalse = typeof condition !== 'string' && !condition.value;
  expect(!isFalse && condition !== 'broken', 'CONDITION', `${name} is called all the same`);
  const own = ownInputOf(graph, items, taskId);
  if (own === undefined) return checkDependencies(payload, name, graph, items, ledger);
  expect(own !== 'broken', 'CONDITION', `${name} is called although its input fails`);
  if (own !== 'unsure')
    expect(isSameInput(payload.input, own.value), 'I07', `${name} is given another input`);
}

function checkDependencies(
  { taskId, dependencies }: TaskPayload,
  name: string,
  graph: Graph,
  items: Items,
  ledger: Ledger,
): void {
  for (const up of graph.upstream.get(taskId) ?? []) {
    const by = (dependencies[up] as { by?: string } | null)?.by;
    const source = by === undefined ? undefined : ledger.executions.get(by);
    const task = items.get(up);
    if (by !== undefined)
      expect(
        source?.taskId === up && task?.requestId === by,
        'I07',
        `${name} is given ${up}'s ${by}`,
      );
    else {
      const rule = graph.tasks.get(taskId)?.triggerRule ?? 'all_success';
      const mayLack = rule !== 'all_success' || task?.status === 'FAILED';
      expect(mayLack, 'I07', `${name} runs without the output of ${up}`);
    }
  }
}

/** Of an output it is enough to know which execution made it. */
function isSameInput(given: unknown, should: unknown): boolean {
  const short = (value: unknown) =>
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === 'object' && each !== null && 'by' in each ? { by: each.by } : each,
    );
  return short(given) === short(should);
}
