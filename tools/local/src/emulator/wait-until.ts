import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  readonly withinMs: number;
  readonly everyMs: number;
}

/** Asks until the answer is true. @returns false when `withinMs` have gone by without it. */
export async function waitUntil(
  isSo: () => boolean | Promise<boolean>,
  { withinMs, everyMs }: Patience,
): Promise<boolean> {
  const giveUpAt = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() >= giveUpAt) return false;
    await pause(everyMs);
  }
  return true;
}
