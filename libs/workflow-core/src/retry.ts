/** Whether and when a task that failed is tried again. Pure. */
import type { Retry } from './definition.js';

/**
 * Errors that would only come again, whoever asks: `*` leaves them out, as `States.ALL` leaves out
 * `States.DataLimitExceeded`; naming one in `retryOn` retries it all the same.
 */
export const PERMANENT_ERRORS = [
  'ExpressionFailed',
  'ExpressionLimitExceeded',
  'FunctionNotFound',
  'FunctionNotRegistered',
  'InputTooLarge',
  'InputUnreadable',
  'InvalidInput',
  'InvalidOutput',
  'OutputTooLarge',
] as const;

const isPermanent = (type: string) => (PERMANENT_ERRORS as readonly string[]).includes(type);

/** `doNotRetryOn` counts before `retryOn`. */
export function isRetried({ retryOn, doNotRetryOn }: Retry, errorType: string): boolean {
  if (doNotRetryOn.includes(errorType) || doNotRetryOn.includes('*')) return false;
  return retryOn.includes(errorType) || (retryOn.includes('*') && !isPermanent(errorType));
}

/** A year: no backoff grows beyond what a date can hold. */
const LONGEST_SECONDS = 365 * 24 * 3600;

/**
 * Milliseconds before the next try; undefined: all are used up.
 * @param retries tries after the first that this epoch has had
 * @param random 0 <= n < 1, for the jitter
 */
export function retryDelayMs(
  { maxAttempts, intervalSeconds, backoffRate, maxDelaySeconds = LONGEST_SECONDS, jitter }: Retry,
  retries: number,
  random: number,
): number | undefined {
  if (retries >= maxAttempts) return undefined;
  const seconds = Math.min(intervalSeconds * backoffRate ** retries, maxDelaySeconds);
  return Math.round(Math.min(seconds, LONGEST_SECONDS) * 1000 * (jitter === 'FULL' ? random : 1));
}
