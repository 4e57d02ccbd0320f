/** `GET /workflows/{workflowId}/events?limit=&cursor=`, oldest first, page after page, until the end is told. */
import { infiniteQueryOptions, useInfiniteQuery, type InfiniteData } from '@tanstack/react-query';
import type { HistoryEvent, ListEventsResponse, Workflow } from '@orchestra/api-contract';
import type { Api } from '../../api/api.js';
import { useApi } from '../../api/api-context.js';
import { pollHistory } from '../../api/polling-policy.js';
import { workflowKey } from '../workflow/get-workflow.js';

const PAGE_SIZE = 200;

function eventsQuery(api: Api, workflow: Pick<Workflow, 'workflowId' | 'epoch'>) {
  const { workflowId } = workflow;
  return infiniteQueryOptions({
    queryKey: [...workflowKey(workflowId), 'events'],
    queryFn: ({ pageParam, signal }) =>
      api.listEvents({ workflowId, limit: PAGE_SIZE, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state: { data } }) => (data ? pollAfter(data, workflow) : false),
  });
}

function pollAfter(data: InfiniteData<ListEventsResponse>, workflow: Pick<Workflow, 'epoch'>) {
  const hasMore = data.pages.at(-1)?.nextCursor !== undefined;
  return pollHistory(allEvents(data), hasMore, data.pages.length, workflow, Date.now());
}

/** Each sequence number once: an event told late moves those after it from one page onto the next. */
export function allEvents(data: InfiniteData<ListEventsResponse> | undefined): HistoryEvent[] {
  const events = (data?.pages ?? []).flatMap((page) => page.events);
  return [...new Map(events.map((event) => [event.sequence, event])).values()];
}

export function useEvents(workflow: Pick<Workflow, 'workflowId' | 'epoch'>) {
  return useInfiniteQuery(eventsQuery(useApi(), workflow));
}
