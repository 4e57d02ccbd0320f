/** Is the API out of reach? Said by the requests the page makes anyway, so it heals when they do. */
import { useQueryClient, type QueryCache } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { isPassing } from '../../api/api-errors.js';

/** Why a request that somebody waits for is being repeated. */
function outageIn(queries: QueryCache): Error | undefined {
  return (
    queries
      .findAll({ type: 'active' })
      .map((query) => query.state.fetchFailureReason)
      .find((reason) => reason !== null && isPassing(reason)) ?? undefined
  );
}

export function useOutage(): Error | undefined {
  const queries = useQueryClient().getQueryCache();
  const subscribe = useCallback((listener: () => void) => queries.subscribe(listener), [queries]);
  return useSyncExternalStore(subscribe, () => outageIn(queries));
}
