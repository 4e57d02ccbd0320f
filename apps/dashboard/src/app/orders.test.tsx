import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { InMemoryApi } from '../testing/in-memory-api.js';
import { openApp } from '../testing/open-app.js';
import { failed, running, succeeded, whySkipped } from '../testing/samples.js';

const dialog = (name: string | RegExp) => screen.findByRole('dialog', { name });
const button = (name: string | RegExp) => screen.findByRole('button', { name });
const pressed = (name: string | RegExp) => button(name).then((found) => userEvent.click(found));
const texts = (place: HTMLElement, name: string) =>
  within(within(place).getByRole('region', { name }))
    .getAllByRole('listitem')
    .map((item) => item.textContent);

describe('cancelling a workflow', () => {
  const path = `/workflows/${running.workflowId}`;

  it('asks first, sends the note, and tells what came of it', async () => {
    const api = new InMemoryApi(running);
    openApp(path, api);
    await pressed('Cancel');
    const asking = await dialog('Cancel this workflow?');
    await userEvent.type(within(asking).getByRole('textbox', { name: 'Note' }), ' wrong input ');
    expect(api.orders).toEqual([]);

    await userEvent.click(within(asking).getByRole('button', { name: 'Cancel workflow' }));
    expect(await within(asking).findByText(/It is cancelled/)).toBeTruthy();
    expect(api.orders).toEqual([{ note: 'wrong input' }]);
    const close = within(asking).getByRole('button', { name: 'Close' });
    await waitFor(() => expect(document.activeElement).toBe(close));
    expect(await screen.findByText('wrong input')).toBeTruthy();
    expect(await screen.findByText('Cancelled', { selector: 'header *' })).toBeTruthy();
  });

  it('begins at the button that changes nothing, and gives the focus back', async () => {
    const api = new InMemoryApi(running);
    openApp(path, api);
    const opener = await button('Cancel');
    await userEvent.click(opener);
    const asking = await dialog('Cancel this workflow?');
    const keep = within(asking).getByRole('button', { name: 'Keep running' });
    await waitFor(() => expect(document.activeElement).toBe(keep));
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(opener));
    expect(api.orders).toEqual([]);
  });

  it('sends one order, however fast it is clicked', async () => {
    const api = new InMemoryApi(running);
    openApp(path, api);
    await pressed('Cancel');
    const send = within(await dialog(/Cancel/)).getByRole('button', { name: 'Cancel workflow' });
    act(() => {
      fireEvent.click(send);
      fireEvent.click(send);
    });
    expect(await screen.findByText(/It is cancelled/)).toBeTruthy();
    expect(api.callsTo(`POST ${path}/cancel`)).toBe(1);
  });

  it('says all that the API says against it, and can be tried again', async () => {
    const api = new InMemoryApi(running);
    api.refusal = {
      title: 'Conflict',
      status: 409,
      detail: 'The workflow has ended',
      errors: [{ path: 'note', message: 'is too long' }],
      requestId: 'request-7',
    };
    openApp(path, api);
    await pressed('Cancel');
    await pressed('Cancel workflow');
    const alert = await screen.findByRole('alert');
    for (const words of ['Conflict', 'The workflow has ended', 'note: is too long', 'request-7'])
      expect(alert.textContent).toContain(words);

    api.refusal = undefined;
    await pressed('Cancel workflow');
    expect(await screen.findByText(/It is cancelled/)).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('does not claim to know what became of it when there was no answer', async () => {
    const api = new InMemoryApi(running);
    openApp(path, api);
    await pressed('Cancel');
    await dialog(/Cancel/);
    api.reachable = false;
    await pressed('Cancel workflow');
    expect((await screen.findByRole('alert')).textContent).toContain('not known');
  });

  it('is not offered once the workflow is finished', async () => {
    openApp(`/workflows/${succeeded.workflowId}`, new InMemoryApi(succeeded));
    await screen.findByRole('heading', { name: succeeded.workflowId });
    expect(screen.queryByRole('button', { name: /^(Cancel|Redrive)$/ })).toBeNull();
  });
});

describe('redriving a workflow', () => {
  const path = `/workflows/${failed.workflowId}`;

  it('shows what will run and what is kept before anything is done', async () => {
    const api = new InMemoryApi(failed);
    openApp(path, api);
    await pressed('Redrive');
    const asking = await dialog('Redrive this workflow?');
    await within(asking).findByRole('region', { name: 'Run again' });
    expect(texts(asking, 'Run again')).toEqual(['B2', 'C']);
    expect(texts(asking, 'Keep their output')).toEqual(['A', 'B1', 'B3']);
    expect(api.orders).toEqual([]);

    await userEvent.click(within(asking).getByRole('button', { name: 'Redrive workflow' }));
    expect(await within(asking).findByText('2 tasks run again, 3 keep their output.')).toBeTruthy();
    expect(api.orders).toEqual([{}]);
    expect(await screen.findByText('redriven 1 time')).toBeTruthy();
    await userEvent.click(within(asking).getByRole('button', { name: 'Close' }));
    await waitFor(async () => expect(document.activeElement).toBe(await button('Cancel')));
  });

  it('cannot be sent before the preview is there, and says why there is none', async () => {
    const api = new InMemoryApi(failed);
    openApp(path, api);
    await button('Redrive');
    api.put({ ...failed, status: 'RUNNING' });
    await pressed('Redrive');
    const asking = await dialog('Redrive this workflow?');
    expect((await within(asking).findByRole('alert')).textContent).toContain('still RUNNING');
    const send = within(asking).getByRole<HTMLButtonElement>('button', {
      name: 'Redrive workflow',
    });
    expect(send.disabled).toBe(true);
  });

  it('leaves the focus on the name of the workflow when its button is gone', async () => {
    const api = new InMemoryApi(failed);
    openApp(path, api);
    await pressed('Redrive');
    await screen.findByRole('region', { name: 'Run again' });
    await pressed('Redrive workflow');
    const close = await button('Close');
    api.put({ ...succeeded, workflowId: failed.workflowId, epoch: 2 });
    await waitFor(
      () => expect(screen.queryByRole('button', { name: 'Cancel', hidden: true })).toBeNull(),
      {
        timeout: 3_000,
      },
    );
    await userEvent.click(close);
    const name = await screen.findByRole('heading', { name: failed.workflowId });
    await waitFor(() => expect(document.activeElement).toBe(name));
  });
});

describe('running one task again', () => {
  const path = `/workflows/${succeeded.workflowId}?task=B2`;
  const rerun = `POST /workflows/${succeeded.workflowId}/tasks/B2/rerun`;

  it('shows for both choices what they would do', async () => {
    const api = new InMemoryApi(succeeded);
    openApp(path, api);
    await pressed('Run again');
    const asking = await dialog('Run B2 again?');
    await within(asking).findByRole('region', { name: 'Run again' });
    expect(texts(asking, 'Run again')).toEqual(['B2', 'C']);

    await userEvent.click(within(asking).getByRole('radio', { name: 'This task only' }));
    await waitFor(() => expect(texts(asking, 'Run again')).toEqual(['B2']));
    expect(texts(asking, 'Keep their output')).toEqual(['A', 'B1', 'B3', 'C']);
    expect(api.callsTo(`${rerun}?dryRun=true`)).toBe(2);
    expect(api.callsTo(rerun)).toBe(0);

    await userEvent.click(within(asking).getByRole('button', { name: 'Run B2 again' }));
    expect(await within(asking).findByText('1 task runs again, 4 keep their output.')).toBeTruthy();
    expect(api.orders).toEqual([{ downstream: false }]);
  });

  it('is left with Escape without closing the task behind it', async () => {
    openApp(path, new InMemoryApi(succeeded));
    const opener = await button('Run again');
    await userEvent.click(opener);
    await dialog('Run B2 again?');
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(screen.getByRole('complementary', { name: 'Task B2' })).toBeTruthy();
    await waitFor(() => expect(document.activeElement).toBe(opener));
  });

  it('is not offered while the workflow runs', async () => {
    openApp(`/workflows/${running.workflowId}?task=A`, new InMemoryApi(running));
    await screen.findByRole('complementary', { name: 'Task A' });
    expect(screen.queryByRole('button', { name: 'Run again' })).toBeNull();
  });
});

describe('what a workflow and a task say of themselves', () => {
  it('names the deadline that ended it', async () => {
    const late = { ...failed, reason: 'TIMEOUT' as const, epoch: 3 };
    openApp(`/workflows/${late.workflowId}`, new InMemoryApi(late));
    expect(await screen.findByText('It reached its deadline before it ended')).toBeTruthy();
    expect(screen.getByText('redriven 2 times')).toBeTruthy();
  });

  it('explains a task, and leads to the tasks it names', async () => {
    const api = new InMemoryApi(failed);
    api.explanations.set('C', whySkipped);
    const { place } = openApp(`/workflows/${failed.workflowId}?task=C`, api);
    const why = await screen.findByRole('status', { name: 'Why' });
    await waitFor(() => expect(why.textContent).toBe('It was skipped because B2 failed.'));
    await userEvent.click(within(why).getByRole('link', { name: 'B2' }));
    const panel = await screen.findByRole('complementary', { name: 'Task B2' });
    expect(place()).toContain('?task=B2');
    expect(panel.contains(document.activeElement)).toBe(true);
  });

  it('says when a task is tried again', async () => {
    const notBefore = '2026-11-24T05:26:00.000Z';
    const tasks = running.tasks.map((task) =>
      task.taskId === 'B3' ? { ...task, attempt: 2, notBefore } : task,
    );
    openApp(`/workflows/${running.workflowId}?task=B3`, new InMemoryApi({ ...running, tasks }));
    const name = await screen.findByText('Retries at');
    expect(name.nextElementSibling?.querySelector('time')?.dateTime).toBe(notBefore);
  });
});
