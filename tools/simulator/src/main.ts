/**
 * `--seed=N` tells one run, line by line; `--count=N --from=M` runs many here; `--minutes=N` runs as many as there is
 * time for, in two processes. Ends with 1 when an invariant was broken.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describe, run, sum, type Campaign } from './campaign.js';
import { simulate } from './simulate.js';

const PROCESSES = 2;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    /** Of a process among several: seeds apart from each other. */
    stride: { type: 'string', default: '1' },
  },
});

const from = Number(values.from);
const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
const begun = performance.now();

if (values.seed !== undefined) await tellOne(Number(values.seed));
else if (process.send) process.send(await runHere());
else tell(minutes === undefined ? await runHere() : await runApart(minutes));

async function tellOne(seed: number): Promise<void> {
  const report = await simulate({ seed, tell: (line) => console.log(line) });
  console.log(JSON.stringify(report, undefined, 2));
  if (report.broken) process.exitCode = 1;
}

function runHere(): Promise<Campaign> {
  const end = minutes === undefined ? Infinity : begun + minutes * 60_000;
  const count = minutes === undefined ? Number(values.count) : Infinity;
  return run(
    { from, stride: Number(values.stride) },
    (done) => done < count && performance.now() < end,
  );
}

async function runApart(length: number): Promise<Campaign> {
  const parts = Array.from({ length: PROCESSES }, (_, index) =>
    runInProcess([`--minutes=${length}`, `--from=${from + index}`, `--stride=${PROCESSES}`]),
  );
  return sum(await Promise.all(parts));
}

function runInProcess(options: readonly string[]): Promise<Campaign> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), options);
    child.on('message', (campaign) => resolve(campaign as Campaign));
    child.on('exit', (code) => reject(new Error(`a process ended with ${code} and no answer`)));
  });
}

function tell(campaign: Campaign): void {
  for (const line of describe(campaign, (performance.now() - begun) / 1000)) console.log(line);
  if (campaign.broken.length > 0) process.exitCode = 1;
}
