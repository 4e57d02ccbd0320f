import { buildGraph, type Graph } from './definition.js';
import { CorruptItemError } from './errors.js';
import type { WorkflowRepository } from './repository.js';
import type { DefinitionRef } from './workflow.js';

/** Tasks of all graphs that are kept: about 100 MB. */
const KEPT_TASKS = 100_000;

/**
 * The graphs of stored definitions. A revision never changes, so they are kept, the ones used last, within `keptTasks` of
 * all together. A failed load is not kept.
 * @throws CorruptItemError when a workflow names a revision that is not stored
 */
export function createGraphCache(
  repository: Pick<WorkflowRepository, 'getDefinition'>,
  keptTasks = KEPT_TASKS,
): (ref: DefinitionRef) => Promise<Graph> {
  const graphs = new Map<string, { readonly graph: Promise<Graph>; tasks: number }>();

  async function load(ref: DefinitionRef): Promise<Graph> {
    const definition = await repository.getDefinition(ref);
    if (definition) return buildGraph(definition);
    throw new CorruptItemError(`the definition ${ref.name} ${ref.revision} is not stored`);
  }

  function makeRoom(newest: string): void {
    let all = [...graphs.values()].reduce((sum, { tasks }) => sum + tasks, 0);
    for (const [key, { tasks }] of graphs) {
      if (all <= keptTasks || key === newest) return;
      graphs.delete(key);
      all -= tasks;
    }
  }

  return (ref) => {
    const key = `${ref.name}@${ref.revision}`;
    const entry = graphs.get(key) ?? { graph: load(ref), tasks: 0 };
    const isNew = !graphs.delete(key);
    graphs.set(key, entry);
    if (isNew)
      entry.graph.then(
        (graph) => {
          entry.tasks = graph.tasks.size;
          makeRoom(key);
        },
        () => graphs.delete(key),
      );
    return entry.graph;
  };
}
