/** The task functions, and the ledger of all their executions: facts that do not come from the table. */
import { LIMITS, type TaskPayload } from '@orchestra/workflow-core';
import type { Outcome } from '@orchestra/worker/engine';
import { itemAt } from './expressions.js';
import type { Behaviour } from './scenario.js';

export interface Execution {
  readonly id: string;
  readonly workflowId: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly behaviour: Behaviour;
}

/** What somebody says to a callback. */
export interface Answer {
  readonly requestId: string;
  readonly token: string;
  readonly outcome: 'success' | 'failure';
}

/** How it ends, after how long. */
export interface Run {
  readonly execution: Execution;
  readonly outcome: Outcome;
  readonly ms: number;
}

const LARGE = 'x'.repeat(LIMITS.inlinePayloadBytes + 200);
/** Too large: its size is known without writing it out each time. */
class Huge {
  toJSON(): string {
    return 'x'.repeat(LIMITS.payloadBytes);
  }
}

export const sizeOf = (value: unknown): number =>
  value instanceof Huge
    ? LIMITS.payloadBytes + 2
    : Buffer.byteLength(JSON.stringify(value ?? null));

export class Ledger {
  readonly executions = new Map<string, Execution>();
  /** Given, whether heard or not. */
  readonly answers = new Map<string, Answer>();

  run(payload: TaskPayload, behaviour: Behaviour, timeoutMs: number): Run {
    const { workflowId, taskId, attempt } = payload;
    const id = `x${this.executions.size + 1}`;
    const execution: Execution = { id, workflowId, taskId, attempt, behaviour };
    this.executions.set(id, execution);
    if (behaviour.kind === 'hang' || behaviour.ms >= timeoutMs)
      return { execution, outcome: failed('TaskTimeout', id, 'TIMEOUT'), ms: timeoutMs };
    return { execution, outcome: outcomeOf(behaviour, id), ms: behaviour.ms };
  }
}

function outcomeOf({ kind, items }: Behaviour, id: string): Outcome {
  const list =
    items === undefined ? {} : { items: Array.from({ length: items }, (_, n) => itemAt(n)) };
  switch (kind) {
    case 'large':
      return { kind: 'succeeded', output: { by: id, pad: LARGE, ...list }, requestId: id };
    case 'huge':
      return { kind: 'succeeded', output: new Huge(), requestId: id };
    case 'fail':
      return failed('Error', id);
    case 'transient':
      return failed('Transient', id);
    default:
      return { kind: 'succeeded', output: { by: id, ...list }, requestId: id };
  }
}

const failed = (type: string, id: string, reason?: 'TIMEOUT'): Outcome => ({
  kind: 'failed',
  error: { type, message: `as ${id} was told to`, trace: [] },
  ...(reason ? { reason } : {}),
  requestId: id,
});
