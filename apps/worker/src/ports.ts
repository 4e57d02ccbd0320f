/** What the worker needs from the world. */
import type {
  DefinitionRef,
  FailureReason,
  Graph,
  PlaceRepository,
  SuspendTransition,
  TaskError,
  TaskPayload,
  WorkflowRepository,
} from '@orchestra/workflow-core';
import type {
  Evaluated,
  ExpressionContext,
  InputCheck,
  Template,
} from '@orchestra/workflow-core/data';

export interface Ports {
  readonly repository: WorkflowRepository;
  readonly places: PlaceRepository;
  readonly graph: (ref: DefinitionRef) => Promise<Graph>;
  /** Invokes the registered function once. Never throws: a task's failure is data. */
  readonly invoke: (
    functionName: string,
    payload: TaskPayload,
    timeoutMs: number,
  ) => Promise<Outcome>;
  /** Evaluates a task's `when` and `input`. Never throws for what an expression does. */
  readonly evaluate: (template: Template, context: ExpressionContext) => Promise<Evaluated>;
  /** Whether the input of a workflow that a task starts meets its definition's `inputSchema`. */
  readonly checkInput: InputCheck;
  readonly settings: {
    /** When a workflow that is started here is looked at first. */
    readonly firstCheckMs: number;
    /** Of tasks whose definition gives none. */
    readonly taskTimeoutMs: number;
    /** A lease is the task's timeout and this. */
    readonly leaseMarginMs: number;
    /** How many tasks a function takes at once, by its name; any number without it. */
    readonly taskLimits: Readonly<Record<string, number>>;
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
  /** By which a callback is answered: `CALLBACK_SECRET_BYTES` at random, as base64url. */
  readonly newSecret: () => string;
  readonly log: (entry: {
    level: 'info' | 'warn' | 'error';
    message: string;
    [detail: string]: unknown;
  }) => void;
}

export type Counter = 'TasksRetried';

/** How one attempt ended; `conditionFalse`: before its function was invoked; `suspended`: it goes on, held by nobody. */
export type Outcome =
  | { readonly kind: 'conditionFalse' }
  | ({ readonly kind: 'suspended' } & Suspension)
  | { readonly kind: 'succeeded'; readonly output: unknown; readonly requestId?: string }
  | {
      readonly kind: 'failed';
      readonly error: TaskError;
      readonly reason?: FailureReason;
      readonly requestId?: string;
    };

/** What ends the task: one of them. */
export type Suspension = Pick<
  SuspendTransition,
  'wakeAt' | 'callback' | 'items' | 'child' | 'input'
>;

/** A task this worker holds. */
export interface Claim {
  readonly taskId: string;
  readonly attempt: number;
  readonly claimId: string;
  readonly claimedAt: string;
  readonly leaseUntil: string;
}
