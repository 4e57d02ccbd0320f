/** How far each map has come. What runs is asked for; once a map has ended by itself, so have all of its items. */
import { queryOptions, useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Task, TaskDetail, Workflow } from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { pollMap } from '../../api/polling-policy.js';
import { isFinishedTask } from '../status/finished.js';
import { workflowKey } from './get-workflow.js';

export interface MapProgress {
  readonly count: number;
  /** Undefined: it is not known, or will never be complete. */
  readonly ended: number | undefined;
}

export function endedItems({ byStatus }: NonNullable<TaskDetail['items']>): number {
  return Object.entries(byStatus).reduce(
    (sum, [status, count]) => (isFinishedTask(status as Task['status']) ? sum + count : sum),
    0,
  );
}

const hasRun = ({ status }: Task) => status === 'SUCCEEDED' || status === 'FAILED';

function mapQuery(api: Api, workflowId: string, { taskId, startedAt }: Task) {
  return queryOptions({
    queryKey: [...workflowKey(workflowId), 'map', taskId, { startedAt }],
    queryFn: ({ signal }) => api.getTask({ workflowId, taskId }, { signal }),
    select: ({ items }: TaskDetail) => items && endedItems(items),
    refetchInterval: ({ state: { data } }) => pollMap(data?.items?.count ?? 0),
  });
}

/** By the ids of the maps that have been expanded. The same map for as long as nothing of it changes. */
export function useMapProgress({ workflowId, tasks }: Workflow): ReadonlyMap<string, MapProgress> {
  const api = useApi();
  const maps = tasks.filter((task) => task.items !== undefined);
  const running = maps.filter(({ status }) => status === 'RUNNING');
  const answers = useQueries({ queries: running.map((map) => mapQuery(api, workflowId, map)) });
  const known = new Map(running.map(({ taskId }, at) => [taskId, answers[at]?.data]));
  const progress = maps.map((map) => {
    const count = map.items?.count ?? 0;
    const ended = hasRun(map) ? count : known.get(map.taskId);
    return [map.taskId, { count, ended }] as const;
  });
  const key = JSON.stringify(progress);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the key stands for the progress
  return useMemo(() => new Map(progress), [key]);
}
