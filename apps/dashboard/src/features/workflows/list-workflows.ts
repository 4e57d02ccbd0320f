/** `GET /workflows?status=&limit=&cursor=`, newest first, page after page. */
import { infiniteQueryOptions, useInfiniteQuery, type InfiniteData } from '@tanstack/react-query';
import type {
  ListWorkflowsResponse,
  WorkflowStatus,
  WorkflowSummary,
} from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { pollWorkflows } from '../../api/polling-policy.js';

const PAGE_SIZE = 50;

export const workflowsKey = ['workflows'] as const;

function workflowsQuery(api: Api, status: WorkflowStatus | undefined) {
  return infiniteQueryOptions({
    queryKey: [...workflowsKey, { status }],
    queryFn: ({ pageParam, signal }) =>
      api.listWorkflows({ status, limit: PAGE_SIZE, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state: { data } }) =>
      data ? pollWorkflows(allWorkflows(data), data.pages.length, Date.now()) : false,
  });
}

/** One row per workflow: a start between two requests pushes a row from one page onto the next. */
export function allWorkflows(
  data: InfiniteData<ListWorkflowsResponse> | undefined,
): WorkflowSummary[] {
  const byId = new Map<string, WorkflowSummary>();
  for (const page of data?.pages ?? [])
    for (const workflow of page.workflows)
      if (!byId.has(workflow.workflowId)) byId.set(workflow.workflowId, workflow);
  return [...byId.values()];
}

export function useWorkflows(status: WorkflowStatus | undefined) {
  return useInfiniteQuery(workflowsQuery(useApi(), status));
}
