/**
 * How many items of each map have ended. While a map runs that is asked for, and each answer costs a read of all its items: the
 * more there are, the more seldom. Once it has ended by itself all of them have.
 */
import type { Task, Workflow } from '@orchestra/api-contract';
import { isTerminalTask, type TaskStatus } from '@orchestra/workflow-core';
import type { ApiClient } from './api-client.js';

export interface MapProgress {
  readonly ended: number;
  readonly count: number;
}
export type MapsProgress = ReadonlyMap<string, MapProgress>;

/** Milliseconds between two counts of one map: for each item, and at most. */
const PACE = { perItem: 5, most: 10_000 } as const;

export interface Counting {
  readonly api: Pick<ApiClient, 'getTask'>;
  now(): number;
}

/** Asks no more than that for a workflow without maps: nothing. */
export function createMapCounter({ api, now }: Counting) {
  const counted = new Map<string, { readonly at: number; readonly progress: MapProgress }>();
  const count = async (workflowId: string, { taskId, items }: Task): Promise<void> => {
    const size = items?.count ?? 0;
    const last = counted.get(taskId);
    if (last && now() - last.at < Math.min(PACE.most, size * PACE.perItem)) return;
    const detail = await api.getTask({ workflowId, taskId });
    const progress = { ended: endedOf(detail.items?.byStatus ?? {}), count: size };
    counted.set(taskId, { at: now(), progress });
  };
  return async ({ workflowId, tasks }: Workflow): Promise<MapsProgress> => {
    const maps = tasks.filter(({ items }) => items !== undefined);
    for (const map of maps) if (map.status === 'RUNNING') await count(workflowId, map);
    return new Map(
      maps.flatMap((map) => {
        const progress = hasRun(map) ? wholeOf(map) : counted.get(map.taskId)?.progress;
        return progress ? [[map.taskId, progress] as const] : [];
      }),
    );
  };
}

const hasRun = ({ status }: Task) => status === 'SUCCEEDED' || status === 'FAILED';

const wholeOf = ({ items }: Task): MapProgress => {
  const count = items?.count ?? 0;
  return { ended: count, count };
};

const endedOf = (byStatus: Partial<Record<TaskStatus, number>>): number =>
  Object.entries(byStatus).reduce(
    (sum, [status, count]) => (isTerminalTask(status as TaskStatus) ? sum + count : sum),
    0,
  );
