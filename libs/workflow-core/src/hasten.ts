/** Makes a workflow due earlier than it is. */
import type { WorkflowRepository } from './repository.js';
import type { Workflow } from './workflow.js';

/** Others write META meanwhile; each time the condition fails it says what is there instead. */
const HASTEN_TRIES = 5;

/**
 * The workflow is due at `at`, if it is not earlier already: so that a regular check in between cannot put off what is
 * about to be written, or has just been.
 */
export async function hasten(
  { repository }: { readonly repository: Pick<WorkflowRepository, 'apply' | 'getWorkflow'> },
  { workflowId, epoch }: Pick<Workflow, 'workflowId' | 'epoch'>,
  at: string,
): Promise<void> {
  let current = await repository.getWorkflow(workflowId);
  for (let attempt = 0; attempt < HASTEN_TRIES; attempt += 1) {
    if (current?.status !== 'RUNNING' || current.epoch !== epoch) return;
    if ((current.nextCheckAt ?? at) <= at) return;
    const { version } = current;
    const [result] = await repository.apply([
      { kind: 'check', workflowId, epoch, version, nextCheckAt: at },
    ]);
    if (result?.kind !== 'lost') return;
    current = result.current as Workflow | undefined;
  }
}
