/** Mutants of maps and hooks. */
import type { Task, TaskDefinition } from '@orchestra/workflow-core';
import { itemOf } from '../checks/oracle.js';
import { THE_ENGINE, type Engine, type OrchestratorPorts } from '../world/engine.js';
import type { Mutant } from './mutant.js';
import { withPorts, withRepository } from './rewire.js';

export const mapMutants: readonly Mutant[] = [
  {
    name: 'a map that counts deliveries instead of facts',
    killedBy: 'MAP',
    engine: () => {
      const delivered = new Map<string, number>();
      return onItems(async (ports, item, map, { maxConcurrency }) => {
        if (maxConcurrency === undefined) return;
        const key = `${map.workflowId} ${map.taskId} ${map.epoch}`;
        const count = (delivered.get(key) ?? 0) + 1;
        delivered.set(key, count);
        const index = maxConcurrency + count - 1;
        if (index < (map.items?.count ?? 0)) await begin(ports, item, `${map.taskId}[${index}]`);
      });
    },
  },
  {
    name: 'a map that ends before the last of its items',
    killedBy: 'MAP',
    engine: () =>
      onItems(async (ports, { workflowId, taskId }, map) => {
        if (itemOf(taskId)?.index !== (map.items?.count ?? 0) - 1) return;
        const at = new Date(ports.now()).toISOString();
        const { claimId = '' } = map;
        await ports.repository.apply([
          { kind: 'succeed', workflowId, taskId: map.taskId, claimId, by: 'stream', at },
        ]);
      }),
  },
  {
    name: 'failures of items that nobody counts',
    killedBy: 'MAP',
    engine: () =>
      withPorts((ports) =>
        withRepository(ports, ({ apply }) => ({
          apply: (transitions) =>
            apply(
              transitions.map((each) =>
                each.kind === 'fail' && each.error.type === 'ItemsFailed'
                  ? {
                      ...{ kind: 'succeed', workflowId: each.workflowId, taskId: each.taskId },
                      ...{ claimId: each.claimId, by: each.by, at: each.at },
                    }
                  : each,
              ),
            ),
        })),
      ),
  },
  {
    name: 'items joined in no order',
    killedBy: 'MAP',
    engine: () => ({
      ...THE_ENGINE,
      workerPorts: (ports) => ({
        ...ports,
        repository: {
          ...ports.repository,
          getItems: async (workflowId, range) => {
            const items = await ports.repository.getItems(workflowId, range);
            const ids = items.map(({ taskId }) => taskId);
            return items.map((item, at) => ({ ...item, taskId: ids.at(-1 - at) ?? item.taskId }));
          },
        },
      }),
    }),
  },
  {
    name: 'an expansion that the stream does not tell of',
    killedBy: 'I21',
    mix: 'healthy',
    engine: () => ({
      ...THE_ENGINE,
      advanceBatch: (ports, records, timeIsUp) =>
        THE_ENGINE.advanceBatch(
          ports,
          records.filter((record) => !('task' in record) || record.task.status !== 'RUNNING'),
          timeIsUp,
        ),
    }),
  },
  {
    name: 'hooks that wait for nothing',
    killedBy: 'HOOK',
    engine: () =>
      withPorts((ports) => ({
        ...ports,
        graph: async (ref) => {
          const graph = await ports.graph(ref);
          return { ...graph, roots: [...graph.roots, ...graph.hooks.keys()] };
        },
      })),
  },
  {
    name: 'hooks of a success run after a failure',
    killedBy: 'HOOK',
    engine: () =>
      withPorts((ports) => ({
        ...ports,
        graph: async (ref) => {
          const graph = await ports.graph(ref);
          const swapped = [...graph.hooks].map(
            ([id, hook]) => [id, hook === 'onSuccess' ? 'onFailure' : hook] as const,
          );
          return { ...graph, hooks: new Map(swapped) };
        },
      })),
  },
];

type OnItem = (
  ports: OrchestratorPorts,
  item: Task,
  map: Task,
  definition: TaskDefinition,
) => Promise<void>;

/** Beside what the engine does: something for each record of an item. */
const onItems = (act: OnItem): Engine => ({
  ...THE_ENGINE,
  advanceBatch: async (ports, records, timeIsUp) => {
    for (const record of records) {
      const item = 'task' in record ? itemOf(record.task.taskId) : undefined;
      if (!item || !('task' in record)) continue;
      const { workflowId, epoch, definition } = record.task;
      const [map] = await ports.repository.getTasks(workflowId, [item.map]);
      const task = (await ports.graph(definition)).tasks.get(item.map);
      if (map?.status === 'RUNNING' && map.epoch === epoch && task)
        await act(ports, record.task, map, task);
    }
    return THE_ENGINE.advanceBatch(ports, records, timeIsUp);
  },
});

async function begin(ports: OrchestratorPorts, like: Task, taskId: string): Promise<void> {
  const { workflowId, epoch, definition, workflowStartedAt, expiresAt } = like;
  const origin = { workflowId, epoch, definition, workflowStartedAt, expiresAt };
  const at = new Date(ports.now()).toISOString();
  const [result] = await ports.repository.apply([
    { kind: 'ready', origin, taskId, by: 'stream', at },
  ]);
  if (result?.kind === 'applied')
    await ports.dispatch({
      ...{ workflowId, epoch, definition },
      tasks: [{ taskId, version: 1, attempt: 1 }],
    });
}
