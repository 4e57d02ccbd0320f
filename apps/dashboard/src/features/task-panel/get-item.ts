/** `GET /workflows/{workflowId}/tasks/B[3]`: an item of a map, which the workflow itself does not show. */
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { Task, Workflow } from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { pollItem } from '../../api/polling-policy.js';
import { workflowKey } from '../workflow/get-workflow.js';

/** The map that an id is an item of. */
const mapOf = (taskId: string | undefined, tasks: readonly Task[]): Task | undefined =>
  taskId === undefined
    ? undefined
    : tasks.find((task) => task.forEach && taskId.startsWith(`${task.taskId}[`));

function itemQuery(
  api: Api,
  { workflowId, epoch }: Workflow,
  taskId: string,
  map: Task | undefined,
) {
  const { status, startedAt } = map ?? {};
  return queryOptions({
    queryKey: [...workflowKey(workflowId), 'item', taskId, { epoch, status, startedAt }],
    queryFn: ({ signal }) => api.getTask({ workflowId, taskId }, { signal }),
    enabled: map !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => pollItem(data),
  });
}

/** Undefined while it is not known, and for what is no item. */
export function useItem(workflow: Workflow, taskId: string | undefined): Task | undefined {
  const map = mapOf(taskId, workflow.tasks);
  const { data } = useQuery(itemQuery(useApi(), workflow, taskId ?? '', map));
  // What was shown before it may have been another item.
  return data?.taskId === taskId ? data : undefined;
}
