import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { InMemoryApi } from '../testing/in-memory-api.js';
import { openApp } from '../testing/open-app.js';
import { mapItems, mapping, withTasks } from '../testing/samples.js';

const place = `/workflows/${mapping.workflowId}`;

function apiOf(workflow = mapping) {
  const api = new InMemoryApi(workflow);
  api.items.set('B', mapItems);
  return api;
}

const panelOf = (taskId: string) => screen.findByRole('complementary', { name: `Task ${taskId}` });

describe('a map', () => {
  it('is one node of the graph, which counts the items that have ended', async () => {
    openApp(place, apiOf());
    expect(
      await screen.findByRole('button', { name: 'Task B, Running, 3 of 10 items' }),
    ).toBeTruthy();
    expect(screen.queryByRole('button', { name: /Task B\[/ })).toBeNull();
  });

  it('lists its items in its panel, page after page, with their labels and what went wrong', async () => {
    const api = apiOf();
    api.tasksPerPage = 6;
    openApp(`${place}?task=B`, api);
    const panel = await panelOf('B');
    const list = await within(panel).findByRole('list', { name: 'Items of B' });
    await waitFor(() => expect(within(list).getAllByRole('listitem')).toHaveLength(6));
    expect(list.textContent).toContain('B[1]photo 1.jpgFailedBadPhoto: photo 1.jpg is no photo');
    expect(panel.textContent).toContain('Calls B1 for each of 10 items');
    expect(await within(panel).findByText('2 succeeded, 1 failed, 7 pending')).toBeTruthy();
    await userEvent.click(within(panel).getByRole('button', { name: 'Show more' }));
    await waitFor(() => expect(within(list).getAllByRole('listitem')).toHaveLength(10));
    expect(within(panel).queryByRole('button', { name: 'Show more' })).toBeNull();
  });

  it('leads to each of its items, and they lead back', async () => {
    const { place: now } = openApp(`${place}?task=B`, apiOf());
    await userEvent.click(await screen.findByRole('link', { name: 'B[1]' }));
    const panel = await panelOf('B[1]');
    expect(now()).toContain('task=B%5B1%5D');
    expect(panel.textContent).toContain('photo 1.jpg');
    await userEvent.click(within(panel).getByRole('link', { name: 'B' }));
    await panelOf('B');
  });

  it('is not asked for its items once it has ended', async () => {
    const ended = mapping.tasks.map((task) =>
      task.taskId === 'B' ? { ...task, status: 'SUCCEEDED' as const } : task,
    );
    const api = apiOf({ ...mapping, ...withTasks(ended) });
    openApp(place, api);
    await screen.findByRole('button', { name: 'Task B, Succeeded, 10 of 10 items' });
    expect(api.callsTo(`GET ${place}/tasks/B`)).toBe(0);
  });
});

describe('an item of a map', () => {
  it('is shown from a link, with what it runs for', async () => {
    openApp(`${place}?task=B%5B2%5D`, apiOf());
    const panel = await panelOf('B[2]');
    expect(panel.textContent).toContain('photo 2.jpg');
    const map = await screen.findByRole('button', { name: /^Task B,/ });
    expect(map.getAttribute('aria-pressed')).toBe('true');
  });

  it('that does not exist opens nothing', async () => {
    openApp(`${place}?task=B%5B99%5D`, apiOf());
    await screen.findByRole('button', { name: /^Task B,/ });
    expect(screen.queryByRole('complementary', { name: /Task/ })).toBeNull();
  });
});

describe('a task that waits', () => {
  it('says until when', async () => {
    const wakeAt = '2026-11-24T09:00:00.000Z';
    const waiting = mapping.tasks.map((task) =>
      task.taskId === 'pause'
        ? { ...task, status: 'RUNNING' as const, suspendedAt: mapping.createdAt, wakeAt }
        : task,
    );
    openApp(`${place}?task=pause`, apiOf({ ...mapping, ...withTasks(waiting) }));
    expect(await screen.findByRole('button', { name: 'Task pause, Waiting' })).toBeTruthy();
    const panel = await panelOf('pause');
    expect(within(panel).getByText('Waits until')).toBeTruthy();
    expect(within(panel).getByTitle(wakeAt)).toBeTruthy();
    expect(panel.textContent).not.toContain('Function');
  });
});

describe('a hook', () => {
  it('says when it runs, and that it follows all tasks', async () => {
    openApp(`${place}?task=tell`, apiOf());
    const panel = await panelOf('tell');
    expect(panel.textContent).toContain('Hookon failure');
    expect(panel.textContent).toContain('Depends onthe end of all tasks');
  });
});
