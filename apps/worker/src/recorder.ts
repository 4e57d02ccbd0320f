/**
 * Writes the outcomes of one message's tasks, one write under way at a time; outcomes that come meanwhile travel
 * together in the next. Being serial is what makes its witnesses true (W3): when a write begins, the outcome of no
 * task it names has begun. Outcomes from which nothing can follow yet wait a moment for others to travel with.
 */
import {
  PayloadTooLargeError,
  startsNothing,
  witnessesOf,
  type FailTransition,
  type RerunTransition,
  type SucceedTransition,
  type TransitionResult,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Outcome, Ports } from './ports.js';
import { hasten, retryOf, type Retrying } from './retry.js';

export interface Claim {
  readonly taskId: string;
  readonly attempt: number;
  readonly claimId: string;
  readonly leaseUntil: string;
}

/** READY again, and ours to wait with until `notBefore`. */
export interface Retried {
  readonly taskId: string;
  readonly attempt: number;
  readonly version: number;
  readonly notBefore: string;
}

type OutcomeTransition = SucceedTransition | FailTransition | RerunTransition;

interface Pending {
  readonly transition: OutcomeTransition;
  readonly resolve: (result: TransitionResult) => void;
  readonly reject: (error: unknown) => void;
}

export interface Recorder {
  /** Resolves once the outcome is written, or turns out to be no longer ours to write; with a retry to wait for, if any. */
  record(claim: Claim, outcome: Outcome): Promise<Retried | undefined>;
}

export interface Recording extends Retrying {
  readonly claims: readonly Claim[];
}

/** An outcome that waits for company goes when nobody came for so long, and at the latest after the other. */
const QUIET_MS = 200;
const LONGEST_WAIT_MS = 1_000;

export function createRecorder(ports: Ports, recording: Recording): Recorder {
  const { graph, claims } = recording;
  const running = new Map(claims.map((claim) => [claim.taskId, claim]));
  let waiting: Pending[] = [];
  let writing = false;
  let wake: () => void = () => {};

  async function write(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      await gather();
      const batch = waiting;
      waiting = [];
      for (const { transition } of batch) running.delete(transition.taskId);
      const stillHeld = held();
      try {
        const results = await ports.repository.apply(
          batch.map(({ transition }) => withWitnesses(transition, stillHeld)),
        );
        batch.forEach(({ resolve }, index) => resolve(results[index] as TransitionResult));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    writing = false;
  }

  /** As long as others keep coming that these may wait for. */
  async function gather(): Promise<void> {
    const until = ports.now() + LONGEST_WAIT_MS;
    while (mayWait() && ports.now() < until) {
      const came = new Promise<'came'>((resolve) => (wake = () => resolve('came')));
      if ((await Promise.race([ports.pause(QUIET_MS), came])) !== 'came') return;
    }
  }

  function mayWait(): boolean {
    const here = new Set(waiting.map(({ transition }) => transition.taskId));
    const others = new Set([...running.keys()].filter((id) => !here.has(id)));
    return [...here].every((id) => startsNothing(graph, id, others));
  }

  function withWitnesses(
    transition: OutcomeTransition,
    stillHeld: ReadonlySet<string>,
  ): OutcomeTransition {
    if (transition.kind === 'rerun') return transition;
    const witnesses = witnessesOf(graph, transition.taskId, stillHeld);
    return witnesses.length > 0 ? { ...transition, witnesses } : transition;
  }

  /** A task whose lease is over may have been taken from us and ended by another. */
  function held(): ReadonlySet<string> {
    const now = new Date(ports.now()).toISOString();
    return new Set(
      [...running.values()]
        .filter(({ leaseUntil }) => leaseUntil > now)
        .map(({ taskId }) => taskId),
    );
  }

  return {
    async record(claim, outcome) {
      const decided = await transitionOf(ports, recording, claim, outcome);
      if (!decided) {
        // Somebody else's now, who may end it at any moment: no witness any more.
        running.delete(claim.taskId);
        return tooLate(ports, recording.workflow, claim);
      }
      const { transition, version } = decided;
      const result = await new Promise<TransitionResult>((resolve, reject) => {
        waiting.push({ transition, resolve, reject });
        wake();
        if (!writing) void write();
      });
      if (result.kind === 'lost') return tooLate(ports, recording.workflow, claim);
      if (transition.kind !== 'rerun') return undefined;
      ports.count('TasksRetried');
      return afterRerun(ports, recording.workflow, transition, version);
    },
  };
}

function tooLate(ports: Ports, { workflowId }: Workflow, { taskId, attempt }: Claim): undefined {
  ports.log({ level: 'info', message: 'an outcome came too late', workflowId, taskId, attempt });
}

/** A retry that nobody waits with is the sweep's, which has to look in time. */
async function afterRerun(
  ports: Ports,
  workflow: Workflow,
  { taskId, attempt, notBefore, leaseUntil, at }: RerunTransition,
  version: number,
): Promise<Retried | undefined> {
  const next = { taskId, attempt, version: version + 1, notBefore: notBefore ?? at };
  if (leaseUntil !== undefined) return next;
  await hasten(ports, workflow, next.notBefore);
  return undefined;
}

/** Undefined: the task is no longer ours. `version`: the item's, where it was read. */
async function transitionOf(
  ports: Ports,
  recording: Recording,
  claim: Claim,
  outcome: Outcome,
): Promise<{ transition: OutcomeTransition; version: number } | undefined> {
  const kept = await withOutputKept(ports, recording.workflow, claim, outcome);
  if (kept.kind === 'succeeded') return { transition: kept.transition, version: 0 };
  const retry = await retryOf(ports, recording, claim, kept.outcome);
  if (retry === 'not ours') return undefined;
  if (retry) return retry;
  const { error, reason, requestId } = kept.outcome;
  const transition: FailTransition = {
    ...commonOf(ports, recording.workflow, claim, requestId),
    kind: 'fail',
    error,
    by: 'worker',
    ...(reason === undefined ? {} : { reason }),
  };
  return { transition, version: 0 };
}

type Failed = Extract<Outcome, { kind: 'failed' }>;

type Kept =
  | { readonly kind: 'succeeded'; readonly transition: SucceedTransition }
  | { readonly kind: 'failed'; readonly outcome: Failed };

/** A large output is stored before the outcome that names it, under the claim, so that a zombie overwrites nothing. */
async function withOutputKept(
  ports: Ports,
  workflow: Workflow,
  claim: Claim,
  outcome: Outcome,
): Promise<Kept> {
  if (outcome.kind === 'failed') return { kind: 'failed', outcome };
  const { workflowId, expiresAt } = workflow;
  const owner = { workflowId, key: `${claim.taskId}#${claim.claimId}`, expiresAt };
  const { requestId } = outcome;
  try {
    const output = await ports.repository.putPayload(owner, outcome.output);
    const common = commonOf(ports, workflow, claim, requestId);
    return { kind: 'succeeded', transition: { ...common, kind: 'succeed', output } };
  } catch (error) {
    if (!(error instanceof PayloadTooLargeError)) throw error;
    const message = `the task's output: ${error.message}`;
    const tooLarge = { type: 'OutputTooLarge', message, trace: [] };
    return {
      kind: 'failed',
      outcome: { kind: 'failed', error: tooLarge, ...(requestId ? { requestId } : {}) },
    };
  }
}

const commonOf = (
  ports: Ports,
  { workflowId }: Workflow,
  { taskId, claimId }: Claim,
  requestId: string | undefined,
) => ({
  workflowId,
  taskId,
  claimId,
  at: new Date(ports.now()).toISOString(),
  ...(requestId === undefined ? {} : { requestId }),
});
