import { parseArgs } from 'node:util';
import type { Bench, BenchOptions } from './bench.js';
import { corpora } from './corpora/corpora.js';
import { layeredBench } from './layered.js';
import { listing } from './listing/listing.js';
import { mapBench } from './map/map.js';
import { scale } from './scale/scale.js';
import { measureStreamHistory } from './stream-history.js';

const BENCHES: Readonly<Record<string, Bench>> = {
  scale,
  corpora,
  layered: layeredBench,
  map: mapBench,
  listing,
  'stream-history': async () => [await measureStreamHistory()],
};

const DEFAULT_SEED = '1';
/** A fan has a first, a last, and one between. */
const LEAST = 3;

function readOptions(): { name: string; options: Omit<BenchOptions, 'signal'> } {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      sizes: { type: 'string' },
      shapes: { type: 'string' },
      seed: { type: 'string', default: DEFAULT_SEED },
      dir: { type: 'string' },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const { sizes, shapes, seed, ...others } = values;
  return {
    name: positionals[0] ?? '',
    options: {
      ...others,
      seed: Number(seed),
      ...(sizes ? { sizes: sizes.split(',').map(sizeOf) } : {}),
      ...(shapes ? { shapes: shapes.split(',') } : {}),
    },
  };
}

/** @throws RangeError when it is no number of tasks */
function sizeOf(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < LEAST) throw new RangeError(`--sizes: ${text} is no size`);
  return size;
}

/** The first asks the bench to end, a second one ends it. */
function whenAsked(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => (controller.signal.aborted ? process.exit(130) : controller.abort()));
  return controller.signal;
}

const { name, options } = readOptions();
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (!bench) {
  console.error(`no bench ${name || 'named'}; there is ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const signal = whenAsked();
try {
  const verdicts = await bench({ ...options, signal });
  for (const { line } of verdicts) console.log(line);
  process.exit(verdicts.every(({ holds }) => holds) ? 0 : 1);
} catch (error) {
  if (signal.aborted) process.exit(130);
  throw error;
}
