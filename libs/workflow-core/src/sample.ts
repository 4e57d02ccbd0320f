import { diamond } from './diamond.js';
import type { WorkflowRepository } from './repository.js';
import type { DefinitionRef } from './workflow.js';

/**
 * The sample is a definition like any other, stored when somebody first needs it: the first revision of its name. Asked of
 * the store once in the life of a container; a failure is not kept.
 */
export function createSampleRegistry(
  repository: Pick<WorkflowRepository, 'latestRevision' | 'putDefinition'>,
  now: () => number,
): () => Promise<DefinitionRef> {
  const sample: DefinitionRef = { name: diamond.name, revision: 1 };
  let stored: Promise<DefinitionRef> | undefined;
  const store = async () => {
    if (!(await repository.latestRevision(sample.name)))
      await repository.putDefinition(diamond, new Date(now()).toISOString());
    return sample;
  };
  return () => {
    stored ??= store().catch((error: unknown) => {
      stored = undefined;
      throw error;
    });
    return stored;
  };
}
