import { expect, test } from './journey.js';
import { picture } from './pictures.js';

test('a failed workflow is redriven, and both attempts are kept', async ({ dashboard, page }) => {
  await dashboard.open();
  await dashboard.startWith({ input: { failAttempts: { B2: 1 }, delayMs: 300 } });
  await expect(dashboard.header()).toContainText('Failed');

  const dialog = await dashboard.ask('Redrive', 'Redrive this workflow?');
  await expect(dashboard.names(dialog, 'Run again')).toHaveText(['B2', 'C']);
  await expect(dashboard.names(dialog, 'Keep their output')).toHaveText(['A', 'B1', 'B3']);
  await picture(page, 'redrive-dialog');
  await dashboard.confirm(dialog, 'Redrive workflow', '2 tasks run again, 3 keep their output.');

  await expect(dashboard.header()).toContainText('Success');
  await expect(dashboard.header()).toContainText('redriven 1 time');
  await expect(dashboard.node('C')).toContainText('Succeeded');
  await dashboard.node('B2').click();
  const attempts = dashboard.attempts('B2');
  await expect(attempts).toHaveCount(2);
  await expect(attempts.nth(0)).toContainText('#2');
  await expect(attempts.nth(1)).toContainText('#1');
  await expect(attempts.nth(1)).toContainText('fails on attempt 1');
  const before = dashboard.panel('B2').getByRole('heading', { name: 'Before redrive 1' });
  await before.scrollIntoViewIfNeeded();
  await picture(page, 'redriven');

  await dashboard.showHistory();
  await expect(dashboard.events().filter({ hasText: 'Workflow redriven' })).toHaveCount(1);
  await expect(dashboard.events().last()).toContainText('Workflow succeeded');
  await picture(page, 'redriven-history');
});

test('one task runs again, and nothing below it', async ({ dashboard, page }) => {
  await dashboard.open();
  await dashboard.startWith({ input: { delayMs: 200 } });
  await expect(dashboard.header()).toContainText('Success');
  await dashboard.node('B1').click();

  const dialog = await dashboard.ask('Run again', 'Run B1 again?');
  await expect(dashboard.names(dialog, 'Run again')).toHaveText(['B1', 'C']);
  await dialog.getByRole('radio', { name: 'This task only' }).click();
  await expect(dashboard.names(dialog, 'Run again')).toHaveText(['B1']);
  await picture(page, 'rerun-dialog');
  await dashboard.confirm(dialog, 'Run B1 again', '1 task runs again, 4 keep their output.');

  await expect(dashboard.node('B1')).toContainText('try 2');
  await expect(dashboard.header()).toContainText('Success');
  await expect(dashboard.attempts('B1')).toHaveCount(2);
  await picture(page, 'rerun');
  await dashboard.node('C').click();
  await expect(dashboard.attempts('C')).toHaveCount(1);
});
