import type { Retry } from './definition.js';
import { parseDefinition } from './parse-definition.js';
import { PERMANENT_ERRORS, isRetried, retryDelayMs } from './retry.js';

const retryWith = (given: object): Retry =>
  parseDefinition({ name: 'w', tasks: [{ id: 'A', function: 'F', retry: given }] }).tasks[0]
    ?.retry as Retry;

describe('a retry policy', () => {
  it('has the defaults of Step Functions', () => {
    expect(retryWith({})).toEqual({
      maxAttempts: 3,
      intervalSeconds: 1,
      backoffRate: 2,
      jitter: 'NONE',
      retryOn: ['*'],
      doNotRetryOn: [],
    });
  });

  it('counts the tries after the first', () => {
    const delays = [0, 1, 2, 3].map((retries) => retryDelayMs(retryWith({}), retries, 0));
    expect(delays).toEqual([1_000, 2_000, 4_000, undefined]);
    expect(retryDelayMs(retryWith({ maxAttempts: 0 }), 0, 0)).toBeUndefined();
  });

  it('grows no further than its longest delay', () => {
    const retry = retryWith({ intervalSeconds: 3, maxDelaySeconds: 5 });
    expect([0, 1, 2].map((retries) => retryDelayMs(retry, retries, 0))).toEqual([
      3_000, 5_000, 5_000,
    ]);
  });

  it('stays a time a date can hold, however it grows', () => {
    const retry = retryWith({ backoffRate: 10, intervalSeconds: 86_400, maxAttempts: 100 });
    const date = new Date(Date.now() + (retryDelayMs(retry, 99, 0) ?? NaN));
    expect(date.getFullYear()).toBeLessThan(3_000);
  });

  it('with full jitter waits anything between nothing and the delay', () => {
    const retry = retryWith({ jitter: 'FULL', intervalSeconds: 4 });
    expect([0, 0.25, 0.999].map((random) => retryDelayMs(retry, 0, random))).toEqual([
      0, 1_000, 3_996,
    ]);
  });

  it.each(PERMANENT_ERRORS)('does not take * for %s, but its name', (type) => {
    expect(isRetried(retryWith({}), type)).toBe(false);
    expect(isRetried(retryWith({ retryOn: [type] }), type)).toBe(true);
  });

  it('counts what it excludes before what it includes', () => {
    expect(isRetried(retryWith({ retryOn: ['E'], doNotRetryOn: ['E'] }), 'E')).toBe(false);
  });

  it.each([
    ['maxAttempts', -1],
    ['maxAttempts', 101],
    ['maxAttempts', 1.5],
    ['intervalSeconds', -1],
    ['backoffRate', 0.9],
    ['jitter', 'SOME'],
    ['retryOn', 'E'],
    ['times', 3],
  ])('is refused with %s %s', (name, value) => {
    expect(() => retryWith({ [name]: value })).toThrow(/retry/);
  });
});
