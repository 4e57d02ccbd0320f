/** What the worker needs from the world. */
import type {
  DefinitionRef,
  FailureReason,
  Graph,
  TaskError,
  TaskPayload,
  WorkflowRepository,
} from '@orchestra/workflow-core';
import type { Evaluated, ExpressionContext, Template } from '@orchestra/workflow-core/data';

export interface Ports {
  readonly repository: WorkflowRepository;
  readonly graph: (ref: DefinitionRef) => Promise<Graph>;
  /** Invokes the registered function once. Never throws: a task's failure is data. */
  readonly invoke: (
    functionName: string,
    payload: TaskPayload,
    timeoutMs: number,
  ) => Promise<Outcome>;
  /** Evaluates a task's `when` and `input`. Never throws for what an expression does. */
  readonly evaluate: (template: Template, context: ExpressionContext) => Promise<Evaluated>;
  readonly settings: {
    /** Of tasks whose definition gives none. */
    readonly taskTimeoutMs: number;
    /** A lease is the task's timeout and this. */
    readonly leaseMarginMs: number;
  };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Waits so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** 0 <= n < 1. */
  readonly random: () => number;
  readonly count: (metric: Counter, by?: number) => void;
  /** A new claim's token: random, never a request id, since an asynchronous retry has the same one. */
  readonly newClaimId: () => string;
  readonly log: (entry: {
    level: 'info' | 'warn' | 'error';
    message: string;
    [detail: string]: unknown;
  }) => void;
}

export type Counter = 'TasksRetried';

/** How one attempt ended; `conditionFalse`: before its function was invoked. */
export type Outcome =
  | { readonly kind: 'conditionFalse' }
  | { readonly kind: 'succeeded'; readonly output: unknown; readonly requestId?: string }
  | {
      readonly kind: 'failed';
      readonly error: TaskError;
      readonly reason?: FailureReason;
      readonly requestId?: string;
    };

/** A task this worker holds. */
export interface Claim {
  readonly taskId: string;
  readonly attempt: number;
  readonly claimId: string;
  readonly leaseUntil: string;
}
