import { events, failed, running, succeeded } from '../testing/samples.js';
import { ApiProblemError, ApiUnreachableError } from './api-errors.js';
import {
  POLL_MS,
  pollAfterRefusal,
  pollExplanation,
  pollHistory,
  pollTask,
  pollWorkflow,
  pollWorkflows,
  retryAfterFailure,
} from './polling-policy.js';

const ended = Date.parse('2026-11-23T05:25:27.020Z');
const refusal = (status: number) =>
  new ApiProblemError({ type: 'about:blank', title: 'No', status });

describe('polling the list', () => {
  it('asks every second while anything shown is unfinished, however old', () => {
    const years = ended + 1e11;
    expect(pollWorkflows([succeeded, running], 1, years)).toBe(POLL_MS.live);
  });

  it('slows down the longer nothing happened, and no further than the idle pace', () => {
    const after = (seconds: number) =>
      pollWorkflows([failed, succeeded], 1, ended + seconds * 1_000);
    expect(after(0)).toBe(POLL_MS.live);
    expect(after(30)).toBe(5_000);
    expect(after(60)).toBe(POLL_MS.idle);
    expect(after(86_400)).toBe(POLL_MS.idle);
  });

  it('stays within its bounds when the clocks disagree', () => {
    expect(pollWorkflows([succeeded], 1, ended - 3_600_000)).toBe(POLL_MS.live);
  });

  it('is idle when there is nothing', () => {
    expect(pollWorkflows([], 1, ended)).toBe(POLL_MS.idle);
  });

  it('costs one request a second, however many pages are shown', () => {
    expect(pollWorkflows([running], 4, ended)).toBe(4 * POLL_MS.live);
  });
});

describe('polling a workflow', () => {
  it.each(['PENDING', 'RUNNING'] as const)('goes on while it is %s', (status) => {
    expect(pollWorkflow({ status })).toBe(POLL_MS.live);
  });

  it.each(['SUCCESS', 'FAILED', 'CANCELLED'] as const)('stops once it is %s', (status) => {
    expect(pollWorkflow({ status })).toBe(false);
  });
});

describe('polling a task', () => {
  it('does not ask while the detail is as far as the workflow', () => {
    expect(pollTask({ status: 'RUNNING', attempt: 1 }, { status: 'RUNNING', attempt: 1 })).toBe(
      false,
    );
  });

  it('asks while the detail lags behind the workflow', () => {
    expect(pollTask({ status: 'RUNNING', attempt: 1 }, { status: 'SUCCEEDED', attempt: 1 })).toBe(
      POLL_MS.live,
    );
    expect(pollTask({ status: 'FAILED', attempt: 1 }, { status: 'READY', attempt: 2 })).toBe(
      POLL_MS.live,
    );
  });

  it('does not ask when the detail is ahead', () => {
    expect(pollTask({ status: 'SUCCEEDED', attempt: 1 }, { status: 'RUNNING', attempt: 1 })).toBe(
      false,
    );
  });
});

describe('polling an explanation', () => {
  it('goes on fast while it lags behind the workflow', () => {
    expect(pollExplanation({ status: 'RUNNING' }, { status: 'FAILED' })).toBe(POLL_MS.live);
    expect(pollExplanation({ status: 'FAILED' }, { status: 'READY' })).toBe(POLL_MS.live);
  });

  it('looks seldom while the task may change, and never once it is finished', () => {
    expect(pollExplanation({ status: 'READY' }, { status: 'READY' })).toBe(POLL_MS.idle);
    expect(pollExplanation({ status: 'SKIPPED' }, { status: 'SKIPPED' })).toBe(false);
  });
});

describe('polling the history', () => {
  const end = Date.parse('2026-11-22T05:25:26.400Z');
  const first = events.filter(({ epoch }) => epoch === 1);

  it('goes on while the workflow does, one request a second however long it is', () => {
    const begun = events.slice(0, 2);
    expect(pollHistory(begun, false, 1, { epoch: 1 }, end)).toBe(POLL_MS.live);
    expect(pollHistory(begun, false, 3, { epoch: 1 }, end + 1e11)).toBe(3 * POLL_MS.live);
  });

  it('stops a moment after the end, when the tasks it stopped have ended too', () => {
    expect(pollHistory(first, false, 1, { epoch: 1 }, end + 1_000)).toBe(POLL_MS.live);
    expect(pollHistory(first, false, 1, { epoch: 1 }, end + 10_000)).toBe(false);
  });

  it('goes on when a redrive began another epoch', () => {
    expect(pollHistory(first, false, 1, { epoch: 2 }, end + 10_000)).toBe(POLL_MS.live);
    expect(pollHistory(events, false, 1, { epoch: 2 }, end + 10_000)).toBe(POLL_MS.live);
  });

  it('does not ask again for pages that are full', () => {
    expect(pollHistory(events, true, 1, { epoch: 2 }, end)).toBe(false);
  });
});

describe('after a failed request', () => {
  it('tries again when the API is out of reach or in trouble', () => {
    expect(retryAfterFailure(100, new ApiUnreachableError('gone'))).toBe(true);
    expect(retryAfterFailure(0, refusal(503))).toBe(true);
  });

  it('takes a refusal for an answer', () => {
    expect(retryAfterFailure(0, refusal(400))).toBe(false);
    expect(pollAfterRefusal(refusal(400))).toBe(false);
  });

  it('looks again, seldom, for what is not there yet', () => {
    expect(pollAfterRefusal(refusal(404))).toBe(POLL_MS.idle);
  });
});
