/** `GET /workflows/{workflowId}/tasks/{taskId}`: input, output and attempts, asked for at each change of status. */
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { Task } from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { pollTask } from '../../api/polling-policy.js';
import { workflowKey } from '../workflow/get-workflow.js';

function taskQuery(api: Api, workflowId: string, task: Task) {
  const { taskId, status, attempt } = task;
  return queryOptions({
    queryKey: [...workflowKey(workflowId), 'task', taskId, { status, attempt }],
    queryFn: ({ signal }) => api.getTask({ workflowId, taskId }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => (data ? pollTask(data, task) : false),
  });
}

export function useTask(workflowId: string, task: Task) {
  return useQuery(taskQuery(useApi(), workflowId, task));
}
