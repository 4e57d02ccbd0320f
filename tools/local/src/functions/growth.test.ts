import { growth, type Machine, type PoolDemand } from './growth.js';

const machine: Machine = { cores: 2, idleFraction: 0, sandboxes: 0, booting: 0, maxSandboxes: 100 };
const pool: PoolDemand = {
  name: 'a',
  waiting: 1,
  urgent: 0,
  oldestWaitMs: 0,
  sandboxes: 0,
  booting: 0,
  returning: 0,
  ceiling: 50,
  reserved: 0,
  sinceLastBootMs: Infinity,
};
const busy = { sandboxes: 2, waiting: 9 };

describe('growing a pool', () => {
  it.each<[string, Partial<PoolDemand>, Partial<Machine>, number]>([
    ['starts nothing without events', { waiting: 0 }, { idleFraction: 1 }, 0],
    ['starts one for the first event, however busy the machine', {}, {}, 1],
    ['starts as many as there are cores', { waiting: 9 }, {}, 2],
    ['starts none for an event that a booting one will take', { booting: 1, sandboxes: 1 }, {}, 0],
    [
      'starts none for an event that a returning one will take',
      { returning: 1, sandboxes: 1 },
      {},
      0,
    ],
    ['boots no more at once than there are cores', { waiting: 9 }, { booting: 2 }, 0],
    ['stays at the cores while the machine is busy', busy, { idleFraction: 0.1 }, 0],
    ['goes above the cores while the machine idles', busy, { idleFraction: 0.5 }, 2],
    ['never goes above its ceiling', { ...busy, ceiling: 2 }, { idleFraction: 1 }, 0],
    ['goes up to its ceiling', { ...busy, ceiling: 3 }, { idleFraction: 1 }, 1],
    ['stops where the memory ends', busy, { idleFraction: 1, sandboxes: 100 }, 0],
    ['helps an event out of a busy machine after a second', { ...busy, oldestWaitMs: 1000 }, {}, 1],
    [
      'but only one a second',
      { ...busy, oldestWaitMs: 5000, sinceLastBootMs: 900 },
      { idleFraction: 0.1 },
      0,
    ],
    ['goes above every bound for a caller of itself', { ...busy, ceiling: 2, urgent: 1 }, {}, 1],
    [
      'and only as far as those callers need',
      { ...busy, sandboxes: 3, booting: 1, ceiling: 2, urgent: 1 },
      { booting: 1 },
      0,
    ],
  ])('%s', (_rule, demand, around, count) => {
    const names = growth([{ ...pool, ...demand }], { ...machine, ...around });
    expect(names).toEqual(Array(count).fill('a'));
  });

  describe('with a reservation', () => {
    const idle = { ...machine, idleFraction: 1 };
    const own = { ...pool, name: 'own', reserved: 6, ceiling: 6 };
    const others = { ...pool, name: 'others', sandboxes: 4, waiting: 50, oldestWaitMs: 9_000 };

    it('leaves room for it that the others cannot take, until it is used', () => {
      const small = { ...idle, maxSandboxes: 12 };
      const at = (sandboxes: number, used = 0) =>
        growth([{ ...own, waiting: 0, sandboxes: used }, others], { ...small, sandboxes });
      expect(at(4)).toEqual(['others', 'others']);
      expect(at(5)).toEqual(['others']);
      expect(at(6)).toEqual([]);
      expect(at(10, 6)).toEqual(['others', 'others']);
    });

    it('grows in its room although the others have taken all of theirs', () => {
      const full = { ...idle, maxSandboxes: 12, sandboxes: 10 };
      expect(growth([{ ...own, sandboxes: 4 }, others], full)).toEqual(['own']);
    });

    it('starts although the others hold every start', () => {
      const starting = { ...others, booting: 2 };
      expect(growth([own, starting], { ...machine, booting: 2 })).toEqual(['own']);
      expect(growth([{ ...own, booting: 2, waiting: 9 }], { ...machine, booting: 2 })).toEqual([]);
    });

    it('is not exceeded', () => {
      expect(growth([{ ...own, waiting: 9, sandboxes: 6 }], idle)).toEqual([]);
    });

    it('keeps no more than half of a small machine', () => {
      const small = { ...idle, maxSandboxes: 8 };
      expect(growth([{ ...own, waiting: 0 }, others], { ...small, sandboxes: 3 })).toEqual([
        'others',
      ]);
      expect(growth([{ ...own, waiting: 0 }, others], { ...small, sandboxes: 4 })).toEqual([]);
    });
  });

  it('serves callers of themselves first, then those below the cores, then the longest wait', () => {
    const idle = { ...machine, cores: 4, idleFraction: 1 };
    const above = { ...pool, sandboxes: 4 };
    const names = growth(
      [
        { ...above, name: 'short', oldestWaitMs: 5 },
        { ...above, name: 'long', oldestWaitMs: 9 },
        { ...pool, name: 'first' },
        { ...above, name: 'itself', urgent: 1, ceiling: 4 },
      ],
      idle,
    );
    expect(names).toEqual(['itself', 'first', 'long', 'short']);
  });
});
