/** `GET /workflows/{workflowId}` with all of its tasks, until it is finished. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { wholeWorkflow, type Workflow } from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { pollAfterRefusal, pollWorkflow } from '../../api/polling-policy.js';

/** Begins the key of everything that is asked about this workflow. */
export const workflowKey = (workflowId: string) => ['workflow', workflowId] as const;

function workflowQuery(api: Api, workflowId: string) {
  return queryOptions({
    queryKey: workflowKey(workflowId),
    queryFn: async ({ client, queryKey, signal }) => {
      const answer = await wholeWorkflow(api, workflowId, { signal });
      return newer(client.getQueryData<Workflow>(queryKey), answer);
    },
    refetchInterval: ({ state: { data, error } }) =>
      data ? pollWorkflow(data) : pollAfterRefusal(error),
  });
}

/** A read that trails behind a redrive tells of an epoch that is over, finished: to believe it would end the polling. */
function newer(shown: Workflow | undefined, answer: Workflow): Workflow {
  return shown && shown.epoch > answer.epoch ? shown : answer;
}

export function useWorkflow(workflowId: string) {
  return useQuery(workflowQuery(useApi(), workflowId));
}
