/** The one door to the REST API: the contract's client, and where it asks. */
import { createClient, type Client } from '@orchestra/api-contract';

export interface Api extends Client {
  /** Without a slash at its end. */
  readonly base: string;
}

export function createApi(base: string, fetcher: typeof fetch = (...call) => fetch(...call)): Api {
  // The browser asks with the ETag it has, and never answers from its cache alone.
  const asking: typeof fetch = (target, init) => fetcher(target, { ...init, cache: 'no-cache' });
  return { ...createClient({ baseUrl: base, fetch: asking }), base };
}
