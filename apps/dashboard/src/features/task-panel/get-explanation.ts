/** `GET /workflows/{workflowId}/tasks/{taskId}/explain`, asked for when what it is told from changes. */
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { Task } from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { pollExplanation } from '../../api/polling-policy.js';
import { workflowKey } from '../workflow/get-workflow.js';

/** What the workflow shows of that which decides over the task. */
export interface Circumstances {
  readonly task: Task;
  readonly upstream: readonly Pick<Task, 'taskId' | 'status'>[];
}

function explanationQuery(api: Api, workflowId: string, circumstances: Circumstances) {
  const { task, upstream } = circumstances;
  const { taskId, status, attempt, notBefore, suspendedAt } = task;
  const from = {
    status,
    attempt,
    notBefore,
    suspendedAt,
    upstream: upstream.map((one) => one.status),
  };
  return queryOptions({
    queryKey: [...workflowKey(workflowId), 'explain', taskId, from],
    queryFn: ({ signal }) => api.explainTask({ workflowId, taskId }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => (data ? pollExplanation(data, task) : false),
  });
}

export function useExplanation(workflowId: string, circumstances: Circumstances) {
  return useQuery(explanationQuery(useApi(), workflowId, circumstances));
}
