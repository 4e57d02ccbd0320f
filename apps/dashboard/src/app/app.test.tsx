import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { InMemoryApi } from '../testing/in-memory-api.js';
import { openApp } from '../testing/open-app.js';
import { failed, pending, running, succeeded } from '../testing/samples.js';

const list = () => screen.findByRole('list', { name: 'Workflows, newest first' });
const rows = () => within(screen.getByRole('list', { name: /newest first/ })).getAllByRole('link');

describe('the list of workflows', () => {
  it('shows the newest first, each with its status in words', async () => {
    openApp('/', new InMemoryApi(failed, running, succeeded));
    await list();
    expect(rows().map((row) => row.textContent)).toEqual([
      expect.stringMatching(/ledger-2026-11-24.*Running/),
      expect.stringMatching(/ledger-2026-11-23.*3\.32 s.*Success/),
      expect.stringMatching(/ledger-2026-11-22.*2\.70 s.*Failed/),
    ]);
  });

  it('keeps the filter in the URL and asks the API for it', async () => {
    const { place } = openApp('/', new InMemoryApi(failed, running, succeeded));
    await list();
    await userEvent.click(screen.getByRole('link', { name: 'Failed' }));
    await waitFor(() => expect(rows()).toHaveLength(1));
    expect(place()).toBe('/?status=FAILED');
  });

  it('says so when nothing has the status that is asked for', async () => {
    openApp('/?status=CANCELLED', new InMemoryApi(failed));
    expect(await screen.findByText('Nothing is cancelled')).toBeTruthy();
  });

  it('ignores a filter it does not know', async () => {
    openApp('/?status=ODD', new InMemoryApi(failed, running));
    await list();
    expect(rows()).toHaveLength(2);
  });

  it('loads older ones on demand', async () => {
    const api = new InMemoryApi(failed, running, succeeded);
    api.pageSize = 2;
    openApp('/', api);
    await userEvent.click(await screen.findByRole('button', { name: 'Load more' }));
    await waitFor(() => expect(rows()).toHaveLength(3));
    expect(screen.queryByRole('button', { name: 'Load more' })).toBeNull();
  });

  it('says how to begin when there is nothing', async () => {
    openApp('/', new InMemoryApi());
    expect(await screen.findByText('No workflows yet')).toBeTruthy();
  });
});

describe('a workflow of many tasks', () => {
  it('is shown whole, however many pages that takes', async () => {
    const api = new InMemoryApi(succeeded);
    api.tasksPerPage = 2;
    openApp(`/workflows/${succeeded.workflowId}?task=C`, api);
    expect(await screen.findByRole('complementary', { name: 'Task C' })).toBeTruthy();
    expect(api.callsTo(`GET /workflows/${succeeded.workflowId}/tasks`)).toBe(2);
  });
});

describe('a task of a workflow', () => {
  it('is shown from a link, with its output', async () => {
    const api = new InMemoryApi(succeeded);
    api.outputs.set('C', { sum: 159 });
    openApp(`/workflows/${succeeded.workflowId}?task=C`, api);
    const panel = await screen.findByRole('complementary', { name: 'Task C' });
    expect(await within(panel).findByText('159')).toBeTruthy();
    expect(panel.textContent).toContain('B1, B2, B3');
  });

  it('is opened and closed by keyboard, in the URL too', async () => {
    const { place } = openApp(`/workflows/${succeeded.workflowId}`, new InMemoryApi(succeeded));
    const node = await screen.findByRole('button', { name: 'Task B2, Succeeded' });
    act(() => node.focus());
    await userEvent.keyboard('{Enter}');
    const panel = await screen.findByRole('complementary', { name: 'Task B2' });
    expect(place()).toContain('?task=B2');
    expect(panel.contains(document.activeElement)).toBe(true);

    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull());
    expect(place()).not.toContain('task');
    expect(document.activeElement).toBe(screen.getByRole('button', { name: /^Task B2/ }));
  });

  it('shows an error and its trace as text, whatever is in it', async () => {
    openApp(`/workflows/${failed.workflowId}?task=B2`, new InMemoryApi(failed));
    const error = await screen.findByRole('region', { name: 'Error' });
    expect(error.textContent).toContain('<img src=x onerror=alert(1)>');
    expect(error.textContent).toContain('raise RuntimeError(...)');
    expect(document.querySelector('img')).toBeNull();
  });

  it('says why it was skipped', async () => {
    openApp(`/workflows/${failed.workflowId}?task=C`, new InMemoryApi(failed));
    expect(await screen.findByText(/A task it depends on failed/)).toBeTruthy();
  });
});

describe('starting a workflow', () => {
  it('takes one click and shows it', async () => {
    const { place } = openApp('/', new InMemoryApi());
    await userEvent.click(await screen.findByRole('button', { name: 'Start workflow' }));
    expect(await screen.findByRole('heading', { name: 'started-0' })).toBeTruthy();
    expect(place()).toBe('/workflows/started-0');
    await list();
    expect(rows()).toHaveLength(1);
  });

  it('with bad JSON asks nobody and says so at the field', async () => {
    const api = new InMemoryApi();
    openApp('/', api);
    await userEvent.click(await screen.findByRole('button', { name: /id or input/ }));
    const input = await screen.findByRole('textbox', { name: 'Input' });
    await userEvent.type(input, '{{"a":');
    await userEvent.click(screen.getByRole('button', { name: 'Start' }));
    expect(await screen.findByText(/^Not JSON/)).toBeTruthy();
    expect(input.getAttribute('aria-invalid')).toBe('true');
    expect(api.callsTo('POST /workflows')).toBe(0);
  });

  it('with an id that is taken says so at the id, and starts under another', async () => {
    const taken = { ...pending, workflowId: 'taken', input: { a: 1 } };
    const { place } = openApp('/', new InMemoryApi(taken));
    await userEvent.click(await screen.findByRole('button', { name: /id or input/ }));
    const id = await screen.findByRole('textbox', { name: 'Workflow id' });
    await userEvent.type(id, 'taken');
    await userEvent.click(screen.getByRole('button', { name: 'Start' }));
    expect(await screen.findByText('taken was started with another input')).toBeTruthy();

    await userEvent.type(id, '-2');
    expect(screen.queryByText('taken was started with another input')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Start' }));
    await waitFor(() => expect(place()).toBe('/workflows/taken-2'));
  });
});
