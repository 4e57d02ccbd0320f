/**
 * Many orchestrators at one line at once, their calls to the store in any order, records that come again, orchestrators that
 * die at any call: never more than the limit run, all run at last, and in the order in which they came.
 */
import fc from 'fast-check';
import type { Workflow } from '@orchestra/workflow-core';
import type { Ports } from './ports.js';
import { settleEnded } from './stop.js';
import { check } from './sweep.js';
import { createBench, type Bench } from './testing/bench.js';
import { LINE, finish, startLimited, storeLimited } from './testing/limited.js';

const MINUTE = 60_000;
/** Fast-check prints the seed of what is wrong. */
const RUNS = 60;
const ROUNDS = 200;

class Died extends Error {}

/** An orchestrator whose calls to the store wait for their turn, and which dies at one of them. */
function orchestrator(
  bench: Bench,
  scheduler: fc.Scheduler,
  afterEach: () => Promise<void>,
  diesAfter: number,
): Ports {
  let calls = 0;
  const inTurn = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = target[name as keyof Port];
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]) => {
          calls += 1;
          if (calls > diesAfter) throw new Died();
          await scheduler.schedule(Promise.resolve(), String(name));
          const result: unknown = await (member as (...all: unknown[]) => unknown).apply(
            target,
            given,
          );
          await afterEach();
          return result;
        };
      },
    });
  const ports = bench.anotherContainer();
  return { ...ports, repository: inTurn(ports.repository), places: inTurn(ports.places) };
}

interface Scene {
  readonly workflows: number;
  readonly limit: number;
  /** Of each orchestrator, the call at which it dies; most live on. */
  readonly deaths: readonly number[];
  readonly scheduler: fc.Scheduler;
}

const LIVES = 10_000;
const sceneWith = (deaths: fc.Arbitrary<number>): fc.Arbitrary<Scene> =>
  fc.record({
    workflows: fc.integer({ min: 2, max: 7 }),
    limit: fc.integer({ min: 1, max: 3 }),
    deaths: fc.array(deaths, { minLength: 40, maxLength: 40 }),
    scheduler: fc.scheduler(),
  });

/** The ids in the order in which they became RUNNING. */
async function play({ workflows, limit, deaths, scheduler }: Scene): Promise<readonly string[]> {
  const bench = createBench();
  await storeLimited(bench, { limit });
  const ids = Array.from({ length: workflows }, (_, n) => `w${n}`);
  const began: string[] = [];
  const all = async () =>
    (await Promise.all(ids.map((id) => bench.repository.getWorkflow(id)))).flatMap(
      (each) => each ?? [],
    );
  const watch = async () => {
    const running = (await all()).filter(({ status }) => status === 'RUNNING');
    for (const { workflowId } of running) if (!began.includes(workflowId)) began.push(workflowId);
    expect(running.length).toBeLessThanOrEqual(limit);
  };
  let made = 0;
  const next = () => {
    const dies = deaths[made % deaths.length] ?? LIVES;
    made += 1;
    return orchestrator(bench, scheduler, watch, made > deaths.length ? LIVES : dies);
  };
  const survive = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      if (!(error instanceof Died)) throw error;
      return undefined;
    });
  const starts = (async () => {
    for (const id of ids) {
      bench.advanceTime(1_000);
      // The client asks again until it has an answer, and once more.
      for (let answers = 0; answers < 2;) if (await survive(startLimited(next(), id))) answers += 1;
    }
  })();
  const lives = (async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const found = await all();
      if (found.length === ids.length && found.every(isDone)) return;
      const one = found.find(({ status }) => status === 'RUNNING');
      const ended = one ? [await finish(bench, one.workflowId)] : [];
      const unsettled = [...ended, ...found.filter((each) => isEnded(each) && !isDone(each))];
      bench.advanceTime(MINUTE);
      await Promise.all([
        // A record comes twice, to two of them.
        ...unsettled.flatMap((each) => [
          survive(settleEnded(next(), each, 'stream')),
          survive(settleEnded(next(), each, 'stream')),
        ]),
        ...found
          .filter(({ status }) => status === 'PENDING')
          .map(({ workflowId }) => survive(check(next(), [workflowId], 0))),
      ]);
      await scheduler.schedule(Promise.resolve(), 'round');
    }
  })();
  await scheduler.waitFor(Promise.all([starts, lives]));
  expect((await all()).map(({ status }) => status)).toEqual(ids.map(() => 'SUCCESS'));
  const { places, waiting } = await bench.places.readLine(LINE, { places: 9, waiting: 99 });
  expect([places, waiting]).toEqual([[], []]);
  return began;
}

const isEnded = ({ status }: Workflow) => status === 'SUCCESS';
const isDone = ({ status, nextCheckAt }: Workflow) =>
  status === 'SUCCESS' && nextCheckAt === undefined;

describe('a line that many look at', () => {
  it('lets in no more than the limit, all at last, and one after the other in their order', async () => {
    await fc.assert(
      fc.asyncProperty(sceneWith(fc.constant(LIVES)), async (scene) => {
        const began = await play(scene);
        if (scene.limit === 1) expect(began).toEqual([...began].sort());
        expect(began).toHaveLength(scene.workflows);
      }),
      { numRuns: RUNS },
    );
  });

  it('does so although orchestrators die at any call', async () => {
    const death = fc.oneof(
      { weight: 2, arbitrary: fc.constant(LIVES) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) },
    );
    await fc.assert(
      fc.asyncProperty(sceneWith(death), async (scene) => {
        expect(await play(scene)).toHaveLength(scene.workflows);
      }),
      { numRuns: RUNS },
    );
  });
});
