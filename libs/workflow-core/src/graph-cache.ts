import { buildGraph, type Graph } from './definition.js';
import { CorruptItemError } from './errors.js';
import type { WorkflowRepository } from './repository.js';
import type { DefinitionRef } from './workflow.js';

/**
 * The graphs of stored definitions, kept for ever: a revision never changes. A failed load is not kept.
 * @throws CorruptItemError when a workflow names a revision that is not stored
 */
export function createGraphCache(
  repository: Pick<WorkflowRepository, 'getDefinition'>,
): (ref: DefinitionRef) => Promise<Graph> {
  const graphs = new Map<string, Promise<Graph>>();
  const load = async (ref: DefinitionRef) => {
    const definition = await repository.getDefinition(ref);
    if (definition) return buildGraph(definition);
    throw new CorruptItemError(`the definition ${ref.name} ${ref.revision} is not stored`);
  };
  return (ref) => {
    const key = `${ref.name}@${ref.revision}`;
    const cached = graphs.get(key);
    if (cached) return cached;
    const loading = load(ref);
    graphs.set(key, loading);
    loading.catch(() => graphs.delete(key));
    return loading;
  };
}
