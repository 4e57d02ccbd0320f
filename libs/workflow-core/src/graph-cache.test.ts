import { parseDefinition } from './parse-definition.js';
import { CorruptItemError } from './errors.js';
import { createGraphCache } from './graph-cache.js';

const definition = (size: number) =>
  parseDefinition({
    name: 'd',
    tasks: Array.from({ length: size }, (_, n) => ({ id: `T${n}`, function: 'F' })),
  });

/** Counts what is loaded, by revision. */
function store(sizes: Readonly<Record<number, number>>) {
  const loaded: number[] = [];
  return {
    loaded,
    getDefinition: async ({ revision }: { revision: number }) => {
      loaded.push(revision);
      const size = sizes[revision];
      return size === undefined ? undefined : definition(size);
    },
  };
}
const ref = (revision: number) => ({ name: 'd', revision });

describe('keeping the graphs of definitions', () => {
  it('loads each once, also when it is asked for twice at the same moment', async () => {
    const repository = store({ 1: 3 });
    const graphOf = createGraphCache(repository);
    const [first, second] = await Promise.all([graphOf(ref(1)), graphOf(ref(1))]);
    expect(first).toBe(second);
    expect(await graphOf(ref(1))).toBe(first);
    expect(repository.loaded).toEqual([1]);
  });

  it('lets those go that were not used for longest, once all together are too large', async () => {
    const repository = store({ 1: 4, 2: 4, 3: 4 });
    const graphOf = createGraphCache(repository, 10);
    for (const revision of [1, 2, 1, 3, 1, 3, 2]) await graphOf(ref(revision));
    expect(repository.loaded).toEqual([1, 2, 3, 2]);
  });

  it('keeps one that is too large alone for as long as no other comes', async () => {
    const repository = store({ 1: 20, 2: 1 });
    const graphOf = createGraphCache(repository, 10);
    for (const revision of [1, 1, 2, 1]) await graphOf(ref(revision));
    expect(repository.loaded).toEqual([1, 2, 1]);
  });

  it('does not keep a failure', async () => {
    const sizes: Record<number, number> = {};
    const graphOf = createGraphCache(store(sizes));
    await expect(graphOf(ref(1))).rejects.toThrow(CorruptItemError);
    sizes[1] = 1;
    expect((await graphOf(ref(1))).tasks.size).toBe(1);
  });
});
