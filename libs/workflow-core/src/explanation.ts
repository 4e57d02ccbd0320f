/** What is said of why a task is as it is. */
import type { TaskStatus } from './state-machines.js';
import type { TriggerRule } from './trigger-rules.js';

export const EXPLANATION_CODES = [
  'WAITS_FOR_UPSTREAM',
  'WAITS_FOR_PLACE',
  'WAITS_FOR_ITEMS',
  'WAITS_FOR_TASKS',
  'ABOUT_TO_BE_DECIDED',
  'WAITS_FOR_WORKER',
  'WAITS_FOR_RETRY',
  'PAUSED',
  'RUNS',
  'RUNS_ITEMS',
  'WAITS_UNTIL',
  'WAITS_FOR_ANSWER',
  'WAITS_FOR_CHILD',
  'SUCCEEDED',
  'FAILED',
  'SKIPPED',
  'CANCELLED',
] as const;
export type ExplanationCode = (typeof EXPLANATION_CODES)[number];

export interface Explanation {
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly code: ExplanationCode;
  /** One sentence for a person. */
  readonly text: string;
  readonly triggerRule: TriggerRule;
  /** What it depends on, as that is now. */
  readonly upstream: readonly { readonly taskId: string; readonly status: TaskStatus }[];
  /** The tasks that made it so: those it waits for, or the failures and skips its own skip comes from. */
  readonly because: readonly string[];
  /** ISO 8601: when this changes at the latest, where that is known (a retry's time, a lease). */
  readonly until?: string;
}

export type Why = Pick<Explanation, 'code' | 'text'> &
  Partial<Pick<Explanation, 'because' | 'until'>>;
