/** `GET /workflows/{workflowId}/tasks?map=&limit=&cursor=`: the items of a map in their order, page after page. */
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import type { Task } from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { pollItems } from '../../api/polling-policy.js';
import { workflowKey } from '../workflow/get-workflow.js';

const PAGE_SIZE = 50;

function itemsQuery(api: Api, workflowId: string, map: Task) {
  const { taskId, status, startedAt } = map;
  return infiniteQueryOptions({
    queryKey: [...workflowKey(workflowId), 'items', taskId, { status, startedAt }],
    queryFn: ({ pageParam, signal }) =>
      api.listTasks({ workflowId, map: taskId, limit: PAGE_SIZE, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state: { data } }) => pollItems(map, data?.pages.length ?? 0),
  });
}

export function useItems(workflowId: string, map: Task) {
  return useInfiniteQuery(itemsQuery(useApi(), workflowId, map));
}
