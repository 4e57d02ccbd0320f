import { describe as told, run, sum, type Campaign } from './campaign.js';
import { USES } from './checks/used.js';
import { simulate } from './simulate.js';
import { FAULTS } from './world/faults.js';

/** Together the 3,000 that have to pass; in parts, so that a red one is seen early. */
const PARTS = [0, 1, 2, 3, 4, 5];
const SEEDS_A_PART = 500;
const PATIENCE_MS = 3 * 60_000;

describe('a simulated run', () => {
  it(
    'is the same run for the same seed, and another for another',
    async () => {
      const hashes = new Set<string>();
      for (let seed = 1; seed <= 40; seed += 1) {
        const [first, again] = [await simulate({ seed }), await simulate({ seed })];
        expect(again).toEqual(first);
        hashes.add(first.traceHash);
      }
      expect(hashes.size).toBe(40);
    },
    PATIENCE_MS,
  );
});

describe('the engine', () => {
  const all: Campaign[] = [];

  it.each(PARTS)(
    'breaks no invariant in 500 seeds, part %i',
    async (part) => {
      const begun = performance.now();
      const from = 1 + part * SEEDS_A_PART;
      const campaign = await run({ from, stride: 1 }, (done) => done < SEEDS_A_PART);
      console.log([...told(campaign, (performance.now() - begun) / 1000)].join('\n'));
      expect(campaign.broken.map(({ seed, broken }) => `${seed}: ${broken?.message}`)).toEqual([]);
      all.push(campaign);
    },
    PATIENCE_MS,
  );

  it('met every fault there is on the way', () => {
    const { seeds, faults, mixes } = sum(all);
    expect(seeds).toBe(3_000);
    expect(Object.keys(mixes).sort()).toEqual(['healthy', 'quiet', 'swarm']);
    expect(Object.keys(faults).sort()).toEqual([...FAULTS].sort());
  });

  it('did everything it can', () => {
    expect(Object.keys(sum(all).used).sort()).toEqual([...USES].sort());
  });
});
