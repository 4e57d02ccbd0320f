/**
 * Whether a task costs the same in a workflow of ten and of ten thousand. Each shape has a stack of its own, warmed
 * by a small graph: code is loaded and connections stand before anything counts.
 */
import type { Bench, BenchOptions, Verdict } from '../bench.js';
import { machine } from '../report/machine.js';
import { writeFigures, writeImage } from '../report/document.js';
import { plot } from '../report/plot.js';
import { withStack } from '../stack/open-stack.js';
import { runWorkflow, type Run } from '../stack/run-workflow.js';
import { costOf, flatness, type Measured } from './cost.js';
import { SHAPES, SIZES, shapeOf, type Shape } from './shapes.js';
import { scaleTable } from './scale-table.js';

const INPUT = { delayMs: 0 };
const WARMING_TASKS = 12;
/** A chain takes its hops one after the other: by far the slowest shape. */
const SECONDS_PER_TASK = 0.2;
const LEAST_SECONDS = 60;

export const scale: Bench = async (options) => {
  const measured: Measured[] = [];
  for (const shape of SHAPES.filter((each) => options.shapes?.includes(each) ?? true))
    measured.push(...(await measure(shape, options)));
  console.log(`\n${scaleTable(measured)}\n`);
  if (options.write) write(measured, options.seed);
  return [
    ...measured.map(ended),
    ...SHAPES.flatMap((shape) =>
      flatness(
        shape,
        measured.filter((run) => run.shape === shape),
      ),
    ),
  ];
};

const measure = (shape: Shape, { sizes = SIZES, seed, signal }: BenchOptions) =>
  withStack(signal, async (stack) => {
    const run = (tasks: number, name?: string) =>
      runWorkflow(stack, shapeOf(shape, tasks, seed), {
        input: INPUT,
        withinSeconds: Math.max(LEAST_SECONDS, tasks * SECONDS_PER_TASK),
        ...(name ? { workflowId: name } : {}),
      });
    await run(WARMING_TASKS, 'warming');
    const measured: Measured[] = [];
    for (const tasks of sizes) {
      measured.push({ ...(await run(tasks)), shape });
      console.log(`${shape} of ${tasks}: ${measured.at(-1)?.seconds.toFixed(1)} s`);
    }
    return measured;
  });

/** Lost conditions are no errors: some races are expected. They are paid for, and counted. */
function ended({ shape, tasks, status, reading }: Measured): Verdict {
  const { requestErrors } = reading;
  const holds = status === 'SUCCESS' && Object.keys(requestErrors).length === 0;
  const line = `${shape} of ${tasks}: ${status}, errors ${JSON.stringify(requestErrors)}: ${holds ? 'holds' : 'DOES NOT HOLD'}`;
  return { line, holds };
}

function write(measured: readonly Measured[], seed: number): void {
  writeFigures(
    'scale',
    `${machine()}; seed ${seed}.\n\n${scaleTable(measured)}\n\n![Write units, read units and milliseconds for each task, by the number of tasks](images/scale.svg)`,
  );
  const panel = (title: string, of: (run: Run) => number) => ({
    title,
    lines: SHAPES.map((shape) => ({
      name: shape,
      points: measured
        .filter((run) => run.shape === shape)
        .map((run) => ({ x: run.tasks, y: of(run) })),
    })),
  });
  const panels = [
    panel('Table write units per task', (run) => costOf(run).writeUnits),
    panel('Read units per task', (run) => costOf(run).readUnits),
    panel('Milliseconds per task', (run) => (run.seconds * 1_000) / run.tasks),
  ];
  writeImage('scale.svg', plot(panels, 'tasks'));
}
