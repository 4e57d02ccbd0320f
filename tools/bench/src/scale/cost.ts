/** What a run cost for each of its tasks, and whether that stays the same however many there are. */
import { compare, type Comparison } from '../comparison.js';
import type { Run } from '../stack/run-workflow.js';
import type { Shape } from './shapes.js';

export type Measured = Run & { readonly shape: Shape };

export interface Cost {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly requests: number;
}

/** Requests to the table; invocations of functions are not among them. */
export const requestsToTable = ({ reading: { requests } }: Run): number =>
  Object.entries(requests)
    .filter(([operation]) => operation !== 'Invoke')
    .reduce((sum, [, count]) => sum + count, 0);

/** Statements whose condition failed: AWS charges a unit for each, and the engine reports none. */
export const lostStatements = ({ reading: { statementErrors } }: Run): number =>
  Object.values(statementErrors).reduce((sum, count) => sum + count, 0);

export const costOf = (run: Run): Cost => ({
  writeUnits: (run.reading.tableWriteUnits + lostStatements(run)) / run.tasks,
  readUnits: run.reading.readUnits / run.tasks,
  requests: requestsToTable(run) / run.tasks,
});

/** Of the cost of a task in a large graph to that in a small one. */
const MOST = 1.3;
const FROM_TASKS = 100;

const NAMES: Readonly<Record<keyof Cost, string>> = {
  writeUnits: 'write units',
  readUnits: 'read units',
  requests: 'requests',
};

/** What a task reads that has one upstream and travels alone: META and an output. Tasks in company share, so that less is luck. */
const READ_ALONE = 2;

const expected = (cost: Cost, each: keyof Cost) =>
  each === 'readUnits' ? Math.max(READ_ALONE, cost.readUnits) : cost[each];

const startingPoint = (small: Run, each: keyof Cost) =>
  expected(costOf(small), each) === costOf(small)[each]
    ? `of ${small.tasks}`
    : `as a task alone (of ${small.tasks} it is ${(costOf(small)[each] * 1_000).toFixed(0)})`;

/** Of the runs of one shape: each against the one of `FROM_TASKS`, or the smallest above. */
export function flatness(shape: string, runs: readonly Run[]): readonly Comparison[] {
  const [small, ...larger] = runs
    .filter(({ tasks }) => tasks >= FROM_TASKS)
    .toSorted((a, b) => a.tasks - b.tasks);
  if (!small) return [];
  return larger.flatMap((run) =>
    (Object.keys(NAMES) as (keyof Cost)[]).map((each) =>
      compare({
        what: `${shape}: ${NAMES[each]} per 1,000 tasks, ${startingPoint(small, each)} and of ${run.tasks}`,
        unit: NAMES[each],
        before: expected(costOf(small), each) * 1_000,
        after: costOf(run)[each] * 1_000,
        atMost: MOST,
      }),
    ),
  );
}
