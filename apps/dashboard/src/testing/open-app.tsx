import { createMemoryHistory } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import { createApi } from '../api/api.js';
import { App } from '../app/app.js';
import { createQueryClient } from '../app/query-client.js';
import { createAppRouter } from '../app/router.js';
import { BASE, type InMemoryApi } from './in-memory-api.js';

/** The whole dashboard at an address of its own, on a given API. */
export function openApp(path: string, api: InMemoryApi) {
  const router = createAppRouter(createMemoryHistory({ initialEntries: [path] }));
  render(
    <App api={createApi(BASE, api.fetch)} queryClient={createQueryClient()} router={router} />,
  );
  return { place: () => router.state.location.href };
}
