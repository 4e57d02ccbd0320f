import { drawn, shuffled } from './draw.js';
import type { Shot } from './protocol.js';

const shots: readonly Shot[] = (['sandbox', 'engine', 'runtime'] as const).flatMap((victim) =>
  Array.from({ length: 30 }, (_, n) => ({ label: `call #${n}`, side: 'before' as const, victim })),
);
const counts = { sandbox: 5, engine: 2, runtime: 1 };

describe('drawing shots', () => {
  it('gives the same for the same seed and others for another', () => {
    expect(drawn(shots, 1, counts)).toEqual(drawn(shots, 1, counts));
    expect(drawn(shots, 1, counts)).not.toEqual(drawn(shots, 2, counts));
  });

  it('gives as many of each victim as asked, none twice', () => {
    const taken = drawn(shots, 3, counts);
    const of = (victim: string) => taken.filter((shot) => shot.victim === victim).length;
    expect([of('sandbox'), of('engine'), of('runtime')]).toEqual([5, 2, 1]);
    expect(new Set(taken).size).toBe(8);
  });

  it('gives all where there are not as many', () => {
    expect(drawn(shots.slice(0, 3), 1, counts)).toHaveLength(3);
  });

  it('shuffles without losing any', () => {
    const all = shuffled(shots, 4);
    expect(all).not.toEqual(shots);
    expect(new Set(all)).toEqual(new Set(shots));
  });
});
