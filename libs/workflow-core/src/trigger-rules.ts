/**
 * When a task runs, given how its upstream tasks ended: Airflow's trigger rules, by name and truth table. Pure.
 *
 * A rule may let a task run before all of its upstream is terminal; it lets it be skipped only after (planner, P2).
 */
import type { SkipReason, TaskFact } from './workflow.js';

export const TRIGGER_RULES = [
  'all_success',
  'all_failed',
  'all_done',
  'all_done_min_one_success',
  'all_skipped',
  'always',
  'none_failed',
  'none_failed_min_one_success',
  'none_skipped',
  'one_done',
  'one_failed',
  'one_success',
] as const;
export type TriggerRule = (typeof TRIGGER_RULES)[number];

export type Verdict = 'run' | 'wait' | SkipReason;

interface Counts {
  readonly succeeded: number;
  /** FAILED, or skipped because of a failure further up: every rule counts the two alike. */
  readonly failed: number;
  readonly skipped: number;
}

/** Rules whose task may run while upstream tasks are unfinished. */
const EARLY: Partial<Record<TriggerRule, (counts: Counts) => boolean>> = {
  always: () => true,
  one_done: ({ succeeded, failed }) => succeeded + failed > 0,
  one_failed: ({ failed }) => failed > 0,
  one_success: ({ succeeded }) => succeeded > 0,
};

const failedElseSkipped = ({ failed }: Counts) =>
  failed > 0 ? 'UPSTREAM_FAILED' : 'UPSTREAM_SKIPPED';

/** What each rule says once all of the upstream is terminal. */
const LATE: Record<TriggerRule, (counts: Counts) => Verdict> = {
  all_success: (c) => (c.failed + c.skipped > 0 ? failedElseSkipped(c) : 'run'),
  all_failed: (c) => (c.succeeded + c.skipped > 0 ? 'UPSTREAM_SKIPPED' : 'run'),
  all_done: () => 'run',
  all_done_min_one_success: (c) => (c.succeeded > 0 ? 'run' : failedElseSkipped(c)),
  all_skipped: (c) => (c.succeeded + c.failed > 0 ? 'UPSTREAM_SKIPPED' : 'run'),
  always: () => 'run',
  none_failed: (c) => (c.failed > 0 ? 'UPSTREAM_FAILED' : 'run'),
  none_failed_min_one_success: (c) =>
    c.failed > 0 || c.succeeded === 0 ? failedElseSkipped(c) : 'run',
  none_skipped: (c) => (c.skipped > 0 ? 'UPSTREAM_SKIPPED' : 'run'),
  one_done: (c) => (c.succeeded + c.failed > 0 ? 'run' : 'UPSTREAM_SKIPPED'),
  one_failed: (c) => (c.failed > 0 ? 'run' : 'UPSTREAM_SKIPPED'),
  one_success: (c) => (c.succeeded > 0 ? 'run' : failedElseSkipped(c)),
};

/** @param unknown how many upstream tasks are not terminal, as far as known */
export function judge(rule: TriggerRule, upstream: readonly TaskFact[], unknown: number): Verdict {
  if (upstream.length + unknown === 0) return 'run';
  const counts = countOf(upstream);
  if (EARLY[rule]?.(counts)) return 'run';
  return unknown > 0 ? 'wait' : LATE[rule](counts);
}

export const mayRunEarly = (rule: TriggerRule): boolean => EARLY[rule] !== undefined;

export const isFailure = ({ status, reason }: TaskFact): boolean =>
  status === 'FAILED' || status === 'CANCELLED' || reason === 'UPSTREAM_FAILED';

function countOf(upstream: readonly TaskFact[]): Counts {
  const succeeded = upstream.filter(({ status }) => status === 'SUCCEEDED').length;
  const failed = upstream.filter(isFailure).length;
  return { succeeded, failed, skipped: upstream.length - succeeded - failed };
}
