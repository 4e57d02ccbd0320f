import { expect, test } from './journey.js';
import { picture } from './pictures.js';

test('a skipped task says why, and leads to the task that failed', async ({ dashboard, page }) => {
  await dashboard.open();
  await dashboard.startWith({ input: { failAttempts: { B2: 99 }, delayMs: 100 } });
  await expect(dashboard.header()).toContainText('Failed');
  await dashboard.node('C').click();
  await expect(dashboard.why('C')).toHaveText('It was skipped because B2 failed.');
  await picture(page, 'explained');

  await dashboard.why('C').getByRole('link', { name: 'B2' }).click();
  await expect(dashboard.why('B2')).toContainText('Attempt 1 failed with');
  await expect(page).toHaveURL(/task=B2/);
});

test('a waiting task says what for, until it runs', async ({ dashboard }) => {
  await dashboard.open();
  await dashboard.startWith({ input: { delayMs: 1_500 } });
  await dashboard.node('C').click();
  await expect(dashboard.why('C')).toContainText(/It waits for B1, B2, B3/);
  await expect(dashboard.why('C')).toContainText('Attempt 1 runs since');
  await expect(dashboard.why('C')).toHaveText('It succeeded on attempt 1.');
});
