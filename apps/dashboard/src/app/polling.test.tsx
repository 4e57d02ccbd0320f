import { act, cleanup, fireEvent, screen } from '@testing-library/react';
import { POLL_MS } from '../api/polling-policy.js';
import { InMemoryApi } from '../testing/in-memory-api.js';
import { openApp } from '../testing/open-app.js';
import { failed, running, succeeded } from '../testing/samples.js';

/** The clock and what waits for it; microtasks and React's scheduler run as ever. */
const clock = jest.useFakeTimers({
  now: Date.parse('2026-11-24T05:26:00.000Z'),
  doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance'],
});

const after = (ms: number) => act(() => clock.advanceTimersByTimeAsync(ms));

async function openAt(path: string, api: InMemoryApi): Promise<void> {
  openApp(path, api);
  await settle();
}

async function settle(): Promise<void> {
  for (let settled = 0; settled < 5; settled++) await after(20);
}

async function press(name: string): Promise<void> {
  fireEvent.click(screen.getByRole('button', { name }));
  await settle();
}

const banner = () => screen.queryByText(/does not answer/);
const heading = (name: string) => screen.queryByRole('heading', { name });
const rows = () => screen.queryAllByRole('listitem').filter((row) => row.querySelector('a'));

afterEach(() => {
  cleanup();
  clock.clearAllTimers();
});

describe('following a workflow', () => {
  it('asks every second until it is finished, then never again', async () => {
    const api = new InMemoryApi(running);
    await openAt(`/workflows/${running.workflowId}`, api);
    const call = `GET /workflows/${running.workflowId}`;
    const before = api.callsTo(call);
    await after(3 * POLL_MS.live);
    expect(api.callsTo(call) - before).toBe(3);

    api.put({ ...succeeded, workflowId: running.workflowId });
    await after(POLL_MS.live);
    const finished = api.callsTo(call);
    await after(60_000);
    expect(api.callsTo(call)).toBe(finished);
    expect(screen.getByText('5', { selector: 'b' })).toBeTruthy();
    expect(document.title).toBe(`Success · ${running.workflowId} · Orchestra`);
  });

  it('begins again with a redrive, also when the first reads trail behind it', async () => {
    const api = new InMemoryApi(failed);
    await openAt(`/workflows/${failed.workflowId}`, api);
    const call = `GET /workflows/${failed.workflowId}`;
    await press('Redrive');
    await press('Redrive workflow');
    expect(screen.getByText('redriven 1 time')).toBeTruthy();

    api.put(failed);
    const before = api.callsTo(call);
    await after(3 * POLL_MS.live);
    expect(api.callsTo(call) - before).toBe(3);
    expect(document.title).toBe(`Running · ${failed.workflowId} · Orchestra`);

    api.put({ ...succeeded, workflowId: failed.workflowId, epoch: 2 });
    await after(POLL_MS.live);
    expect(document.title).toBe(`Success · ${failed.workflowId} · Orchestra`);
    const finished = api.callsTo(call);
    await after(60_000);
    expect(api.callsTo(call)).toBe(finished);
  });

  it('finds one that is not there yet', async () => {
    const api = new InMemoryApi();
    await openAt('/workflows/later', api);
    expect(heading('There is no workflow later')).not.toBeNull();
    api.put({ ...running, workflowId: 'later' });
    await after(POLL_MS.idle);
    expect(heading('later')).not.toBeNull();
  });
});

describe('an API out of reach', () => {
  it('is said, what was loaded stays, and the banner goes by itself', async () => {
    const api = new InMemoryApi(running);
    await openAt(`/workflows/${running.workflowId}`, api);
    expect(banner()).toBeNull();

    api.reachable = false;
    await after(2 * POLL_MS.live);
    expect(banner()).not.toBeNull();
    expect(heading(running.workflowId)).not.toBeNull();
    expect(rows()).toHaveLength(1);

    api.reachable = true;
    await after(2 * POLL_MS.outage);
    expect(banner()).toBeNull();
  });

  it('at the first visit is waited for', async () => {
    const api = new InMemoryApi(succeeded);
    api.reachable = false;
    await openAt('/', api);
    for (let visits = 0; visits < 3; visits++) {
      expect(heading('Waiting for the API')).not.toBeNull();
      await after(POLL_MS.outage);
    }

    api.reachable = true;
    await after(POLL_MS.outage);
    expect(rows()).toHaveLength(1);
    expect(banner()).toBeNull();
  });
});
