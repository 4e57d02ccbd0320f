/** `POST /workflows/{workflowId}/tasks/{taskId}/rerun`, and with `?dryRun=true` what it would do. */
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import type { RerunTaskRequest } from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { useAfterRedrive } from './use-after-redrive.js';

export interface TaskPlace {
  readonly workflowId: string;
  readonly epoch: number;
  readonly taskId: string;
}

/** A dry run does nothing, so it may be asked as often as any question. */
function rerunPreview(api: Api, place: TaskPlace, downstream: boolean) {
  return queryOptions({
    queryKey: ['rerun-preview', place, { downstream }],
    queryFn: () => {
      const { workflowId, taskId } = place;
      return api.rerunTask({ workflowId, taskId, dryRun: true, body: { downstream } });
    },
  });
}

export function useRerunPreview(place: TaskPlace, downstream: boolean, enabled: boolean) {
  return useQuery({ ...rerunPreview(useApi(), place, downstream), enabled });
}

export function useRerunTask(place: TaskPlace) {
  const api = useApi();
  const after = useAfterRedrive(place.workflowId);
  return useMutation({
    mutationFn: (body: RerunTaskRequest) =>
      api.rerunTask({ workflowId: place.workflowId, taskId: place.taskId, body }),
    onSettled: (answer) => after(answer),
  });
}
