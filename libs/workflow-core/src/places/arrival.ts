/** A workflow and the line it stands in. Pure. */
import type { Workflow } from '../workflow.js';
import type { Arrival, Line } from './place-repository.js';

/** Undefined: it needs no place. */
export const lineOf = ({ definition, concurrencyKey }: Workflow): Line | undefined =>
  concurrencyKey === undefined ? undefined : { definition: definition.name, key: concurrencyKey };

export const arrivalOf = (workflow: Workflow): Arrival => {
  const { workflowId, epoch, createdAt, redrives, expiresAt } = workflow;
  return { workflowId, epoch, since: redrives?.at(-1)?.at ?? createdAt, expiresAt };
};

/** Whether it was let in since its present epoch began. */
export const wasAdmitted = (workflow: Workflow): boolean =>
  workflow.startedAt !== undefined && workflow.startedAt >= arrivalOf(workflow).since;
