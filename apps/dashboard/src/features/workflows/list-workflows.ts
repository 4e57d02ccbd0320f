/** `GET /workflows?status=&limit=&cursor=`, newest first, page after page. */
import { infiniteQueryOptions, useInfiniteQuery, type InfiniteData } from '@tanstack/react-query';
import {
  listWorkflowsResponseSchema,
  type ListWorkflowsResponse,
  type WorkflowStatus,
  type WorkflowSummary,
} from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { pollWorkflows } from '../../api/polling-policy.js';

const PAGE_SIZE = 50;

interface Page {
  status: WorkflowStatus | undefined;
  cursor: string | undefined;
}

function listWorkflows(
  api: Api,
  { status, cursor }: Page,
  signal: AbortSignal,
): Promise<ListWorkflowsResponse> {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
  if (status) query.set('status', status);
  if (cursor) query.set('cursor', cursor);
  return api.get(`/workflows?${query}`, listWorkflowsResponseSchema, signal);
}

export const workflowsKey = ['workflows'] as const;

function workflowsQuery(api: Api, status: WorkflowStatus | undefined) {
  return infiniteQueryOptions({
    queryKey: [...workflowsKey, { status }],
    queryFn: ({ pageParam, signal }) => listWorkflows(api, { status, cursor: pageParam }, signal),
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
