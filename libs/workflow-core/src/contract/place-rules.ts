/** What every store of places must do. Run by each adapter's own test against the store it stands on. */
import type {
  Arrival,
  FunctionPlace,
  Line,
  Place,
  PlaceRepository,
} from '../places/place-repository.js';

const AT = '2026-01-02T03:04:05.006Z';
const LATER = '2026-01-02T03:05:05.006Z';
const EVERYTHING = { places: 1_000, waiting: 1_000 };

export function describePlaces(
  store: string,
  open: () => Promise<{ places: PlaceRepository; close: () => Promise<void> }>,
): void {
  describe(`places on ${store}`, () => {
    let places: PlaceRepository;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ places, close } = await open());
    });
    afterAll(() => close());
    describeLines(() => places);
    describeFunctions(() => places);
  });
}

let made = 0;
const newLine = (key = 'a key'): Line => ({ definition: `line-${(made += 1)}`, key });
const arrival = (workflowId: string, changes: Partial<Arrival> = {}): Arrival => ({
  workflowId,
  epoch: 1,
  since: AT,
  expiresAt: 2_000_000_000,
  ...changes,
});
const place = (index: number, workflowId: string, changes: Partial<Place> = {}): Place => ({
  ...arrival(workflowId),
  index,
  takenAt: AT,
  ...changes,
});

function describeLines(open: () => PlaceRepository): void {
  const view = (line: Line) => open().readLine(line, EVERYTHING);

  describe('a line', () => {
    it('is empty before anybody has come', async () => {
      expect(await view(newLine())).toEqual({ places: [], waiting: [], more: false });
    });

    it('is in the order of the arrivals, then of the ids', async () => {
      const line = newLine();
      const late = arrival('a', { since: LATER, epoch: 3 });
      for (const each of [late, arrival('c'), arrival('b')]) await open().join(line, each);
      expect((await view(line)).waiting).toEqual([arrival('b'), arrival('c'), late]);
    });

    it('is joined and left as often as one likes', async () => {
      const line = newLine();
      for (let times = 0; times < 2; times += 1) await open().join(line, arrival('a'));
      expect(await open().isInLine(line, arrival('a'))).toBe(true);
      expect((await view(line)).waiting).toHaveLength(1);
      for (let times = 0; times < 2; times += 1) await open().leave(line, arrival('a'));
      expect(await open().isInLine(line, arrival('a'))).toBe(false);
      expect((await view(line)).waiting).toEqual([]);
    });

    it('is kept apart from those of other keys and definitions', async () => {
      const line = newLine('x#y');
      const others = [newLine('x#y'), { ...line, key: 'x' }, { ...line, key: '' }];
      await open().join(line, arrival('a'));
      await open().take(line, place(0, 'b'));
      for (const other of others)
        expect(await view(other)).toEqual({ places: [], waiting: [], more: false });
    });

    it('shows the first when not all are asked for, and that there are more', async () => {
      const line = newLine();
      const ids = Array.from({ length: 30 }, (_, n) => `w-${String(n).padStart(2, '0')}`);
      await Promise.all(ids.map((id) => open().join(line, arrival(id))));
      for (const index of [0, 1, 2]) await open().take(line, place(index, `h${index}`));
      const { places, waiting, more } = await open().readLine(line, { places: 1, waiting: 4 });
      expect(places.map(({ index }) => index)).toEqual([0, 1, 2]);
      expect(waiting.length).toBeGreaterThanOrEqual(4);
      expect(waiting.map(({ workflowId }) => workflowId)).toEqual(ids.slice(0, waiting.length));
      expect(more).toBe(true);
    });

    it('has the limit of the newest revision that has asked', async () => {
      const line = newLine();
      for (const [limit, revision] of [
        [2, 3],
        [9, 1],
      ] as const)
        await open().setLimit(line, { limit, revision }, 2_000_000_000);
      expect((await view(line)).limit).toEqual({ limit: 2, revision: 3 });
      await open().setLimit(line, { limit: 5, revision: 4 }, 2_000_000_000);
      expect((await view(line)).limit).toEqual({ limit: 5, revision: 4 });
    });
  });

  describe('a place of a line', () => {
    it('is taken by one of many at once', async () => {
      const line = newLine();
      const ids = Array.from({ length: 10 }, (_, n) => `w${n}`);
      const taken = await Promise.all(ids.map((id) => open().take(line, place(0, id))));
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect((await view(line)).places).toEqual([place(0, ids[taken.indexOf(true)] ?? '')]);
    });

    it('is taken once more by whoever has it: the reply was lost', async () => {
      const line = newLine();
      expect(await open().take(line, place(0, 'a'))).toBe(true);
      expect(await open().take(line, place(0, 'a', { takenAt: LATER }))).toBe(true);
      expect(await open().take(line, place(0, 'a', { epoch: 2 }))).toBe(false);
    });

    it('is freed by its holder in its epoch only', async () => {
      const line = newLine();
      await open().take(line, place(0, 'a', { epoch: 2 }));
      await open().free(line, place(0, 'b', { epoch: 2 }));
      await open().free(line, place(0, 'a', { epoch: 1 }));
      expect((await view(line)).places).toHaveLength(1);
      for (let times = 0; times < 2; times += 1)
        await open().free(line, place(0, 'a', { epoch: 2 }));
      expect((await view(line)).places).toEqual([]);
    });

    it('stands by its number', async () => {
      const line = newLine();
      for (const index of [10, 2, 999]) await open().take(line, place(index, `w${index}`));
      expect((await view(line)).places.map(({ index }) => index)).toEqual([2, 10, 999]);
    });
  });
}

