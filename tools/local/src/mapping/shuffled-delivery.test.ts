import { failed, failedAt, MappingFixture } from './mapping-fixture.js';

let is: MappingFixture;
beforeEach(() => (is = new MappingFixture()));
afterEach(() => is.remove());

const putEach = (items: readonly string[]) => items.map((pk) => is.stream.put({ pk: { S: pk } }));
const sorted = (batch: readonly string[] = []) => [...batch].sort((a, b) => Number(a) - Number(b));
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => String(from + n));
const isRising = (batch: readonly string[]) => batch.join() === sorted(batch).join();

describe('a batch whose records changed places', () => {
  it('holds what it would have held in sequence', async () => {
    putEach(range(1, 40));
    const mapping = await is.start({ batchSize: 20 }, { orderSeed: 5 });
    await is.drained(mapping, 2);
    expect(is.batches.map(sorted)).toEqual([range(1, 20), range(21, 40)]);
    expect(is.batches.map(isRising)).toEqual([false, false]);
  });

  it('stays in sequence unless it is told a seed', async () => {
    putEach(range(1, 40));
    await is.drained(await is.start(), 1);
    expect(is.batches).toEqual([range(1, 40)]);
  });

  it('is tried again from its lowest failed number on, wherever that stood in the event', async () => {
    putEach(range(1, 12));
    is.answer = () => (is.batches.length === 1 ? failedAt('9', '4', '11') : undefined);
    const mapping = await is.start({}, { orderSeed: 5 });
    await is.drained(mapping, 2);
    expect(is.batches.map(sorted)).toEqual([range(1, 12), range(4, 12)]);
  });

  it('is halved by its sequence numbers, and buries the poison alone', async () => {
    putEach(range(1, 8));
    is.answer = (batch) => (batch.includes('3') ? failed : undefined);
    const mapping = await is.start({ maximumRetryAttempts: 1 }, { orderSeed: 5 });
    await is.drained(mapping, 7);
    expect(is.batches.map(sorted)).toEqual([
      range(1, 8),
      range(1, 4),
      range(1, 2),
      range(3, 4),
      ['3'],
      ['3'],
      ['4'],
      range(5, 8),
    ]);
    expect(await is.dead()).toMatchObject([
      { DDBStreamBatchInfo: { startSequenceNumber: '3', endSequenceNumber: '3', batchSize: 1 } },
    ]);
  });

  it('that is given up whole is named from its lowest to its highest number', async () => {
    putEach(range(1, 9));
    is.answer = () => failed;
    const options = { maximumRetryAttempts: 0, bisectOnError: false };
    await is.drained(await is.start(options, { orderSeed: 5 }), 1);
    expect(await is.dead()).toMatchObject([
      { DDBStreamBatchInfo: { startSequenceNumber: '1', endSequenceNumber: '9', batchSize: 9 } },
    ]);
  });

  it('is delivered again after a restart from the lowest that was not done', async () => {
    putEach(range(1, 12));
    is.answer = () => (is.batches.length === 1 ? failedAt('4') : new Promise(() => undefined));
    const before = await is.start({}, { orderSeed: 5 });
    await is.until(() => is.batches.length === 2);
    await before.stop();
    is.answer = () => undefined;
    await is.drained(await is.start({}, { orderSeed: 6 }), 3);
    expect(sorted(is.batches[2])).toEqual(range(4, 12));
  });
});

/** What the function knows of a record: it acknowledged it, or it saw it given up. */
interface Run {
  readonly random: () => number;
  readonly item: Map<string, string>;
  readonly acknowledged: Set<string>;
  trouble: number;
}

const SEEDS = 150;

describe('at any trouble and any order', () => {
  it(`delivers every record until it is acknowledged, each item's in order (${SEEDS} seeds)`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      await is.remove();
      is = new MappingFixture();
      const problems = await oneRun(seed);
      expect({ seed, problems }).toEqual({ seed, problems: [] });
    }
  }, 60_000);
});

/** @returns every rule that was broken */
async function oneRun(seed: number): Promise<readonly string[]> {
  const run: Run = {
    random: randomOf(seed),
    ...{ item: new Map(), acknowledged: new Set(), trouble: 12 },
  };
  const problems: string[] = [];
  const upTo = (most: number) => Math.floor(run.random() * most);
  const putSome = (count: number) => {
    for (let n = 0; n < count; n++) {
      const pk = `item ${upTo(4)}`;
      run.item.set(is.stream.put({ pk: { S: pk } }), pk);
    }
  };
  is.answer = (batch) => {
    problems.push(...brokenBy(batch, run));
    return answerTo(batch, run);
  };
  const mapping = {
    batchSize: 1 + upTo(10),
    bisectOnError: run.random() < 0.5,
    parallelizationFactor: 1 + upTo(3),
    maximumRetryAttempts: -1,
  };
  const restarts = upTo(3);
  for (let start = 0; start <= restarts; start++) {
    putSome(1 + upTo(20));
    const started = await is.start(mapping, { orderSeed: seed + start });
    const known = run.item.size;
    const isOver = () => run.acknowledged.size === known && started.backlog === 0;
    if (start === restarts) await is.until(isOver);
    else for (let n = upTo(30); n > 0; n--) await is.pass(20);
    await started.stop();
  }
  return problems;
}

/** Nothing of an item comes before what is not acknowledged of it, unless both come together and in order. */
function brokenBy(batch: readonly string[], { item, acknowledged }: Run): readonly string[] {
  return batch.flatMap((sequenceNumber, at) => {
    const earlier = [...item]
      .filter(
        ([other, pk]) => pk === item.get(sequenceNumber) && Number(other) < Number(sequenceNumber),
      )
      .map(([other]) => other);
    return earlier
      .filter((other) => !acknowledged.has(other) && !batch.slice(0, at).includes(other))
      .map((other) => `${sequenceNumber} came before ${other} in ${batch.join()}`);
  });
}

function answerTo(batch: readonly string[], run: Run) {
  const acknowledge = (done: readonly string[]) => done.forEach((one) => run.acknowledged.add(one));
  const kind = run.trouble > 0 ? run.random() : 1;
  if (kind < 0.6) run.trouble -= 1;
  if (kind < 0.2) return failed;
  if (kind < 0.3) throw new Error('throttled');
  if (kind < 0.6) {
    const unfinished = batch.filter(() => run.random() < 0.3);
    const lowest = Math.min(...unfinished.map(Number));
    acknowledge(batch.filter((one) => Number(one) < lowest));
    return failedAt(...unfinished);
  }
  acknowledge(batch);
  return undefined;
}

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
