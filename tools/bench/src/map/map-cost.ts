/** What a map cost for each of its items, and whether that stays the same however many there are. */
import type { Task } from '@orchestra/workflow-core';
import { compare, type Comparison } from '../comparison.js';
import { lostStatements, requestsToTable } from '../scale/cost.js';
import type { Run } from '../stack/run-workflow.js';

export interface MeasuredMap extends Run {
  readonly items: number;
  /** Its maxConcurrency. */
  readonly width: number | undefined;
  readonly succeeded: number;
  /** The most that were RUNNING at one moment. */
  readonly atOnce: number;
}

export interface ItemCost {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly requests: number;
}

/** The workflow and the map itself are part of it: of ten items, much of it. */
export const costOfItem = (run: MeasuredMap): ItemCost => ({
  writeUnits: (run.reading.tableWriteUnits + lostStatements(run)) / run.items,
  readUnits: run.reading.readUnits / run.items,
  requests: requestsToTable(run) / run.items,
});

/** Of the cost of an item among many to that among few. Reads are shown, not held: a pass that is behind reads more. */
const MOST = { writeUnits: 1.05, requests: 1.3 } as const;
const NAMES = { writeUnits: 'write units', requests: 'requests' } as const;

const FROM_ITEMS = 100;
/** The first `width` items start together, and share requests that those after them do not: they have to be few. */
const TIMES_WIDTH = 20;

const isComparable = (each: keyof typeof MOST, { items, width = 0 }: MeasuredMap): boolean =>
  items >= (each === 'requests' ? Math.max(FROM_ITEMS, TIMES_WIDTH * width) : FROM_ITEMS);

/** Of the runs of one width: each against the smallest that it can be compared with. */
export const flatnessOfItems = (runs: readonly MeasuredMap[]): readonly Comparison[] =>
  (Object.keys(MOST) as (keyof typeof MOST)[]).flatMap((each) => {
    const [small, ...larger] = runs
      .filter((run) => isComparable(each, run))
      .toSorted((a, b) => a.items - b.items);
    if (!small) return [];
    return larger.map((run) =>
      compare({
        what: `${run.width ?? 'all'} at once: ${NAMES[each]} per 1,000 items, of ${small.items} and of ${run.items}`,
        unit: NAMES[each],
        before: costOfItem(small)[each] * 1_000,
        after: costOfItem(run)[each] * 1_000,
        atMost: MOST[each],
      }),
    );
  });

/** By the clocks of those that ran them, which are one machine's. */
export function mostAtOnce(tasks: readonly Pick<Task, 'startedAt' | 'endedAt'>[]): number {
  const moments = tasks.flatMap(({ startedAt = '', endedAt = '' }) => [
    { at: endedAt, change: -1 },
    { at: startedAt, change: 1 },
  ]);
  moments.sort((a, b) => (a.at === b.at ? a.change - b.change : a.at < b.at ? -1 : 1));
  let [now, most] = [0, 0];
  for (const { change } of moments) most = Math.max(most, (now += change));
  return most;
}
