import { MUTANTS, hunt } from './hunt.js';

const SEEDS = 500;

describe('a broken engine', () => {
  it.each(MUTANTS)(
    'is found out: $name, by $killedBy',
    async (mutant) => {
      const { kill, seen } = await hunt(mutant, SEEDS);
      console.log(
        `${mutant.name}: ${kill ? `seed ${kill.seed}, ${kill.broken?.message}` : `survived; ${[...seen].join(' ')}`}`,
      );
      expect(kill?.broken?.invariant).toBe(mutant.killedBy);
    },
    120_000,
  );
});
