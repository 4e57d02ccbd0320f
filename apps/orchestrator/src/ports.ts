/** What the orchestrator needs from the world. No clock, randomness or SDK call stands outside these. */
import type {
  Definition,
  DefinitionRef,
  Graph,
  Issue,
  PlaceRepository,
  ScheduleRepository,
  WorkMessage,
  WorkflowRepository,
} from '@orchestra/workflow-core';
import type { Evaluated, ExpressionContext, Template } from '@orchestra/workflow-core/data';
import type { Memory } from './memory.js';

export interface Ports {
  readonly repository: WorkflowRepository;
  readonly places: PlaceRepository;
  readonly schedules: ScheduleRepository;
  /** Evaluates what a start needs to know. Never throws for what an expression does. */
  readonly evaluate: (template: Template, context: ExpressionContext) => Promise<Evaluated>;
  /** The graph of a stored definition. */
  readonly graph: (ref: DefinitionRef) => Promise<Graph>;
  /** What a workflow runs whose start names no definition. */
  readonly sample: () => Promise<DefinitionRef>;
  /** What is wrong with a workflow's input by its definition's `inputSchema`. */
  readonly checkInput: (
    ref: DefinitionRef,
    schema: Definition['inputSchema'],
    input: unknown,
  ) => readonly Issue[];
  /** What is wrong with the output of an answer by its callback's `schema`. */
  readonly checkAnswer: (
    of: { readonly ref: DefinitionRef; readonly taskId: string },
    schema: Definition['inputSchema'],
    output: unknown,
  ) => readonly Issue[];
  /** Accepted means: the worker's queue has it. @throws DispatchError */
  readonly dispatch: (message: WorkMessage) => Promise<void>;
  readonly memory: Memory;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly count: (metric: Counter, by?: number) => void;
  /** Milliseconds. */
  readonly observe: (metric: Duration, value: number) => void;
  /** Puts what concerns one workflow alone before a person's eyes, in the failure queue. */
  readonly reportPoison: (report: PoisonReport) => Promise<void>;
  readonly log: (entry: LogEntry) => void;
  readonly settings: { readonly sweepGraceMs: number; readonly firstCheckMs: number };
}

export type Duration = 'WorkflowDurationMs' | 'TaskDurationMs';

export type Counter =
  | 'WorkflowsStarted'
  | 'WorkflowsSucceeded'
  | 'WorkflowsFailed'
  | 'WorkflowsCancelled'
  | 'WorkflowsRedriven'
  | 'TasksSucceeded'
  | 'TasksFailed'
  | 'WorkersLost'
  | 'SweeperRepairs'
  | 'PassesFailed'
  | 'ScheduleTimesMissed'
  | 'ScheduleTimesRefused';

/** A workflow's own poison: records no pass over which can succeed. */
export interface PoisonReport {
  readonly workflowId: string;
  readonly sequenceNumbers: readonly string[];
  readonly error: { readonly type: string; readonly message: string };
}

export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly workflowId?: string;
  readonly [detail: string]: unknown;
}

/** The worker could not be told: throttled, refused or unreachable. */
export class DispatchError extends Error {
  override readonly name = 'DispatchError';
}
