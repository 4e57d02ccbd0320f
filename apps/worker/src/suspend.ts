/** What a task does that calls no function: it waits, for a moment, an answer or a workflow of its own. */
import type { TaskDefinition } from '@orchestra/workflow-core';
import { startChild } from './child.js';
import type { Prepared } from './payload.js';
import type { Claim, Outcome } from './ports.js';
import { askForAnswer, waitFor } from './waiting.js';
import type { Job } from './job.js';

export async function suspend(
  job: Job,
  { workflow, wait, callback, id }: TaskDefinition,
  claim: Claim,
  { payload, until }: Extract<Prepared, { kind: 'payload' }>,
): Promise<Outcome> {
  if (workflow) return startChild(job, workflow, claim, payload.input);
  if (wait) return waitFor(job, wait, claim, until);
  if (callback) return askForAnswer(job, callback, claim, payload.input);
  throw new Error(`the task ${id} does nothing that is known here`);
}
