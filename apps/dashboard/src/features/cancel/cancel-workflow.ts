/** `POST /workflows/{workflowId}/cancel`. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import {
  cancelWorkflowResponseSchema,
  type CancelWorkflowRequest,
  type CancelWorkflowResponse,
} from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { workflowKey, workflowPath } from '../workflow/get-workflow.js';
import { workflowsKey } from '../workflows/list-workflows.js';

const cancelWorkflow = (
  api: Api,
  workflowId: string,
  request: CancelWorkflowRequest,
): Promise<CancelWorkflowResponse> =>
  api.post(`${workflowPath(workflowId)}/cancel`, request, cancelWorkflowResponseSchema);

export function useCancelWorkflow(workflowId: string) {
  const api = useApi();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (request: CancelWorkflowRequest) => cancelWorkflow(api, workflowId, request),
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: workflowKey(workflowId) });
      void queryClient.invalidateQueries({ queryKey: workflowsKey });
    },
  });
}
