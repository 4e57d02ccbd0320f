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

/** Of the items of a map, until the map itself fails; the larger of the two counts. */
export interface ToleratedFailures {
  readonly count?: number;
  readonly percent?: number;
}

/** What runs once all tasks have ended. */
export interface HookDefinition {
  readonly id: string;
  readonly function?: string;
  readonly workflow?: { readonly name: string; readonly revision?: number };
  readonly input?: Json;
  readonly retry?: Retry;
  readonly onLostWorker?: 'rerun' | 'fail';
  readonly timeoutSeconds?: number;
}

/** It has one of `function`, `wait`, `callback` and `workflow`. */
export interface TaskDefinition extends HookDefinition {
  readonly wait?: { readonly seconds: number } | { readonly until: string };
  readonly callback?: {
    readonly timeoutSeconds: number;
    readonly schema?: { readonly [name: string]: Json };
  };
  readonly dependsOn?: readonly string[];
  readonly triggerRule?: TriggerRule;
  readonly when?: string;
  readonly continueOnFailure?: boolean;
  readonly forEach?: string | readonly Json[];
  readonly maxConcurrency?: number;
  readonly toleratedFailures?: ToleratedFailures;
  readonly label?: string;
}

export interface Definition {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: { readonly [name: string]: Json };
  readonly failFast?: boolean;
  readonly timeoutSeconds?: number;
  readonly concurrency?: { readonly limit: number; readonly key?: string };
  readonly onSuccess?: readonly HookDefinition[];
  readonly onFailure?: readonly HookDefinition[];
  readonly finally?: readonly HookDefinition[];
  readonly tasks: readonly TaskDefinition[];
}
