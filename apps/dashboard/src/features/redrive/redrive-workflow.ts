/** `POST /workflows/{workflowId}/redrive`, and with `?dryRun=true` what it would do. */
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import {
  redriveResponseSchema,
  type RedriveResponse,
  type RedriveWorkflowRequest,
  type Workflow,
} from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { workflowPath } from '../workflow/get-workflow.js';
import { useAfterRedrive } from './use-after-redrive.js';

function redriveWorkflow(
  api: Api,
  workflowId: string,
  request: RedriveWorkflowRequest,
  dryRun: boolean,
): Promise<RedriveResponse> {
  const query = dryRun ? '?dryRun=true' : '';
  return api.post(`${workflowPath(workflowId)}/redrive${query}`, request, redriveResponseSchema);
}

/** A dry run does nothing, so it may be asked as often as any question. */
function redrivePreview(api: Api, { workflowId, epoch }: Pick<Workflow, 'workflowId' | 'epoch'>) {
  return queryOptions({
    queryKey: ['redrive-preview', workflowId, { epoch }],
    queryFn: () => redriveWorkflow(api, workflowId, {}, true),
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
    mutationFn: (request: RedriveWorkflowRequest) =>
      redriveWorkflow(api, workflowId, request, false),
    onSettled: (answer) => after(answer),
  });
}
