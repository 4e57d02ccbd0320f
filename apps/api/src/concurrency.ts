/** Who has the places of a definition, and who waits for one. */
import {
  concurrencyQuerySchema,
  type ConcurrencyResponse,
  type Workflow as ShownWorkflow,
} from '@orchestra/api-contract';
import { LIMITS, lineOf, type Graph, type Line, type Workflow } from '@orchestra/workflow-core';
import { ProblemError } from './problems.js';
import { idFrom, queryOf, type Route, type RouteDependencies } from './route.js';

/** Of each line, so many of those who wait. */
const SHOWN_WAITING = 100;
/** Without a key, those of so many of its workflows, the newest that run and the newest that wait. */
const LOOKED_AT = 50;

export const showConcurrency =
  (on: RouteDependencies): Route =>
  async (request) => {
    const name = idFrom(request, 'name');
    const { key } = queryOf(request, concurrencyQuerySchema);
    await on.sample();
    const latest = await on.repository.latestRevision(name);
    if (!latest) throw new ProblemError('NOT_FOUND', `there is no definition "${name}"`);
    const graph = await on.graphOf({ name, revision: latest.revision });
    const { concurrency } = graph.definition;
    const asked = key === undefined ? await keysOf(on, graph) : { keys: [key], more: false };
    const lines = await Promise.all(
      asked.keys.map((each) => viewOf(on, { definition: name, key: each }, concurrency?.limit)),
    );
    return request.json({
      name,
      ...(concurrency && { limit: concurrency.limit }),
      keys: lines.filter(({ holders, waiting }) => holders.length + waiting.length > 0),
      moreKeys: asked.more,
    } satisfies ConcurrencyResponse);
  };

/** Of the definition's workflows that run or wait; from an index, so it may lag behind by moments. */
async function keysOf(
  { repository }: RouteDependencies,
  { definition: { name, concurrency } }: Graph,
): Promise<{ readonly keys: readonly string[]; readonly more: boolean }> {
  if (concurrency && concurrency.key === undefined) return { keys: [''], more: false };
  const pages = await Promise.all(
    (['RUNNING', 'PENDING'] as const).map((status) =>
      repository.listWorkflows({ definition: name, status, limit: LOOKED_AT }),
    ),
  );
  const listed = pages.flatMap(({ items }) => items);
  const found = await Promise.all(
    listed.map(({ workflowId }) => repository.getWorkflow(workflowId)),
  );
  const keys = new Set(found.flatMap((workflow) => workflow?.concurrencyKey ?? []));
  return { keys: [...keys].sort(), more: pages.some(({ cursor }) => cursor !== undefined) };
}

async function viewOf(
  { places }: RouteDependencies,
  line: Line,
  limit: number = LIMITS.concurrency,
): Promise<ConcurrencyResponse['keys'][number]> {
  const view = await places.readLine(line, { places: limit, waiting: SHOWN_WAITING });
  const waiting = view.waiting.slice(0, SHOWN_WAITING);
  return {
    ...(line.key !== '' && { key: line.key }),
    limit: view.limit?.limit ?? limit,
    holders: view.places.map(({ workflowId, takenAt }) => ({ workflowId, since: takenAt })),
    waiting: waiting.map(({ workflowId, since }) => ({ workflowId, since })),
    moreWaiting: view.more || waiting.length < view.waiting.length,
  };
}

/** What a workflow waits for that is PENDING. */
export async function waitsFor(
  { places }: Pick<RouteDependencies, 'places'>,
  workflow: Workflow,
): Promise<Pick<ShownWorkflow, 'waitsFor'>> {
  const line = workflow.status === 'PENDING' ? lineOf(workflow) : undefined;
  if (!line) return {};
  const view = await places.readLine(line, { places: SHOWN_WAITING, waiting: SHOWN_WAITING });
  const ahead = view.waiting.findIndex(({ workflowId }) => workflowId === workflow.workflowId);
  return {
    waitsFor: { ...(line.key !== '' && { key: line.key }), ...(ahead >= 0 && { ahead }) },
  };
}
