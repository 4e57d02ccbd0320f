/**
 * Writes the outcomes of one message's tasks, one write under way at a time; outcomes that come meanwhile travel
 * together in the next. Being serial is what makes its witnesses true (W3): when a write begins, the outcome of no
 * task it names has begun. Outcomes from which nothing can follow yet wait a moment for others to travel with.
 */
import {
  hasten,
  startsNothing,
  witnessesOf,
  type RerunTransition,
  type SuspendTransition,
  type TransitionResult,
  type Workflow,
} from '@orchestra/workflow-core';
import { transitionOf, type OutcomeTransition } from './outcome.js';
import type { Claim, Outcome, Ports } from './ports.js';
import type { Retrying } from './retry.js';

/** READY again, and ours to wait with until `notBefore`. */
export interface Retried {
  readonly taskId: string;
  readonly attempt: number;
  readonly version: number;
  readonly notBefore: string;
}

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
    if (waiting.some(({ transition }) => transition.kind === 'suspend')) return false;
    const here = new Set(waiting.map(({ transition }) => transition.taskId));
    const others = new Set([...running.keys()].filter((id) => !here.has(id)));
    return startsNothing(graph, [...here], others);
  }

  function withWitnesses(
    transition: OutcomeTransition,
    stillHeld: ReadonlySet<string>,
  ): OutcomeTransition {
    if (transition.kind === 'rerun' || transition.kind === 'suspend') return transition;
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
      if (transition.kind === 'suspend')
        return afterSuspension(ports, recording.workflow, transition);
      if (transition.kind !== 'rerun') return undefined;
      ports.count('TasksRetried');
      return afterRerun(ports, recording.workflow, transition, version);
    },
  };
}

function tooLate(ports: Ports, { workflowId }: Workflow, { taskId, attempt }: Claim): undefined {
  ports.log({ level: 'info', message: 'an outcome came too late', workflowId, taskId, attempt });
}

/** Nobody waits with it: the sweep has to look in time. */
async function afterSuspension(
  ports: Ports,
  workflow: Workflow,
  { wakeAt }: SuspendTransition,
): Promise<undefined> {
  if (wakeAt !== undefined) await hasten(ports, workflow, wakeAt);
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
