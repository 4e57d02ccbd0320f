import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { InMemoryApi } from '../testing/in-memory-api.js';
import { openApp } from '../testing/open-app.js';
import { attemptsOfTwoEpochs, events, failed } from '../testing/samples.js';

const redriven = { ...failed, epoch: 2 };
const path = `/workflows/${failed.workflowId}`;
const list = () => screen.findByRole('list', { name: 'Events, oldest first' });
const rows = async () =>
  within(await list())
    .getAllByRole('listitem')
    .map((row) => row.textContent);

function withEvents(): InMemoryApi {
  const api = new InMemoryApi(redriven);
  api.events.set(failed.workflowId, events);
  return api;
}

describe('the history of a workflow', () => {
  it('is a place in the URL, and asked for only there', async () => {
    const api = withEvents();
    const { place } = openApp(path, api);
    await screen.findByRole('heading', { name: failed.workflowId });
    expect(api.callsTo(`GET ${path}/events`)).toBe(0);
    await userEvent.click(screen.getByRole('link', { name: 'History' }));
    expect(await rows()).toHaveLength(events.length);
    expect(place()).toBe(`${path}?view=history`);
  });

  it('tells in order what happened, to what, by whom and why', async () => {
    openApp(`${path}?view=history`, withEvents());
    expect(await rows()).toEqual([
      expect.stringMatching(/Workflow started.*by start$/),
      expect.stringMatching(/A became ready.*attempt 1by start$/),
      expect.stringMatching(/B2 failed.*RuntimeError: B2 was told to fail.*attempt 1by worker$/),
      expect.stringMatching(/Workflow failed.*by stream$/),
      expect.stringMatching(
        /Workflow redriven.*B2 and everything below.*The supplier is back.*by operator$/,
      ),
    ]);
    const first = within(await list())
      .getAllByRole('listitem')[0]
      ?.querySelector('time');
    expect(first?.title).toBe(events[0]?.at);
  });

  it('opens a task beside it', async () => {
    const { place } = openApp(`${path}?view=history`, withEvents());
    await userEvent.click(within(await list()).getByRole('link', { name: 'B2' }));
    expect(await screen.findByRole('complementary', { name: 'Task B2' })).toBeTruthy();
    expect(place()).toBe(`${path}?view=history&task=B2`);
    expect(await list()).toBeTruthy();
  });

  it('shows more on demand', async () => {
    const api = withEvents();
    api.pageSize = 2;
    openApp(`${path}?view=history`, api);
    expect(await rows()).toHaveLength(2);
    await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
    await waitFor(async () => expect(await rows()).toHaveLength(4));
    await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
    await waitFor(async () => expect(await rows()).toHaveLength(5));
    expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
  });
});

describe('the attempts of a task', () => {
  it('are all there, newest first, those before a redrive under its name', async () => {
    const api = new InMemoryApi(redriven);
    api.attempts.set('B2', attemptsOfTwoEpochs);
    openApp(`${path}?task=B2`, api);
    const before = await screen.findByRole('heading', { name: 'Before redrive 1' });
    const [now, then] = [...(before.closest('section')?.querySelectorAll('ol') ?? [])].map((part) =>
      [...part.children].map((row) => row.textContent),
    );
    expect(now).toEqual([expect.stringMatching(/^#3.*1\.41 s.*2b1f4f3e/)]);
    expect(then).toEqual([
      expect.stringMatching(/^#2.*TaskTimeout: It ran longer.*0d1d7b9a/),
      expect.stringMatching(/^#1.*RuntimeError: B2 was told to fail.*Trace.*line 27.*6f9b6c0e/),
    ]);
    expect(before.compareDocumentPosition(screen.getByText('#3'))).toBe(
      Node.DOCUMENT_POSITION_PRECEDING,
    );
  });
});
