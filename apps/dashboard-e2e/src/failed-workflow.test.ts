import { expect, test } from './journey.js';

test('a failed task shows its error, what followed from it, and where the workflow ended', async ({
  dashboard,
  page,
}) => {
  await dashboard.open();
  await dashboard.startWith({ input: { failAttempts: { B2: 99 }, delayMs: 200 } });
  await expect(dashboard.header()).toContainText('Failed');
  await expect(dashboard.node('B2')).toContainText('Failed');
  await expect(dashboard.node('C')).toContainText('Skipped');
  for (const taskId of ['A', 'B1', 'B3'])
    await expect(dashboard.node(taskId)).toContainText('Succeeded');

  await page.getByRole('button', { name: /^B2 failed/ }).click();
  const error = dashboard.panel('B2').getByRole('region', { name: 'Error' });
  await expect(error.getByRole('heading')).not.toBeEmpty();
  await expect(error.getByRole('region', { name: 'Trace' })).not.toBeEmpty();

  await dashboard.node('C').focus();
  await page.keyboard.press('Enter');
  await expect(dashboard.panel('C')).toContainText('UPSTREAM_FAILED');
});

test('the list can be narrowed to what failed', async ({ dashboard, page }) => {
  await dashboard.open();
  await dashboard.startWith({ input: { failAttempts: { A: 99 }, delayMs: 50 } });
  await expect(dashboard.header()).toContainText('Failed');
  const workflowId = await dashboard.workflowId();
  await page.getByRole('link', { name: 'Failed', exact: true }).click();
  await expect(page).toHaveURL(/status=FAILED/);
  await expect(dashboard.rows().first()).toContainText(workflowId);
  for (const row of await dashboard.rows().all()) await expect(row).toContainText('Failed');
});
