/** Which shots are taken, by a seed. Pure. */
import { oneOf, randomOf } from '../aws-endpoint/faults-plan.js';
import type { Shot, Victim } from './protocol.js';

/** Each exactly once, in an order of the seed's. */
export function shuffled<T>(all: readonly T[], seed: number): readonly T[] {
  const random = randomOf(seed);
  const left = [...all];
  const result: T[] = [];
  while (left.length > 0) {
    const next = oneOf(left, random());
    left.splice(left.indexOf(next), 1);
    result.push(next);
  }
  return result;
}

/** So many at random of each victim, in an order of the seed's; all where there are not as many. */
export function drawn(
  shots: readonly Shot[],
  seed: number,
  counts: Readonly<Record<Victim, number>>,
): readonly Shot[] {
  const left = { ...counts };
  return shuffled(shots, seed).filter(({ victim }) => {
    left[victim] -= 1;
    return left[victim] >= 0;
  });
}
