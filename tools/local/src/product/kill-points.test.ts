/** The product with a SIGKILL in the midst of it: twenty of the labelled points, drawn by a seed. `nx run local:soak` takes all. */
import { randomInt } from 'node:crypto';
import { drawn } from '../soak/draw.js';
import { openRange, type Range } from '../soak/range.js';
import type { Shot } from '../soak/protocol.js';
import { evidenceOf, nameOf, tallyLine } from '../soak/report.js';
import { enumerateLabels, shoot, shotsAt, type Result } from '../soak/target-practice.js';
import { ASSEMBLY } from './sample-stack.fixture.js';

jest.setTimeout(180_000);

const COUNTS = { sandbox: 17, engine: 2, runtime: 1 } as const;

const seed = randomInt(2 ** 31);

describe(`a SIGKILL at a labelled point (seed ${seed})`, () => {
  const results = new Map<Shot, Result>();
  let range: Range | undefined;
  let evidence: string[];
  beforeAll(async () => {
    const open = (range = await openRange(ASSEMBLY, { seed, rate: 0, budget: 0 }));
    const labels = await enumerateLabels(open);
    const shots = drawn(shotsAt(labels), seed, COUNTS);
    await shoot(open, {
      ...{ shots, labels },
      onResult: (shot, result) => void results.set(shot, result),
    });
    const broken = [...results.values()].filter((result) => result.kind === 'broken');
    evidence = await Promise.all(broken.map((result) => evidenceOf(open, result)));
    if (broken.length > 0) evidence.push(...open.journal.lines);
    const lines = [...results].map(([shot, result]) => `${nameOf(shot)}: ${told(result)}`);
    console.log([tallyLine(open.journal), ...lines, ...evidence].join('\n'));
  });
  afterAll(() => range?.stop());

  const told = (result: Result) =>
    result.kind === 'held' ? `held after ${Math.round(result.tookMs)} ms` : result.kind;

  it('leaves every workflow ending in SUCCESS, in time, as its tasks themselves noted', () => {
    expect(evidence).toEqual([]);
  });

  it('was really there: at twenty points, in the sandboxes, the engine and the runtime', () => {
    const hit = [...results].filter(([, { kind }]) => kind !== 'missed').map(([shot]) => shot);
    expect(results.size).toBe(20);
    // A run does not come to each point each time.
    expect(hit.length).toBeGreaterThanOrEqual(18);
    expect(new Set(hit.map(({ victim }) => victim))).toEqual(new Set(Object.keys(COUNTS)));
  });
});
