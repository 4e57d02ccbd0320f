/** `POST /workflows/{workflowId}/tasks/{taskId}/rerun`, and with `?dryRun=true` what it would do. */
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import {
  redriveResponseSchema,
  type RedriveResponse,
  type RerunTaskRequest,
} from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { taskPath } from '../task-panel/get-task.js';
import { useAfterRedrive } from './use-after-redrive.js';

export interface TaskPlace {
  readonly workflowId: string;
  readonly epoch: number;
  readonly taskId: string;
}

function rerunTask(
  api: Api,
  { workflowId, taskId }: TaskPlace,
  request: RerunTaskRequest,
  dryRun: boolean,
): Promise<RedriveResponse> {
  const query = dryRun ? '?dryRun=true' : '';
  return api.post(`${taskPath(workflowId, taskId)}/rerun${query}`, request, redriveResponseSchema);
}

/** A dry run does nothing, so it may be asked as often as any question. */
function rerunPreview(api: Api, place: TaskPlace, downstream: boolean) {
  return queryOptions({
    queryKey: ['rerun-preview', place, { downstream }],
    queryFn: () => rerunTask(api, place, { downstream }, true),
  });
}

export function useRerunPreview(place: TaskPlace, downstream: boolean, enabled: boolean) {
  return useQuery({ ...rerunPreview(useApi(), place, downstream), enabled });
}

export function useRerunTask(place: TaskPlace) {
  const api = useApi();
  const after = useAfterRedrive(place.workflowId);
  return useMutation({
    mutationFn: (request: RerunTaskRequest) => rerunTask(api, place, request, false),
    onSettled: (answer) => after(answer),
  });
}
