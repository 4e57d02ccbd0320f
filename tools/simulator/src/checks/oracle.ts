/**
 * What should be, said once more and in other words than the engine's: Airflow's trigger rules as counts, and which
 * items count in an epoch. Where the two disagree, one is wrong.
 */
import type { Graph, Task, TriggerRule, Workflow } from '@orchestra/workflow-core';

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
  [...items].some((task) => isBad(countedAs(graph, task))) ? 'FAILED' : 'SUCCESS';

/** A failure after which a definition that fails fast starts nothing. */
export const failsFast = (graph: Graph, items: Iterable<Task>): boolean =>
  graph.definition.failFast === true &&
  [...items].some((task) => countedAs(graph, task).status === 'FAILED');

/** Whether an item says something about its task in the workflow's present epoch. */
export function counts(graph: Graph, workflow: Workflow, task: Task): boolean {
  if (task.epoch === workflow.epoch) return true;
  if (task.epoch > workflow.epoch || task.status !== 'SUCCEEDED') return false;
  if (!graph.tasks.has(task.taskId)) return false;
  return !(workflow.redrives ?? []).some(
    ({ epoch, selection }) =>
      epoch > task.epoch && selection.kind === 'tasks' && isSelected(graph, selection, task.taskId),
  );
}

function isSelected(
  graph: Graph,
  { tasks, downstream }: { readonly tasks: readonly string[]; readonly downstream: boolean },
  taskId: string,
): boolean {
  if (tasks.includes(taskId)) return true;
  if (!downstream) return false;
  return (graph.upstream.get(taskId) ?? []).some((up) =>
    isSelected(graph, { tasks, downstream }, up),
  );
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
