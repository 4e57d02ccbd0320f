/** Tasks that wait for a moment or for an answer: nothing runs meanwhile, the sweep or whoever answers ends them. */
import {
  LIMITS,
  PayloadTooLargeError,
  readPastAttempts,
  type Payload,
  type TaskDefinition,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Claim, Outcome, Ports } from './ports.js';
import type { Job } from './job.js';

type Wait = NonNullable<TaskDefinition['wait']>;

/** @param until the moment its `until` gave, if it has one. One that has passed is over at once. */
export async function waitFor(
  { ports, values: { workflow } }: Job,
  wait: Wait,
  claim: Claim,
  until: string | undefined,
): Promise<Outcome> {
  const now = ports.now();
  const moment =
    'seconds' in wait
      ? (await beganAt(ports, workflow, claim)) + wait.seconds * 1000
      : Date.parse(until ?? '');
  if (moment - now > LIMITS.waitSeconds * 1000) return tooLong(moment);
  const wakeAt = new Date(moment).toISOString();
  return moment <= now
    ? { kind: 'succeeded', output: { until: wakeAt } }
    : { kind: 'suspended', wakeAt };
}

const tooLong = (moment: number): Outcome => ({
  kind: 'failed',
  error: {
    type: 'WaitTooLong',
    message: `until: ${new Date(moment).toISOString()} is further away than the limit of ${LIMITS.waitSeconds} s`,
    trace: [],
  },
});

/** When it was first claimed in this epoch: a worker that died since begins no new wait. */
async function beganAt(
  { repository }: Ports,
  { workflowId, epoch }: Workflow,
  { taskId, attempt, claimedAt }: Claim,
): Promise<number> {
  if (attempt === 1) return Date.parse(claimedAt);
  const [task] = await repository.getTasks(workflowId, [taskId]);
  const past = task ? await readPastAttempts(repository, task) : [];
  const first = past.find((each) => each.epoch === epoch && each.startedAt !== undefined);
  return Date.parse(first?.startedAt ?? claimedAt);
}

/** @param input what whoever answers is shown, if anything */
export async function askForAnswer(
  { ports, values: { workflow } }: Job,
  { timeoutSeconds }: NonNullable<TaskDefinition['callback']>,
  claim: Claim,
  input: unknown,
): Promise<Outcome> {
  try {
    const kept = input === undefined ? undefined : await keep(ports, workflow, claim, input);
    const now = ports.now();
    return {
      kind: 'suspended',
      wakeAt: new Date(now + timeoutSeconds * 1000).toISOString(),
      callback: { secret: ports.newSecret(), openedAt: new Date(now).toISOString() },
      ...(kept ? { input: kept } : {}),
    };
  } catch (error) {
    if (!(error instanceof PayloadTooLargeError)) throw error;
    const message = `the input of the callback: ${error.message}`;
    return { kind: 'failed', error: { type: 'InputTooLarge', message, trace: [] } };
  }
}

const keep = (
  { repository }: Ports,
  { workflowId, expiresAt }: Workflow,
  { taskId, claimId }: Claim,
  input: unknown,
): Promise<Payload> =>
  repository.putPayload({ workflowId, key: `${taskId}#${claimId}.input`, expiresAt }, input);
