import { QueryClient } from '@tanstack/react-query';
import { POLL_MS, retryAfterFailure } from '../api/polling-policy.js';

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: retryAfterFailure,
        retryDelay: POLL_MS.outage,
        staleTime: POLL_MS.live,
        /** A laptop without a network still reaches the stack that runs on it. */
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
