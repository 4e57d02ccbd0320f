/** The diamond that runs under faults: a task whose sandbox is killed has failed, and is tried again. */
import { buildGraph, diamond, parseDefinition } from '@orchestra/workflow-core';

/** On a busy machine a task may be late again and again; longer delays let the crowd before it pass. */
const RETRY = { maxAttempts: 30, intervalSeconds: 0.1, backoffRate: 1.5, maxDelaySeconds: 5 };

export const definition = parseDefinition({
  ...diamond,
  name: 'diamond-under-fire',
  tasks: diamond.tasks.map((task) => ({ ...task, retry: RETRY })),
});

export const graph = buildGraph(definition);
