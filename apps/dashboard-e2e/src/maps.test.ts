/** A map and its items, a wait and hooks, on the real stack. */
import { expect, test } from './journey.js';
import { picture } from './pictures.js';

const ITEMS = 60;
const definition = {
  name: 'photos',
  tasks: [
    { id: 'list', function: 'A', input: { delayMs: 100 } },
    {
      id: 'resize',
      function: 'A',
      dependsOn: ['list'],
      forEach: '{% [1..workflow.input.photos].{ "name": "photo-" & $ & ".jpg" } %}',
      label: '{% item.name %}',
      maxConcurrency: 2,
      toleratedFailures: { count: 1 },
      input: {
        delayMs: '{% workflow.input.delayMs %}',
        failAttempts: '{% index = 2 ? { "resize[2]": 9 } : {} %}',
      },
    },
    { id: 'settle', wait: { seconds: 3 }, dependsOn: ['resize'] },
    { id: 'publish', function: 'A', dependsOn: ['settle'], input: { delayMs: 100 } },
  ],
  onFailure: [{ id: 'alert', function: 'A', input: { delayMs: 0 } }],
  finally: [{ id: 'clean-up', function: 'A', input: { delayMs: 0 } }],
};

const API = process.env['ORCHESTRA_E2E_API'] ?? '';
const ask = async (path: string, method: string, body: object): Promise<void> => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${API.replace(/\/$/, '')}/${path}`, {
    ...{ method, headers },
    body: JSON.stringify(body),
  });
  expect(answer.ok, await answer.text()).toBe(true);
};
const start = async (workflowId: string, photos: number, delayMs: number): Promise<void> => {
  await ask('definitions/photos', 'PUT', definition);
  await ask('workflows', 'POST', { workflowId, definition: 'photos', input: { photos, delayMs } });
};

/** A page that is opened at its address is answered 404, with the page. */
test.use({ expectedConsole: [/status of 404 .*\/workflows\/(short-)?album/] });

test('a map counts its items as they end, and each of them can be looked into', async ({
  dashboard,
  page,
}) => {
  await start('album', ITEMS, 200);
  await dashboard.open('/workflows/album');
  await expect(dashboard.node('resize')).toContainText(/^.*[1-9]\d?\/60/);
  await dashboard.node('resize').click();
  const items = dashboard.panel('resize').getByRole('list', { name: 'Items of resize' });
  await expect(items.getByRole('listitem')).toHaveCount(50);
  await expect(items.getByRole('listitem').nth(2)).toContainText('photo-3.jpg');
  await picture(page, 'map-running');
  await dashboard.panel('resize').getByRole('button', { name: 'Show more' }).click();
  await expect(items.getByRole('listitem')).toHaveCount(ITEMS);

  await items.getByRole('link', { name: 'resize[2]' }).click();
  const panel = dashboard.panel('resize[2]');
  await expect(panel).toContainText('photo-3.jpg');
  await expect(panel).toContainText('SampleFailure');
  await expect(panel.getByRole('region', { name: 'item' })).toContainText('photo-3.jpg');
  await picture(page, 'map-item');
  await panel.getByRole('link', { name: 'resize', exact: true }).click();
  await expect(dashboard.panel('resize')).toBeVisible();
});

test('a wait says until when, and hooks come last', async ({ dashboard, page }) => {
  await start('short-album', 3, 0);
  await dashboard.open('/workflows/short-album?task=settle');
  await expect(dashboard.node('settle')).toContainText('Waiting');
  await expect(dashboard.panel('settle')).toContainText('Waits until');
  await picture(page, 'wait');
  await expect(dashboard.header()).toContainText('Success');
  await expect(dashboard.node('resize')).toContainText('3/3');
  await expect(dashboard.node('alert')).toContainText('Skipped');
  await expect(dashboard.node('clean-up')).toContainText('Succeeded');
  await dashboard.panel('settle').getByRole('button', { name: 'Close the task' }).click();
  await picture(page, 'hooks');
  await dashboard.showHistory();
  await expect(dashboard.events().filter({ hasText: 'For its 3 items' })).toHaveCount(1);
  await picture(page, 'map-history');
});
