import { expect, test } from './journey.js';

/** S3 website hosting answers an address inside the app with the app and a 404, which the browser mentions. */
test.use({ expectedConsole: [/404.*\/workflows\//] });

test('a link to a task survives a reload in the middle of a run', async ({ dashboard, page }) => {
  await dashboard.open();
  await dashboard.startWith({ input: { delayMs: 1_500 } });
  await dashboard.node('C').click();
  await expect(dashboard.panel('C')).toBeVisible();
  await expect(dashboard.header()).toContainText('Running');

  const link = page.url();
  await page.reload();
  expect(page.url()).toBe(link);
  await expect(dashboard.panel('C')).toBeVisible();
  await expect(dashboard.header()).toContainText('Success');
  await expect(dashboard.panel('C').getByRole('region', { name: 'output' })).toBeVisible();

  await page.keyboard.press('Escape');
});

test('an id that was never started is said to be missing', async ({ dashboard, page }) => {
  await dashboard.open('/workflows/never-started');
  await expect(page.getByText('There is no workflow never-started')).toBeVisible();
});
