/**
 * The tasks of a workflow: all of them in the definition's order, or a page in the order of their ids. A page is cut by ids, so
 * that only its range is read, and a workflow that goes on meanwhile moves nothing from one page to another. The items of a map
 * have pages of their own, in their order.
 */
import {
  listTasksQuerySchema,
  type ListTasksQuery,
  type ListTasksResponse,
  type Task,
  type TaskStatus,
} from '@orchestra/api-contract';
import {
  LIMITS,
  StoreUnavailableError,
  itemId,
  parseItemId,
  presentTasks,
  type Graph,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import { ANSWER_BYTES, firstThatFit } from './answer-size.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { isExpanded, readEntries, readWithItems } from './map-items.js';
import { invalidRequest } from './problems.js';
import {
  idFrom,
  noTask,
  noWorkflow,
  queryOf,
  type Route,
  type RouteDependencies,
} from './route.js';
import { taskViews } from './view.js';

export const listTasks =
  (dependencies: RouteDependencies): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const { limit, cursor, status, map } = queryOf(request, listTasksQuerySchema);
    const list = listOf(workflowId, { status, map });
    const after = cursor === undefined ? undefined : decodeCursor(cursor, list);
    // With a filter so many are looked at that a page of a large workflow is not empty most of the time.
    const count = status === undefined ? limit : LIMITS.taskPageSize.max;
    const range = { after, count };
    const { tasks, hasMore } =
      map === undefined
        ? await readRange(dependencies, workflowId, range)
        : await readItemRange(dependencies, workflowId, map, range);
    const { page, last } = pageOf(tasks, { limit, status });
    const isLast = !hasMore && last === tasks.at(-1)?.taskId;
    return request.json({
      tasks: [...page],
      ...(!isLast && last !== undefined && { nextCursor: encodeCursor(last, list) }),
    } satisfies ListTasksResponse);
  };

/** All tasks where they fit; else the first page of `listTasks`, and where it goes on. */
export function tasksOf(
  graph: Graph,
  found: WorkflowWithTasks,
  bytes: number,
): Pick<ListTasksResponse, 'tasks' | 'nextCursor'> {
  const { workflowId } = found.workflow;
  if (graph.tasks.size <= LIMITS.taskPageSize.max) {
    const tasks = taskViews(graph, found, [...graph.tasks.keys()]);
    if (firstThatFit(tasks, bytes).length === tasks.length) return { tasks };
  }
  const ids = sortedIds(graph).slice(0, LIMITS.taskPageSize.max);
  const tasks = firstThatFit(taskViews(graph, found, ids), bytes);
  const last = tasks.at(-1)?.taskId;
  const isLast = tasks.length === graph.tasks.size;
  return {
    tasks: [...tasks],
    ...(!isLast && last !== undefined && { nextCursor: encodeCursor(last, listOf(workflowId)) }),
  };
}

const listOf = (workflowId: string, { status, map }: Pick<ListTasksQuery, 'status' | 'map'> = {}) =>
  `tasks ${workflowId} ${status ?? ''}${map === undefined ? '' : ` ${map}`}`;

/** Those of the status that fit, and the last task that need not be looked at again. */
function pageOf(
  tasks: readonly Task[],
  { limit, status }: { readonly limit: number; readonly status: TaskStatus | undefined },
): { readonly page: readonly Task[]; readonly last: string | undefined } {
  const matching = tasks.filter((task) => status === undefined || task.status === status);
  const page = firstThatFit(matching.slice(0, limit), ANSWER_BYTES);
  return { page, last: (page.length < matching.length ? page : tasks).at(-1)?.taskId };
}

interface Range {
  /** The last task of the page before. */
  readonly after: string | undefined;
  readonly count: number;
}
interface Found {
  readonly tasks: readonly Task[];
  readonly hasMore: boolean;
}

/** A redrive may change the definition between two reads: at most so often in a moment. */
const TRIES = 5;

async function readRange(
  { repository, graphOf }: RouteDependencies,
  workflowId: string,
  { after, count }: Range,
): Promise<Found> {
  let workflow = await repository.getWorkflow(workflowId);
  for (let attempt = 0; workflow && attempt < TRIES; attempt += 1) {
    const { revision } = workflow.definition;
    const graph = await graphOf(workflow.definition);
    const behind = idsAfter(sortedIds(graph), after);
    const ids = behind.slice(0, count);
    const [first, last] = [ids[0], ids.at(-1)];
    if (first === undefined || last === undefined) return { tasks: [], hasMore: false };
    const found = await repository.getWorkflowAndTaskRange(workflowId, { first, last });
    if (found?.workflow.definition.revision === revision)
      return { tasks: taskViews(graph, found, ids), hasMore: behind.length > ids.length };
    workflow = found?.workflow;
  }
  if (!workflow) throw noWorkflow(workflowId);
  throw new StoreUnavailableError(`the definition of "${workflowId}" changes too often`);
}

/** A map that has not been expanded has no items yet. */
async function readItemRange(
  { repository, graphOf }: RouteDependencies,
  workflowId: string,
  mapId: string,
  { after, count }: Range,
): Promise<Found> {
  const read = await repository.getWorkflowAndTasks(workflowId, [mapId]);
  if (!read) throw noWorkflow(workflowId);
  const graph = await graphOf(read.workflow.definition);
  requireMap(graph, workflowId, mapId);
  const [map] = presentTasks(graph, read.workflow, read.tasks);
  if (!isExpanded(map)) return { tasks: [], hasMore: false };
  const first = after === undefined ? 0 : (parseItemId(after)?.index ?? -1) + 1;
  const last = Math.min(first + count, map.items.count) - 1;
  if (last < first) return { tasks: [], hasMore: false };
  const [found, entries] = await Promise.all([
    readWithItems(repository, read.workflow, map, { first, last }),
    readEntries(repository, map, { first, last }),
  ]);
  const labels = new Map(entries.map(({ label }, at) => [itemId(mapId, first + at), label]));
  const tasks = taskViews(graph, found, [...labels.keys()], labels);
  return { tasks, hasMore: last < map.items.count - 1 };
}

function requireMap(graph: Graph, workflowId: string, mapId: string): void {
  const task = graph.tasks.get(mapId);
  if (!task) throw noTask(workflowId, mapId);
  if (task.forEach === undefined)
    throw invalidRequest('only a map has items', [
      { path: 'map', message: `"${mapId}" has no forEach` },
    ]);
}

const sortedOf = new WeakMap<Graph, readonly string[]>();

/** In the order of their characters' codes; once for each revision. */
function sortedIds(graph: Graph): readonly string[] {
  const sorted = sortedOf.get(graph) ?? [...graph.tasks.keys()].sort();
  sortedOf.set(graph, sorted);
  return sorted;
}

function idsAfter(sorted: readonly string[], after: string | undefined): readonly string[] {
  if (after === undefined) return sorted;
  const next = sorted.findIndex((id) => id > after);
  return next === -1 ? [] : sorted.slice(next);
}
