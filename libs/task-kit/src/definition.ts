/** A definition as JSON, as the API takes it: the form that workflow-core's `definitionSchema` checks. */

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type TriggerRule =
  | 'all_success'
  | 'all_failed'
  | 'all_done'
  | 'all_done_min_one_success'
  | 'all_skipped'
  | 'always'
  | 'none_failed'
  | 'none_failed_min_one_success'
  | 'none_skipped'
  | 'one_done'
  | 'one_failed'
  | 'one_success';

export interface Retry {
  /** Tries after the first; 3 without it. */
  readonly maxAttempts?: number;
  /** Before the first of them; 1 without it. */
  readonly intervalSeconds?: number;
  /** By which each further delay is longer than the one before; 2 without it. */
  readonly backoffRate?: number;
  readonly maxDelaySeconds?: number;
  /** FULL: anything between nothing and the delay. */
  readonly jitter?: 'NONE' | 'FULL';
  /** Types of errors; `*`, which it is without it: all but those that would only come again. */
  readonly retryOn?: readonly string[];
  /** Counts before `retryOn`. */
  readonly doNotRetryOn?: readonly string[];
}

export interface TaskDefinition {
  readonly id: string;
  readonly function: string;
  readonly dependsOn?: readonly string[];
  readonly triggerRule?: TriggerRule;
  readonly when?: string;
  readonly input?: Json;
  readonly retry?: Retry;
  readonly onLostWorker?: 'rerun' | 'fail';
  readonly timeoutSeconds?: number;
  readonly continueOnFailure?: boolean;
}

export interface Definition {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: { readonly [name: string]: Json };
  readonly failFast?: boolean;
  readonly timeoutSeconds?: number;
  readonly tasks: readonly TaskDefinition[];
}
