import { MantineProvider } from '@mantine/core';
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { Api } from '../api/api.js';
import { ApiContext } from '../api/api-context.js';
import type { createAppRouter } from './router.js';
import { theme } from './theme.js';

interface Props {
  api: Api;
  queryClient: QueryClient;
  router: ReturnType<typeof createAppRouter>;
}

/** No style element is made at run time, so that a strict content security policy can hold. */
export function App({ api, queryClient, router }: Props) {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queryClient}>
        <ApiContext value={api}>
          <RouterProvider router={router} />
        </ApiContext>
      </QueryClientProvider>
    </MantineProvider>
  );
}
