/** Pictures for people, in `test-output/screenshots/`. */
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';

const folder = fileURLToPath(new URL('../test-output/screenshots/', import.meta.url));

export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${folder}${name}.png` });
}