function describeFunctions(open: () => PlaceRepository): void {
  const held = (holder: string, changes: Partial<FunctionPlace> = {}): FunctionPlace => ({
    index: 0,
    holder,
    leaseUntil: LATER,
    ...changes,
  });

  describe('a place at a function', () => {
    it('is taken by one of many at once, and by the same again', async () => {
      const name = `function-${(made += 1)}`;
      const ids = Array.from({ length: 10 }, (_, n) => `claim ${n}`);
      const taken = await Promise.all(ids.map((id) => open().takeFunction(name, held(id), AT)));
      expect(taken.filter(Boolean)).toHaveLength(1);
      const holder = ids[taken.indexOf(true)] ?? '';
      expect(await open().takeFunction(name, held(holder), AT)).toBe(true);
      expect(await open().readFunction(name)).toEqual([held(holder)]);
    });

    it("is anybody's once its holder's time is over", async () => {
      const name = `function-${(made += 1)}`;
      await open().takeFunction(name, held('a'), AT);
      expect(await open().takeFunction(name, held('b', { leaseUntil: AT }), AT)).toBe(false);
      const next = held('b', { leaseUntil: '2026-01-02T04:00:00.000Z' });
      expect(await open().takeFunction(name, next, LATER)).toBe(true);
      expect(await open().readFunction(name)).toEqual([next]);
    });

    it('is freed by its holder only', async () => {
      const name = `function-${(made += 1)}`;
      await open().takeFunction(name, held('a'), AT);
      await open().takeFunction(name, held('b', { index: 1 }), AT);
      await open().freeFunction(name, held('b'));
      await open().freeFunction(name, held('a', { index: 1 }));
      expect(await open().readFunction(name)).toHaveLength(2);
      for (let times = 0; times < 2; times += 1) await open().freeFunction(name, held('a'));
      expect(await open().readFunction(name)).toEqual([held('b', { index: 1 })]);
    });

    it('is none of a definition of the same name', async () => {
      const name = `function-${(made += 1)}`;
      await open().takeFunction(name, held('a'), AT);
      for (const line of [
        { definition: 'function', key: name },
        { definition: name, key: '' },
      ])
        expect((await open().readLine(line, EVERYTHING)).places).toEqual([]);
    });
  });
}
