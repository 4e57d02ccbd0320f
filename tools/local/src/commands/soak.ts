/** The engine under fire: a SIGKILL at every labelled point of the sample, then a storm of them over many workflows at once. */
import { randomInt } from 'node:crypto';
import { duration } from '@orchestra/cli';
import { randomOf } from '../aws-endpoint/faults-plan.js';
import { shuffled } from '../soak/draw.js';
import { openRange, type Range } from '../soak/range.js';
import { evidenceOf, nameOf, tallyLine } from '../soak/report.js';
import type { Settings } from '../soak/protocol.js';
import { storm } from '../soak/storm.js';
import { enumerateLabels, shoot, shotsAt, type Result } from '../soak/target-practice.js';
import { assemblyOf } from './synthesise.js';
import type { Termination } from './termination.js';

export interface SoakFlags {
  /** Default: any. */
  readonly seed?: number;
  /** Default: every one. */
  readonly points?: number;
  readonly seconds: number;
  readonly workflows: number;
  readonly assembly?: string;
}

/** Something does not hold, or too little was tried to say so. */
export class SoakError extends Error {
  override readonly name = 'SoakError';
}

const NO_FAULTS = { rate: 0, budget: 0 } as const;
/** One call in fifty. */
const LIGHT_FAULTS = { rate: 0.02, budget: 10_000 } as const;
/** Of the shots, that may miss: a run does not come to each point each time. */
const MOST_MISSES = 0.05;
const TELL_EVERY = 20;
/** Workflows of which everything is printed. */
const SHOWN = 3;

/** @throws SoakError with the seed */
export async function soak(flags: SoakFlags, termination: Termination): Promise<void> {
  const assembly = await assemblyOf(flags, termination.signal);
  const seed = flags.seed ?? randomInt(2 ** 31);
  console.log(`Seed ${seed}: "--seed ${seed}" does the same again`);
  const open = (faults: Omit<Settings['faults'], 'seed'>) =>
    openRange(assembly, { ...faults, seed });
  const problems: string[] = [];
  if (flags.points !== 0)
    problems.push(
      ...(await on(await open(NO_FAULTS), termination, (range) =>
        everyPoint(range, seed, flags.points),
      )),
    );
  if (flags.seconds > 0)
    problems.push(
      ...(await on(await open(LIGHT_FAULTS), termination, (range) => oneStorm(range, seed, flags))),
    );
  if (problems.length > 0) throw new SoakError(`seed ${seed}: ${problems.join('; ')}`);
  console.log(`Seed ${seed}: all holds`);
}

/** Gives up when asked to, and leaves no process either way. */
async function on<T>(
  range: Range,
  { signal }: Termination,
  use: (range: Range) => Promise<T>,
): Promise<T> {
  const given = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([use(range), given]);
  } finally {
    await range.stop();
  }
}

/** @returns what does not hold, in a few words each; the evidence is printed */
async function everyPoint(range: Range, seed: number, most = Infinity): Promise<readonly string[]> {
  const labels = await enumerateLabels(range);
  const all = shotsAt(labels);
  const shots = shuffled(all, seed).slice(0, most);
  const { warm, cold } = labels;
  console.log(
    `${warm.length + cold.length} labelled points, ${cold.length} of them reached from cold alone: ` +
      `${shots.length} of ${all.length} kills`,
  );
  const results: Result[] = [];
  const missed: string[] = [];
  const evidence: Promise<string>[] = [];
  await shoot(range, {
    ...{ shots, labels },
    onResult: (shot, result) => {
      results.push(result);
      if (result.kind === 'missed') missed.push(nameOf(shot));
      if (result.kind === 'broken') {
        console.error(`${nameOf(shot)}: ${result.breaches.join('; ')}`);
        evidence.push(evidenceOf(range, result));
      }
      if (results.length % TELL_EVERY === 0) console.log(`${results.length} of ${shots.length}`);
    },
  });
  for (const each of (await Promise.all(evidence)).slice(0, SHOWN)) console.error(each);
  if (evidence.length > 0) console.error(range.journal.lines.join('\n'));
  const times = results.flatMap((result) => (result.kind === 'held' ? [result.tookMs] : []));
  console.log(
    `${times.length} of ${shots.length} held, the slowest in ${duration(Math.round(Math.max(0, ...times)))}; ` +
      `${missed.length} missed; ${tallyLine(range.journal)}; repairs: ${await range.runtime.repairs()}`,
  );
  for (const name of missed) console.log(`missed: ${name}`);
  return [
    ...(evidence.length > 0 ? [`${evidence.length} kills broke something`] : []),
    ...(missed.length > MOST_MISSES * shots.length ? [`${missed.length} kills missed`] : []),
  ];
}

/** @returns what does not hold, in a few words each; the evidence is printed */
async function oneStorm(
  range: Range,
  seed: number,
  { seconds, workflows }: SoakFlags,
): Promise<readonly string[]> {
  console.log(`${workflows} workflows, ${seconds} s of random kills`);
  const random = randomOf(seed);
  const { held, givenUp, broken, convergedMs } = await storm(range, { workflows, seconds, random });
  for (const { workflowId, breaches } of broken)
    console.error(`${workflowId}: ${breaches.join('; ')}`);
  for (const breach of broken.slice(0, SHOWN)) console.error(await evidenceOf(range, breach));
  if (broken.length > 0) console.error(range.journal.lines.join('\n'));
  console.log(
    `${held} of ${workflows} held, ${givenUp} given up as a task lost its worker too often, ` +
      `all ended ${duration(Math.round(convergedMs))} after the last kill; ${tallyLine(range.journal)}; ` +
      `repairs: ${await range.runtime.repairs()}`,
  );
  return broken.length > 0 ? [`${broken.length} workflows of the storm do not hold`] : [];
}
