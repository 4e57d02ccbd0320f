/** `POST /workflows/{workflowId}/cancel`. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CancelWorkflowRequest } from '@orchestra/api-contract';
import { useApi } from '../../api/api-context.js';
import { workflowKey } from '../workflow/get-workflow.js';
import { workflowsKey } from '../workflows/list-workflows.js';

export function useCancelWorkflow(workflowId: string) {
  const api = useApi();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (request: CancelWorkflowRequest) =>
      api.cancelWorkflow({ workflowId, body: request }),
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: workflowKey(workflowId) });
      void queryClient.invalidateQueries({ queryKey: workflowsKey });
    },
  });
}
