import { expect, test } from './journey.js';

test('bad JSON is said at its field and nothing is written', async ({ dashboard, page }) => {
  const posts: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') posts.push(request.url());
  });
  await dashboard.open();
  const dialog = await dashboard.fillStartDialog({ workflowId: 'bad-json', input: '{"delayMs":' });
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(dialog.getByText(/^Not JSON/)).toBeVisible();
  await expect(dialog).toBeVisible();

  expect(posts).toEqual([]);
  const answer = await page.request.get(`${process.env['ORCHESTRA_E2E_API']}workflows/bad-json`);
  expect(answer.status()).toBe(404);
});

test.describe('an id that is taken', () => {
  test.use({ expectedConsole: [/409/] });

  test('is said at its field, and another id starts', async ({ dashboard, page }) => {
    await dashboard.open();
    await dashboard.startWith({ workflowId: 'taken', input: { delayMs: 50 } });
    await expect(page).toHaveURL(/\/workflows\/taken$/);

    const dialog = await dashboard.fillStartDialog({
      workflowId: 'taken',
      input: '{"delayMs":51}',
    });
    await dialog.getByRole('button', { name: 'Start', exact: true }).click();
    await expect(dialog.getByText(/taken.*another input/)).toBeVisible();
    await expect(dialog.getByRole('textbox', { name: 'Workflow id' })).toHaveAttribute(
      'aria-invalid',
      'true',
    );

    await dialog.getByRole('textbox', { name: 'Workflow id' }).fill('free');
    await dialog.getByRole('button', { name: 'Start', exact: true }).click();
    await expect(page).toHaveURL(/\/workflows\/free$/);
  });

  test('by the same start is the same workflow', async ({ dashboard, page }) => {
    await dashboard.open();
    await dashboard.startWith({ workflowId: 'twice', input: { delayMs: 50 } });
    await expect(dashboard.header()).toContainText('Success');
    await dashboard.startWith({ workflowId: 'twice', input: { delayMs: 50 } });
    await expect(page).toHaveURL(/\/workflows\/twice$/);
    await expect(dashboard.rows().filter({ hasText: 'twice' })).toHaveCount(1);
  });
});
