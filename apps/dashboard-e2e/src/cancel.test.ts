import { expect, test } from './journey.js';
import { picture } from './pictures.js';

test('a running workflow is cancelled, with a word why', async ({ dashboard, page }) => {
  await dashboard.open();
  await dashboard.startWith({ input: { delayMs: 6_000 } });
  await expect(dashboard.node('A')).toContainText('Running');

  const dialog = await dashboard.ask('Cancel', 'Cancel this workflow?');
  await dialog.getByRole('textbox', { name: 'Note' }).fill('wrong input');
  await picture(page, 'cancel-dialog');
  await dashboard.confirm(dialog, 'Cancel workflow', 'It is cancelled');

  await expect(dashboard.header()).toContainText('Cancelled');
  await expect(dashboard.header()).toContainText('wrong input');
  for (const taskId of ['A', 'B1', 'B2', 'B3', 'C'])
    await expect(dashboard.node(taskId)).toContainText('Cancelled');
  await expect(dashboard.rows().first()).toContainText('Cancelled');
  await picture(page, 'cancelled');

  await dashboard.showHistory();
  const order = dashboard.events().filter({ hasText: 'Workflow cancelled' });
  await expect(order).toContainText('wrong input');
  await expect(order).toContainText('operator');
  await expect(dashboard.events().filter({ hasText: 'A was cancelled' })).toHaveCount(1);
  await picture(page, 'cancelled-history');
});

test('by keyboard, and with second thoughts: it keeps running', async ({ dashboard, page }) => {
  const posts: string[] = [];
  await dashboard.open();
  await dashboard.startWith({ input: { delayMs: 2_000 } });
  page.on('request', (request) => {
    if (request.method() === 'POST') posts.push(request.url());
  });
  const opener = page.getByRole('button', { name: 'Cancel', exact: true });
  await opener.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Cancel this workflow?' });
  await expect(dialog.getByRole('button', { name: 'Keep running' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
  await expect(dashboard.header()).toContainText('Success');
  expect(posts).toEqual([]);
});
