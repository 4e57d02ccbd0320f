/** `GET /workflows/{workflowId}`, until it is finished. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { workflowSchema } from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { pollAfterRefusal, pollWorkflow } from '../../api/polling-policy.js';

function workflowQuery(api: Api, workflowId: string) {
  return queryOptions({
    queryKey: ['workflow', workflowId],
    queryFn: ({ signal }) =>
      api.get(`/workflows/${encodeURIComponent(workflowId)}`, workflowSchema, signal),
    refetchInterval: ({ state: { data, error } }) =>
      data ? pollWorkflow(data) : pollAfterRefusal(error),
  });
}

export function useWorkflow(workflowId: string) {
  return useQuery(workflowQuery(useApi(), workflowId));
}
