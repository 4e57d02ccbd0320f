/** `POST /workflows/{workflowId}/redrive`, and with `?dryRun=true` what it would do. */
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import type { RedriveWorkflowRequest, Workflow } from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { useAfterRedrive } from './use-after-redrive.js';

/** A dry run does nothing, so it may be asked as often as any question. */
function redrivePreview(api: Api, { workflowId, epoch }: Pick<Workflow, 'workflowId' | 'epoch'>) {
  return queryOptions({
    queryKey: ['redrive-preview', workflowId, { epoch }],
    queryFn: () => api.redriveWorkflow({ workflowId, dryRun: true }),
  });
}

export function useRedrivePreview(
  workflow: Pick<Workflow, 'workflowId' | 'epoch'>,
  enabled: boolean,
) {
  return useQuery({ ...redrivePreview(useApi(), workflow), enabled });
}

export function useRedriveWorkflow(workflowId: string) {
  const api = useApi();
  const after = useAfterRedrive(workflowId);
  return useMutation({
    mutationFn: (body: RedriveWorkflowRequest) => api.redriveWorkflow({ workflowId, body }),
    onSettled: (answer) => after(answer),
  });
}
