/**
 * Whether an item of a map costs the same among ten and among ten thousand, at once and fifty at a time. Each way has a stack of its
 * own, warmed by a small map: code is loaded and connections stand before anything counts.
 */
import type { Task, Workflow } from '@orchestra/workflow-core';
import type { Bench, BenchOptions, Verdict } from '../bench.js';
import { machine } from '../report/machine.js';
import { writeFigures } from '../report/document.js';
import { withStack, type Stack } from '../stack/open-stack.js';
import { runWorkflow } from '../stack/run-workflow.js';
import { flatnessOfItems, mostAtOnce, type MeasuredMap } from './map-cost.js';
import { mapTable } from './map-table.js';

const SIZES = [10, 100, 1_000, 10_000] as const;
/** Undefined: all items at once. */
const WIDTHS = [undefined, 50] as const;
const WARMING_ITEMS = 12;
const SECONDS_PER_ITEM = 0.1;
const LEAST_SECONDS = 60;
const MAP = 'B';

export const mapBench: Bench = async (options) => {
  const measured: MeasuredMap[] = [];
  for (const width of WIDTHS) measured.push(...(await measure(width, options)));
  console.log(`\n${mapTable(measured)}\n`);
  if (options.write) writeFigures('map', `${machine()}.\n\n${mapTable(measured)}`);
  const ofWidth = (width: number | undefined) => measured.filter((run) => run.width === width);
  return [...measured.map(ended), ...WIDTHS.flatMap((width) => flatnessOfItems(ofWidth(width)))];
};

const measure = (width: number | undefined, { sizes = SIZES, signal }: BenchOptions) =>
  withStack(signal, async (stack) => {
    await runMap(stack, WARMING_ITEMS, width, 'warming');
    const measured: MeasuredMap[] = [];
    for (const items of sizes) {
      measured.push(await runMap(stack, items, width));
      console.log(
        `${items} items, ${width ?? 'all'} at once: ${measured.at(-1)?.seconds.toFixed(1)} s`,
      );
    }
    return measured;
  });

/** The list is made by the expression: nothing of it is in the definition or in the input. */
async function runMap(
  stack: Stack,
  items: number,
  width: number | undefined,
  workflowId = `map-${items}`,
): Promise<MeasuredMap> {
  const definition = {
    name: workflowId,
    tasks: [
      {
        id: MAP,
        function: 'A',
        forEach: '{% [1..workflow.input.items] %}',
        input: { delayMs: 1, n: '{% item %}' },
        ...(width === undefined ? {} : { maxConcurrency: width }),
      },
    ],
  };
  const withinSeconds = Math.max(LEAST_SECONDS, items * SECONDS_PER_ITEM);
  const run = await runWorkflow(stack, definition, { input: { items }, withinSeconds, workflowId });
  const ran = await itemsOf(stack, run);
  const succeeded = ran.filter(({ status }) => status === 'SUCCEEDED').length;
  return { ...run, items, width, succeeded, atOnce: mostAtOnce(ran) };
}

const itemsOf = async (
  { repository }: Stack,
  { workflowId }: Pick<Workflow, 'workflowId'>,
): Promise<readonly Task[]> => {
  const [map] = await repository.getTasks(workflowId, [MAP]);
  const last = (map?.items?.count ?? 0) - 1;
  return repository.getItems(workflowId, { taskId: MAP, first: 0, last });
};

function ended({ items, width, status, succeeded, atOnce, reading }: MeasuredMap): Verdict {
  const { requestErrors } = reading;
  const holds =
    status === 'SUCCESS' &&
    succeeded === items &&
    atOnce <= (width ?? items) &&
    Object.keys(requestErrors).length === 0;
  const line = `${items} items, ${width ?? 'all'} at once: ${status}, ${succeeded} succeeded, ${atOnce} ran at the same moment, errors ${JSON.stringify(requestErrors)}: ${holds ? 'holds' : 'DOES NOT HOLD'}`;
  return { line, holds };
}
