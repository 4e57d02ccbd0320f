/** Pictures for people: of every state, in both colour schemes, on a desk and on a phone. */
import { expect, test, type Dashboard } from './journey.js';
import { picture } from './pictures.js';

const scenes = {
  running: async (dashboard: Dashboard) => {
    await dashboard.startWith({ input: { delayMs: 3_000 } });
    await expect(dashboard.node('B1')).toContainText('Running');
  },
  success: async (dashboard: Dashboard) => {
    await dashboard.startWith({ input: { delayMs: 300 } });
    await expect(dashboard.header()).toContainText('Success');
    await dashboard.node('B2').click();
    await expect(dashboard.panel('B2').getByRole('region', { name: 'output' })).toBeVisible();
  },
  failed: async (dashboard: Dashboard) => {
    await dashboard.startWith({ input: { failAttempts: { B2: 99 }, delayMs: 300 } });
    await expect(dashboard.header()).toContainText('Failed');
    await dashboard.node('B2').click();
    await expect(dashboard.panel('B2').getByRole('region', { name: 'Trace' })).toBeVisible();
  },
  /** Cancelled by an operator, and about to be redriven. */
  redrive: async (dashboard: Dashboard) => {
    await dashboard.startWith({ input: { delayMs: 3_000 } });
    await expect(dashboard.node('A')).toContainText('Running');
    const cancel = await dashboard.ask('Cancel', 'Cancel this workflow?');
    await cancel.getByRole('textbox', { name: 'Note' }).fill(NOTE);
    await dashboard.confirm(cancel, 'Cancel workflow', 'It is cancelled');
    await expect(dashboard.header()).toContainText('Cancelled');
    const redrive = await dashboard.ask('Redrive', 'Redrive this workflow?');
    await expect(dashboard.names(redrive, 'Run again').first()).toBeVisible();
  },
  /** The same, redriven, with all that happened to it. */
  history: async (dashboard: Dashboard) => {
    await scenes.redrive(dashboard);
    const redrive = dashboard.page.getByRole('dialog');
    await redrive.getByRole('textbox', { name: 'Note' }).fill('The right file is there');
    await dashboard.confirm(redrive, 'Redrive workflow', 'run again');
    await dashboard.showHistory();
    await expect(dashboard.events().filter({ hasText: 'Workflow redriven' })).toHaveCount(1);
  },
};

const NOTE = 'The supplier sent the file of yesterday again: stop before it reaches the ledger';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } });
    for (const [name, play] of Object.entries(scenes)) {
      test(name, async ({ dashboard, page }) => {
        await dashboard.open();
        await play(dashboard);
        await picture(page, `${name}-${colorScheme}`);
      });
    }
  });
}

for (const width of [390, 360]) {
  test.describe(`on a phone ${width} pixels wide`, () => {
    test.use({ viewport: { width, height: 844 } });

    test('everything fits', async ({ dashboard, page }) => {
      const expectToFit = async () => {
        const overflow = await page.evaluate(() => document.body.scrollWidth - window.innerWidth);
        expect(overflow, 'pixels that stick out to the right').toBeLessThanOrEqual(0);
      };
      await dashboard.open();
      await picture(page, `list-phone-${width}`);
      await expectToFit();
      await scenes.failed(dashboard);
      await picture(page, `failed-phone-${width}`);
      await expectToFit();
      await page.getByRole('link', { name: 'All workflows', exact: true }).click();
      await scenes.running(dashboard);
      await picture(page, `running-phone-${width}`);
      await expectToFit();
      await page.getByRole('link', { name: 'All workflows', exact: true }).click();
      await scenes.redrive(dashboard);
      await picture(page, `redrive-phone-${width}`);
      await expectToFit();
      await page.keyboard.press('Escape');
      await dashboard.showHistory();
      await expect(dashboard.events().filter({ hasText: 'Workflow cancelled' })).toHaveCount(1);
      await picture(page, `history-phone-${width}`);
      await expectToFit();
    });
  });
}
