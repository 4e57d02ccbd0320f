/**
 * What should be, said once more and in other words than the engine's: Airflow's trigger rules as counts, and which
 * items count in an epoch. Where the two disagree, one is wrong.
 */
import type { Graph, Task, TaskDefinition, TriggerRule, Workflow } from '@orchestra/workflow-core';

const ITEM = /^(.+)\[(\d+)\]$/;

/** Of which map it is an item, and which; undefined: of none. */
export function itemOf(
  taskId: string,
): { readonly map: string; readonly index: number } | undefined {
  const [, map, index] = ITEM.exec(taskId) ?? [];
  return map === undefined ? undefined : { map, index: Number(index) };
}

export const definitionOf = (graph: Graph, taskId: string): TaskDefinition | undefined =>
  graph.tasks.get(itemOf(taskId)?.map ?? taskId);

/** The map itself, not one of its items. */
export const isMap = (graph: Graph, taskId: string): boolean =>
  graph.tasks.get(taskId)?.forEach !== undefined;

/** A task that stands in the graph, among others: no hook and no item. */
export const hasEdges = (graph: Graph, taskId: string): boolean => graph.upstream.has(taskId);

type Ended = Pick<Task, 'status' | 'reason'>;

export const isOver = ({ status }: Ended): boolean => status !== 'READY' && status !== 'RUNNING';

/** Failed itself, or for a failure above it. */
export const isBad = ({ status, reason }: Ended): boolean =>
  status === 'FAILED' || status === 'CANCELLED' || reason === 'UPSTREAM_FAILED';

/** How a task that has ended counts for those below it, and for its workflow. */
export function countedAs(graph: Graph, task: Task): Ended {
  const isForgiven = graph.tasks.get(task.taskId)?.continueOnFailure === true;
  return isForgiven && task.status === 'FAILED' ? { status: 'SUCCEEDED' } : task;
}

/** What the workflow is once all of these have ended. */
export const shouldEnd = (graph: Graph, items: Iterable<Task>): 'SUCCESS' | 'FAILED' =>
  [...items].some((task) =>
    hasEdges(graph, task.taskId)
      ? isBad(countedAs(graph, task))
      : graph.hooks.has(task.taskId) && task.status === 'FAILED',
  )
    ? 'FAILED'
    : 'SUCCESS';

/** A failure after which a definition that fails fast starts nothing. */
export const failsFast = (graph: Graph, items: Iterable<Task>): boolean =>
  graph.definition.failFast === true &&
  [...items].some(
    (task) => hasEdges(graph, task.taskId) && countedAs(graph, task).status === 'FAILED',
  );

/**
 * Whether an item says something about its task in the workflow's present epoch.
 * @param mapOf the item of a map in the table
 */
export function counts(
  graph: Graph,
  workflow: Workflow,
  task: Task,
  mapOf: (taskId: string) => Task | undefined,
): boolean {
  if (task.epoch === workflow.epoch) return true;
  if (task.epoch > workflow.epoch || task.status !== 'SUCCEEDED') return false;
  const item = itemOf(task.taskId);
  if (item) {
    // The list it was an item of has to be the map's still.
    const list = mapOf(item.map)?.items;
    if (!list || item.index >= list.count || task.epoch < list.since) return false;
  } else if (!hasEdges(graph, task.taskId)) return false;
  return !wasSelected(graph, workflow, task);
}

/** Whether a redrive since has said that it runs again. */
export const wasSelected = (
  graph: Graph,
  { redrives = [] }: Workflow,
  { taskId, epoch: since }: Pick<Task, 'taskId' | 'epoch'>,
): boolean =>
  redrives.some(
    ({ epoch, selection }) =>
      epoch > since && selection.kind === 'tasks' && isSelected(graph, selection, taskId),
  );

interface Selected {
  readonly tasks: readonly string[];
  readonly downstream: boolean;
}

function isSelected(graph: Graph, selection: Selected, taskId: string): boolean {
  const map = itemOf(taskId)?.map;
  if (map !== undefined) return selection.tasks.includes(taskId) || isWhole(graph, selection, map);
  // With one of its items a map is joined anew.
  return (
    isWhole(graph, selection, taskId) || selection.tasks.some((id) => itemOf(id)?.map === taskId)
  );
}

const isWhole = (graph: Graph, selection: Selected, taskId: string): boolean =>
  selection.tasks.includes(taskId) ||
  (selection.downstream &&
    (graph.upstream.get(taskId) ?? []).some((up) => isSelected(graph, selection, up)));

/** Of so many items, how many may fail. */
export function toleratedOf({ toleratedFailures }: TaskDefinition, count: number): number {
  const { count: most = 0, percent = 0 } = toleratedFailures ?? {};
  return Math.max(most, Math.floor((count * percent) / 100));
}

/** Rules that do not wait until all of the upstream is over. */
export const EARLY: readonly TriggerRule[] = ['always', 'one_done', 'one_failed', 'one_success'];

export type Verdict = 'run' | 'wait' | 'UPSTREAM_FAILED' | 'UPSTREAM_SKIPPED';

/** @param upstream of each task it depends on: how it ended, if it has */
export function verdictOf(rule: TriggerRule, upstream: readonly (Ended | undefined)[]): Verdict {
  const known = upstream.flatMap((task) => task ?? []);
  const open = upstream.length - known.length;
  const good = known.filter(({ status }) => status === 'SUCCEEDED').length;
  const bad = known.filter(isBad).length;
  const skipped = known.length - good - bad;
  if (upstream.length === 0 || rule === 'always') return 'run';
  if (rule === 'one_success' && good > 0) return 'run';
  if (rule === 'one_failed' && bad > 0) return 'run';
  if (rule === 'one_done' && good + bad > 0) return 'run';
  if (open > 0) return 'wait';
  const because = bad > 0 ? 'UPSTREAM_FAILED' : 'UPSTREAM_SKIPPED';
  switch (rule) {
    case 'all_success':
      return good === upstream.length ? 'run' : because;
    case 'all_failed':
      return bad === upstream.length ? 'run' : 'UPSTREAM_SKIPPED';
    case 'all_skipped':
      return skipped === upstream.length ? 'run' : 'UPSTREAM_SKIPPED';
    case 'all_done':
      return 'run';
    case 'all_done_min_one_success':
    case 'one_success':
      return good > 0 ? 'run' : because;
    case 'none_failed':
      return bad === 0 ? 'run' : 'UPSTREAM_FAILED';
    case 'none_failed_min_one_success':
      return bad === 0 && good > 0 ? 'run' : because;
    case 'none_skipped':
      return skipped === 0 ? 'run' : 'UPSTREAM_SKIPPED';
    case 'one_done':
    case 'one_failed':
      return 'UPSTREAM_SKIPPED';
  }
}

export const hasEnded = ({ status }: Pick<Workflow, 'status'>): boolean =>
  status !== 'PENDING' && status !== 'RUNNING';
