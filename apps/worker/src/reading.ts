/** What the tasks of one message take: read once, before anything is claimed. */
import {
  TASKS_PER_READ_UNIT,
  countsAs,
  itemId,
  overridesOf,
  parseItemId,
  presentTasks,
  type Graph,
  type MapItem,
  type Task,
  type Workflow,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import { readValues, readable, sourcesOf, takesData, type Ending, type Values } from './payload.js';
import type { Ports } from './ports.js';

interface Named {
  readonly taskId: string;
}

/** META and the tasks that these take something of, in whichever way costs less. */
export async function readForTasks(
  { repository }: Ports,
  graph: Graph,
  workflowId: string,
  tasks: readonly Named[],
): Promise<WorkflowWithTasks | undefined> {
  // A hook is told how all tasks ended.
  if (tasks.some(({ taskId }) => graph.hooks.has(taskId)))
    return repository.getWorkflowWithTasks(workflowId, { items: false });
  const wanted = new Set(tasks.flatMap(({ taskId }) => wantedBy(graph, taskId)));
  // The whole of a workflow with maps may hold ten thousand items.
  if ((1 + wanted.size) * TASKS_PER_READ_UNIT <= graph.tasks.size || graph.hasMaps)
    return repository.getWorkflowAndTasks(workflowId, [...wanted]);
  const whole = await repository.getWorkflowWithTasks(workflowId);
  return whole && { ...whole, tasks: whole.tasks.filter(({ taskId }) => wanted.has(taskId)) };
}

/** Of an item its map too, which knows the list; and so of a map, which may have had one before. */
function wantedBy(graph: Graph, taskId: string): readonly string[] {
  const map = parseItemId(taskId)?.taskId;
  return [
    ...(takesData(graph, taskId) ? sourcesOf(graph, taskId) : []),
    ...(map === undefined ? [] : [map]),
  ];
}

export async function valuesFor(
  ports: Ports,
  graph: Graph,
  { workflow, tasks: read }: WorkflowWithTasks,
  tasks: readonly Named[],
): Promise<Values> {
  const present = presentTasks(graph, workflow, read);
  const taking = tasks.filter(({ taskId }) => takesData(graph, taskId));
  const hooks = tasks.filter(({ taskId }) => graph.hooks.has(taskId));
  const sources = new Set(taking.flatMap(({ taskId }) => sourcesOf(graph, taskId)));
  const upstream = present.filter(({ taskId }) => sources.has(taskId));
  const [values, items, givenInputs] = await Promise.all([
    readValues(ports, workflow, upstream, taking.length > 0),
    readItems(ports, present, tasks),
    readGivenInputs(ports, workflow, tasks),
  ]);
  return {
    ...values,
    items,
    givenInputs,
    ...(hooks.length > 0 ? { ending: endingOf(graph, present) } : {}),
  };
}

async function readGivenInputs(
  { repository }: Ports,
  workflow: Workflow,
  tasks: readonly Named[],
): Promise<Values['givenInputs']> {
  const overrides = overridesOf(workflow);
  const read = tasks.map(async ({ taskId }) => {
    const override = overrides.get(taskId);
    if (override?.kind !== 'input') return [];
    const value = await readable(repository.getPayload(workflow.workflowId, override.input));
    return [[taskId, value] as const];
  });
  return new Map((await Promise.all(read)).flat());
}

/** The entries of the items among `tasks`, those of one map in one read. */
async function readItems(
  { repository }: Ports,
  present: readonly Task[],
  tasks: readonly Named[],
): Promise<ReadonlyMap<string, MapItem>> {
  const indices = new Map<string, number[]>();
  for (const { taskId } of tasks) {
    const item = parseItemId(taskId);
    if (item) indices.set(item.taskId, [...(indices.get(item.taskId) ?? []), item.index]);
  }
  const found = await Promise.all(
    [...indices].map(async ([mapId, wanted]) => {
      const map = present.find(({ taskId }) => taskId === mapId);
      if (!map?.items) return [];
      const [first, last] = [Math.min(...wanted), Math.max(...wanted)];
      const entries = await repository.getListRange(map.workflowId, map.items, { first, last });
      return entries.map((entry, n) => [itemId(mapId, first + n), entry as MapItem] as const);
    }),
  );
  return new Map(found.flat());
}

function endingOf(graph: Graph, present: readonly Task[]): Ending {
  const failed = present.filter(
    ({ taskId, status }) =>
      status === 'FAILED' &&
      graph.upstream.has(taskId) &&
      countsAs(graph, taskId, { status }).status === status,
  );
  return {
    status: failed.length > 0 ? 'FAILED' : 'SUCCESS',
    failedTasks: failed.map(({ taskId, error }) => ({ taskId, ...(error ? { error } : {}) })),
  };
}
