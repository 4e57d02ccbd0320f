/** Places in the app. What is selected and filtered lives in the URL, so that a link shows what its sender saw. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  useNavigate,
  type ErrorComponentProps,
  type RouterHistory,
} from '@tanstack/react-router';
import { IconAlertTriangle, IconHierarchy2, IconMapQuestion } from '@tabler/icons-react';
import { workflowStatusSchema, type WorkflowStatus } from '@orchestra/api-contract';
import { Notice } from '../features/notice/notice.js';
import { WorkflowPage } from '../features/workflow/workflow-page.js';
import { Shell } from './shell.js';

interface ListSearch {
  status?: WorkflowStatus | undefined;
}
interface WorkflowSearch {
  task?: string | undefined;
  /** The graph when absent. */
  view?: 'history' | undefined;
}

const rootRoute = createRootRoute({
  validateSearch: (search: Record<string, unknown>): ListSearch => {
    const status = workflowStatusSchema.safeParse(search['status']);
    return { status: status.data };
  },
  component: Shell,
  notFoundComponent: NothingHere,
  errorComponent: Broken,
});

const listRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: NothingSelected,
});

const workflowRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/workflows/$workflowId',
  validateSearch: ({ task, view }: Record<string, unknown>): WorkflowSearch => ({
    task: typeof task === 'string' && task !== '' ? task : undefined,
    view: view === 'history' ? view : undefined,
  }),
  component: SelectedWorkflow,
});

const routeTree = rootRoute.addChildren([listRoute, workflowRoute]);

/** The strings of the URL as they are: the default reads JSON, and a task may be called `1` or `true`. */
const parseSearch = (query: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(query));

function stringifySearch(search: Record<string, unknown>): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return query.size > 0 ? `?${query}` : '';
}

/** `history` is the browser's unless one is given. */
export function createAppRouter(history?: RouterHistory) {
  return createRouter({ routeTree, parseSearch, stringifySearch, ...(history && { history }) });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}

function SelectedWorkflow() {
  const { workflowId } = workflowRoute.useParams();
  const { task, view } = workflowRoute.useSearch();
  const navigate = useNavigate({ from: '/workflows/$workflowId' });
  return (
    <WorkflowPage
      key={workflowId}
      workflowId={workflowId}
      taskId={task}
      view={view ?? 'graph'}
      onSelectTask={(selected) =>
        navigate({ search: (search) => ({ ...search, task: selected }), replace: true })
      }
    />
  );
}

function NothingSelected() {
  return (
    <main>
      <Notice icon={IconHierarchy2} title="Select a workflow">
        Its tasks show up here and move as they run.
      </Notice>
    </main>
  );
}

function NothingHere() {
  return (
    <main>
      <Notice icon={IconMapQuestion} title="There is nothing at this address">
        The list on the left leads to every workflow.
      </Notice>
    </main>
  );
}

function Broken({ error }: ErrorComponentProps) {
  return (
    <main>
      <Notice icon={IconAlertTriangle} title="The dashboard ran into an error">
        {error instanceof Error ? error.message : String(error)}
      </Notice>
    </main>
  );
}
