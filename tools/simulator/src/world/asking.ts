/** A patient caller: it asks again, with the same words, until it is answered. */
import type { Ended } from './lambda.js';
import type { World } from './world.js';

const ASK_AGAIN_MS = [200, 2_000, 9_000];

export async function ask<Answer>(
  { kernel }: World,
  request: () => Promise<Ended<Answer>>,
): Promise<Answer> {
  for (;;) {
    const ended = await request();
    if (ended.kind === 'answered') return ended.answer;
    await pause(kernel, kernel.random.pick(ASK_AGAIN_MS));
  }
}

export const pause = (kernel: World['kernel'], milliseconds: number): Promise<void> =>
  new Promise((resolve) => kernel.later(milliseconds, resolve));
