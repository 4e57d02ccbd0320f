/** Pictures for people: of every state, in both colour schemes, on a desk and on a phone. */
import { fileURLToPath } from 'node:url';
import { expect, test, type Dashboard } from './journey.js';

const folder = fileURLToPath(new URL('../test-output/screenshots/', import.meta.url));

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
};

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } });
    for (const [name, play] of Object.entries(scenes)) {
      test(name, async ({ dashboard, page }) => {
        await dashboard.open();
        await play(dashboard);
        await page.screenshot({ path: `${folder}${name}-${colorScheme}.png` });
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
      await page.screenshot({ path: `${folder}list-phone-${width}.png` });
      await expectToFit();
      await scenes.failed(dashboard);
      await page.screenshot({ path: `${folder}failed-phone-${width}.png` });
      await expectToFit();
      await page.getByRole('link', { name: 'All workflows', exact: true }).click();
      await scenes.running(dashboard);
      await page.screenshot({ path: `${folder}running-phone-${width}.png` });
      await expectToFit();
    });
  });
}
