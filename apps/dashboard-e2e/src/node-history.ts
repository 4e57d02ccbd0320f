/** Records, inside the page, every status each task shows and every place its node takes. */
import type { Page } from '@playwright/test';

export interface NodeHistory {
  readonly statuses: readonly string[];
  /** `x,y,width,height` on the screen; one entry when it never moved. */
  readonly boxes: readonly string[];
}

declare global {
  interface Window {
    nodeHistory?: Record<string, { statuses: string[]; boxes: string[] }>;
  }
}

/** Call when the graph is there; what the statuses were before is not known. */
export async function recordNodes(page: Page): Promise<void> {
  await page.locator('.react-flow__node').first().waitFor();
  await page.evaluate(() => {
    const history = (window.nodeHistory = {} as NonNullable<Window['nodeHistory']>);
    const note = (list: string[], entry: string) => {
      if (list.at(-1) !== entry) list.push(entry);
    };
    const look = () => {
      for (const node of document.querySelectorAll<HTMLElement>('.react-flow__node')) {
        const seen = (history[node.dataset['id'] ?? ''] ??= { statuses: [], boxes: [] });
        const { x, y, width, height } = node.getBoundingClientRect();
        note(seen.boxes, [x, y, width, height].map((length) => length.toFixed(1)).join());
        note(
          seen.statuses,
          node.querySelector<HTMLElement>('[data-status]')?.dataset['status'] ?? '',
        );
      }
    };
    look();
    const canvas = document.querySelector('.react-flow');
    if (!canvas) throw new Error('there is no graph');
    new MutationObserver(look).observe(canvas, {
      subtree: true,
      childList: true,
      attributes: true,
    });
  });
}

export async function nodeHistory(page: Page): Promise<Record<string, NodeHistory>> {
  return page.evaluate(() => window.nodeHistory ?? {});
}
