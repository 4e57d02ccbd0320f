/**
 * Writes the outcomes of one message's tasks, one write under way at a time; outcomes that come meanwhile travel
 * together in the next. Being serial is what makes its witnesses true (W3): when a write begins, the outcome of no
 * task it names has begun.
 */
import {
  PayloadTooLargeError,
  witnessesOf,
  type FailTransition,
  type Graph,
  type SucceedTransition,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Outcome, Ports } from './ports.js';

export interface Claim {
  readonly taskId: string;
  readonly attempt: number;
  readonly claimId: string;
  readonly leaseUntil: string;
}

interface Pending {
  readonly transition: SucceedTransition | FailTransition;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface Recorder {
  /** Resolves once the outcome is written, or turns out to be no longer ours to write. */
  record(claim: Claim, outcome: Outcome): Promise<void>;
}

export function createRecorder(
  ports: Ports,
  graph: Graph,
  workflow: Workflow,
  claims: readonly Claim[],
): Recorder {
  const running = new Map(claims.map((claim) => [claim.taskId, claim]));
  let waiting: Pending[] = [];
  let writing = false;

  async function write(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      for (const { transition } of batch) running.delete(transition.taskId);
      const stillHeld = held();
      try {
        const results = await ports.repository.apply(
          batch.map(({ transition }) => withWitnesses(transition, stillHeld)),
        );
        results.forEach((result, index) => settle(batch[index] as Pending, result.kind === 'lost'));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    writing = false;
  }

  function settle({ transition, resolve }: Pending, lost: boolean): void {
    if (lost)
      ports.log({ level: 'info', message: 'an outcome came too late', ...idsOf(transition) });
    resolve();
  }

  function withWitnesses(
    transition: Pending['transition'],
    stillHeld: ReadonlySet<string>,
  ): Pending['transition'] {
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
      const transition = await transitionOf(ports, workflow, claim, outcome);
      return new Promise((resolve, reject) => {
        waiting.push({ transition, resolve, reject });
        if (!writing) void write();
      });
    },
  };
}

const idsOf = ({ workflowId, taskId }: Pending['transition']) => ({ workflowId, taskId });

/** A large output is stored before the outcome that names it, under the claim, so that a zombie overwrites nothing. */
async function transitionOf(
  ports: Ports,
  { workflowId, expiresAt }: Workflow,
  { taskId, claimId }: Claim,
  outcome: Outcome,
): Promise<Pending['transition']> {
  const at = new Date(ports.now()).toISOString();
  const common = {
    workflowId,
    taskId,
    claimId,
    at,
    ...(outcome.requestId === undefined ? {} : { requestId: outcome.requestId }),
  };
  if (outcome.kind === 'failed') {
    const { error, reason } = outcome;
    return { ...common, kind: 'fail', error, ...(reason === undefined ? {} : { reason }) };
  }
  const owner = { workflowId, key: `${taskId}#${claimId}`, expiresAt };
  try {
    const output = await ports.repository.putPayload(owner, outcome.output);
    return { ...common, kind: 'succeed', output };
  } catch (error) {
    if (!(error instanceof PayloadTooLargeError)) throw error;
    return {
      ...common,
      kind: 'fail',
      error: { type: 'OutputTooLarge', message: `the task's output: ${error.message}`, trace: [] },
    };
  }
}
