/** Whether a wide and deep graph of many short tasks is through in a minute on a small machine. */
import { layered } from '@orchestra/local';
import type { Bench, Verdict } from './bench.js';
import { machine } from './report/machine.js';
import { writeFigures } from './report/document.js';
import { rounded, tableOf } from './report/table.js';
import { withStack } from './stack/open-stack.js';
import { runWorkflow, type Run } from './stack/run-workflow.js';

const TASKS = 2_000;
const INPUT = { delayMs: 1 };
const MOST_SECONDS = 60;
/** Waited for beyond the bound, so that a miss has a figure too. */
const WITHIN_SECONDS = 5 * MOST_SECONDS;

export const layeredBench: Bench = ({ seed, write, signal }) =>
  withStack(signal, async (stack) => {
    const run = await runWorkflow(stack, layered('layered', { tasks: TASKS, seed }), {
      input: INPUT,
      withinSeconds: WITHIN_SECONDS,
    });
    const table = cpuTable(run);
    console.log(`\n${table}\n`);
    if (write)
      writeFigures(
        'layered',
        `${machine()}; seed ${seed}: ${run.tasks} tasks, ${run.edges} edges, **${run.seconds.toFixed(1)} s** from a cold start.\n\n${table}`,
      );
    return [verdictOf(run)];
  });

function verdictOf({ seconds, status, tasks, edges }: Run): Verdict {
  const holds = status === 'SUCCESS' && seconds <= MOST_SECONDS;
  const what = `${tasks} tasks of ${INPUT.delayMs} ms and ${edges} edges, from cold`;
  const line = `${what}: ${status} in ${seconds.toFixed(1)} s, at most ${MOST_SECONDS}: ${holds ? 'holds' : 'DOES NOT HOLD'}`;
  return { line, holds };
}

/** Who took the time: the sum is at most the cores times the seconds. */
function cpuTable({ usage, seconds, tasks }: Run): string {
  const rows = Object.entries(usage.cpuSeconds)
    .filter(([, spent]) => spent >= 0.05)
    .sort(([, a], [, b]) => b - a);
  return tableOf(rows, [
    { title: 'Process', of: ([who]) => who },
    { title: 'CPU seconds', of: ([, spent]) => rounded(spent, 1) },
    { title: 'Milliseconds per task', of: ([, spent]) => rounded((spent * 1_000) / tasks, 2) },
    { title: 'Cores on average', of: ([, spent]) => rounded(spent / seconds, 2) },
  ]);
}
