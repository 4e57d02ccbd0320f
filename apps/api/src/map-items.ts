/** The items of a map, as the API reads them: what it runs over, and what has become of each. */
import {
  PayloadTooLargeError,
  itemId,
  presentTasks,
  readOutput,
  statusOf,
  type Graph,
  type MapItem,
  type MapItems,
  type Task,
  type Workflow,
  type WorkflowRepository,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import type { TaskDetail } from '@orchestra/api-contract';
import { ProblemError } from './problems.js';

type Reads = Pick<WorkflowRepository, 'getItems' | 'getListRange' | 'getPayload'>;

/** A map that has been expanded, and so has a list. */
export type Expanded = Task & { readonly items: MapItems };

export const isExpanded = (map: Task | undefined): map is Expanded => map?.items !== undefined;

/** By index, both included. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/** The items of a range that are in the table, together with their map, without which nobody knows whether they count. */
export async function readWithItems(
  repository: Reads,
  workflow: Workflow,
  map: Expanded,
  range: Range,
): Promise<WorkflowWithTasks> {
  const { workflowId, taskId } = map;
  const items = await repository.getItems(workflowId, { taskId, ...range });
  return { workflow, tasks: [map, ...items] };
}

export async function readEntries(
  repository: Reads,
  { workflowId, items }: Expanded,
  range: Range,
): Promise<readonly MapItem[]> {
  return (await repository.getListRange(workflowId, items, range)) as readonly MapItem[];
}

export interface WholeMap {
  readonly items: NonNullable<TaskDetail['items']>;
  readonly output: unknown;
  readonly isTooLarge: boolean;
}

/** All items of a map are read, once. */
export async function readWholeMap(
  repository: Reads,
  graph: Graph,
  workflow: Workflow,
  map: Expanded,
): Promise<WholeMap> {
  const { count } = map.items;
  const found = await readWithItems(repository, workflow, map, { first: 0, last: count - 1 });
  const present = presentTasks(graph, workflow, found.tasks).filter((task) => task !== map);
  return {
    items: { count, byStatus: byStatus(workflow, map, present) },
    ...(await outputOf(repository, map, present)),
  };
}

function byStatus(
  workflow: Workflow,
  { taskId, items }: Expanded,
  present: readonly Task[],
): NonNullable<TaskDetail['items']>['byStatus'] {
  const tasks = new Map(present.map((task) => [task.taskId, task]));
  const counts: NonNullable<TaskDetail['items']>['byStatus'] = {};
  for (let index = 0; index < items.count; index += 1) {
    const status = statusOf(workflow, tasks.get(itemId(taskId, index)));
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

async function outputOf(
  repository: Reads,
  map: Expanded,
  items: readonly Task[],
): Promise<Pick<WholeMap, 'output' | 'isTooLarge'>> {
  if (map.status !== 'SUCCEEDED') return { output: undefined, isTooLarge: false };
  const read = {
    getItems: async () => items,
    getPayload: repository.getPayload.bind(repository),
  };
  try {
    return { output: await readOutput(read, map), isTooLarge: false };
  } catch (error) {
    if (!(error instanceof PayloadTooLargeError)) throw error;
    return { output: undefined, isTooLarge: true };
  }
}

/** @throws ProblemError when the map has no such item */
export function requireItem(
  map: Task | undefined,
  { taskId, index }: { readonly taskId: string; readonly index: number },
): asserts map is Expanded {
  const missing = (why: string) =>
    new ProblemError('NOT_FOUND', `there is no item "${itemId(taskId, index)}": ${why}`);
  if (!isExpanded(map)) throw missing(`"${taskId}" has ${map?.endedAt ? 'none' : 'no items yet'}`);
  if (index >= map.items.count) throw missing(`"${taskId}" has ${map.items.count}, counted from 0`);
}
