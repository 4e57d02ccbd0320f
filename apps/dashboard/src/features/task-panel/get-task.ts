/** `GET /workflows/{workflowId}/tasks/{taskId}`: input, output and attempts, asked for at each change of status. */
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { Task } from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { pollMap, pollTask } from '../../api/polling-policy.js';
import { workflowKey } from '../workflow/get-workflow.js';

const isRunningMap = ({ status, items }: Task) => status === 'RUNNING' && items !== undefined;

function taskQuery(api: Api, workflowId: string, task: Task) {
  const { taskId, status, attempt } = task;
  return queryOptions({
    queryKey: [...workflowKey(workflowId), 'task', taskId, { status, attempt }],
    queryFn: ({ signal }) => api.getTask({ workflowId, taskId }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => {
      if (!data) return false;
      // What becomes of its items does not show in the map's own status.
      return isRunningMap(task) ? pollMap(data.items?.count ?? 0) : pollTask(data, task);
    },
  });
}

export function useTask(workflowId: string, task: Task) {
  return useQuery(taskQuery(useApi(), workflowId, task));
}
