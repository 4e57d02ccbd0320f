/** `POST /workflows`: not repeated by itself, a second try without an id would start a second workflow. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { StartWorkflowRequest, StartWorkflowResponse } from '@orchestra/api-contract';
import { useApi } from '../../api/api-context.js';
import { workflowsKey } from './list-workflows.js';

interface Options {
  onStarted: (started: StartWorkflowResponse) => void;
}

export function useStartWorkflow({ onStarted }: Options) {
  const api = useApi();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: StartWorkflowRequest) => api.startWorkflow({ body }),
    onSuccess: (started) => {
      onStarted(started);
      void queryClient.invalidateQueries({ queryKey: workflowsKey });
    },
  });
}
