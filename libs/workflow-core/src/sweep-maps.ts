/** What the sweep finds about the items of a workflow's maps: starts and ends that somebody should have decided and did not. Pure. */
import type { Graph, TaskDefinition } from './definition.js';
import { isRunningMap, planItems, viewOfMap, type ItemsView } from './map-plan.js';
import { itemId, parseItemId } from './map-items.js';
import { hasFailedFast } from './planner.js';
import type { SkipReason, Task, TaskFact } from './workflow.js';

export interface MapFindings {
  readonly run: readonly string[];
  readonly skip: readonly { readonly taskId: string; readonly reason: SkipReason }[];
  readonly end: readonly {
    readonly taskId: string;
    readonly view: ItemsView;
    readonly status: 'SUCCEEDED' | 'FAILED';
  }[];
}

/**
 * @param tasks those that count
 * @param isOld whether what happened then should have been decided on by now
 */
export function inspectMaps(
  graph: Graph,
  tasks: readonly Task[],
  facts: ReadonlyMap<string, TaskFact>,
  isOld: (at: string | undefined) => boolean,
): MapFindings {
  const isOver = hasFailedFast({ graph, facts });
  const plans = tasks
    .filter(isRunningMap)
    .filter(({ suspendedAt }) => isOld(suspendedAt))
    .map((map) => {
      const { taskId } = map;
      const items = tasks.filter((task) => parseItemId(task.taskId)?.taskId === taskId);
      const view = viewOfMap(map, items, ({ endedAt }) => isOld(endedAt));
      const definition = graph.tasks.get(taskId) as TaskDefinition;
      return { taskId, view, plan: planItems(view, definition, { news: 0, isOver }) };
    });
  const reason = 'FAIL_FAST' as const;
  return {
    run: plans.flatMap(({ taskId, plan }) => plan.run.map((index) => itemId(taskId, index))),
    skip: plans.flatMap(({ taskId, plan }) =>
      plan.skip.map((index) => ({ taskId: itemId(taskId, index), reason })),
    ),
    end: plans.flatMap(({ taskId, view, plan: { finish } }) =>
      finish ? [{ taskId, view, status: finish }] : [],
    ),
  };
}
