/**
 * What follows for the items of one map: which start, and whether the map has ended. Pure, as the planner is.
 *
 * (M1) Items start in their order. The item at place p of those that this epoch runs may start when
 *      p < maxConcurrency + the number of them that are terminal. Started are the first s of them, so at most
 *      maxConcurrency of them run; a view that misses facts only under-counts, and starts too few.
 * (M2) Too few is noticed: a view that knows as many facts as starts (s = maxConcurrency + terminal) starts one item for each
 *      new fact, and a start that somebody else was faster with shows that it is behind. A view that is behind asks.
 * (M3) A map ends once all of its items are terminal, however they ended: no item starts after that, since each has an item.
 * (M4) What an item of an older epoch has become counts on, as the epoch's META and the map's list say (epochs, E3).
 */
import type { TaskDefinition } from './definition.js';
import { parseItemId } from './map-items.js';
import { isTerminalTask } from './state-machines.js';
import type { Task, TaskFact } from './workflow.js';

export interface ItemsView {
  readonly count: number;
  /** The fence of whoever ends the map. */
  readonly claimId: string;
  /** Items that this epoch runs, in their order; all without it. */
  readonly order?: readonly number[];
  /** Terminal ones of them, as far as known. */
  readonly ended: Map<number, TaskFact>;
  /** The place in the order behind the last that is known to be started. */
  started: number;
  /** Places before it of which a read showed that they are not: a pass died while it started several. */
  holes: readonly number[];
  /** Of what is known to have ended otherwise than well. */
  failed: number;
}

export const newItemsView = (
  items: { readonly count: number },
  claimId: string,
  kept: ReadonlySet<number> = new Set(),
): ItemsView => ({
  count: items.count,
  claimId,
  ...(kept.size > 0 ? { order: without(items.count, kept) } : {}),
  ended: new Map(),
  started: 0,
  holes: [],
  failed: 0,
});

const without = (count: number, kept: ReadonlySet<number>) =>
  Array.from({ length: count }, (_, index) => index).filter((index) => !kept.has(index));

/** How many the epoch runs. */
export const sizeOf = ({ order, count }: ItemsView): number => order?.length ?? count;

/** An item that failed, or was not begun because something else had. */
const isBad = ({ status, reason }: TaskFact) => status === 'FAILED' || reason === 'FAIL_FAST';

export function learnEnd(view: ItemsView, index: number, fact: TaskFact): void {
  learnStart(view, index);
  if (view.ended.has(index)) return;
  view.ended.set(index, fact);
  if (isBad(fact)) view.failed += 1;
}

/** (M1) What stands before one that has started has started too. */
export function learnStart(view: ItemsView, index: number): void {
  const place = view.order ? placeIn(view.order, index) : index;
  view.started = Math.max(view.started, place + 1);
}

/** By halves: the order rises. */
function placeIn(order: readonly number[], index: number): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((order[middle] as number) < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What a task is while it is a map whose items run. */
export type RunningMap = Task & Required<Pick<Task, 'items' | 'suspendedAt'>>;

export const isRunningMap = (task: Task): task is RunningMap =>
  task.status === 'RUNNING' && task.suspendedAt !== undefined && task.items !== undefined;

/**
 * (M4) @param items all of the map that count
 * @param counts of those that ended, which are taken for known
 */
export function viewOfMap(
  map: RunningMap,
  items: readonly Task[],
  counts: (item: Task) => boolean = () => true,
): ItemsView {
  const kept = items.filter((item) => item.epoch < map.epoch);
  const view = newItemsView(map.items, map.claimId ?? '', new Set(kept.map(indexOf)));
  learnItems(
    view,
    items.filter((item) => item.epoch === map.epoch),
    counts,
  );
  return view;
}

/** @param items all that there are of the present epoch: what is not among them has not been begun */
export function learnItems(
  view: ItemsView,
  items: readonly Task[],
  counts: (item: Task) => boolean = () => true,
): void {
  for (const item of items) {
    const { status, reason } = item;
    if (isTerminalTask(status) && counts(item))
      learnEnd(view, indexOf(item), { status, ...(reason ? { reason } : {}) });
    else learnStart(view, indexOf(item));
  }
  view.holes = holesOf(view, new Set(items.map(indexOf)));
}

const indexOf = ({ taskId }: Task): number => parseItemId(taskId)?.index ?? -1;

const holesOf = (view: ItemsView, there: ReadonlySet<number>): readonly number[] =>
  Array.from({ length: view.started }, (_, place) => place).filter(
    (place) => !there.has(indexAt(view, place)),
  );

/** They were begun: by whoever planned it, or by somebody faster. */
export function learnBegun(view: ItemsView, indices: readonly number[]): void {
  for (const index of indices) learnStart(view, index);
  view.holes = [];
}

export interface ItemsPlan {
  readonly run: readonly number[];
  /** All that have not started, where nothing starts any more. */
  readonly skip: readonly number[];
  readonly finish?: 'SUCCEEDED' | 'FAILED';
  /** Whether more has started or ended than is known: it has to be read before anything is concluded. */
  readonly isBehind: boolean;
  /** Those that the news make room for, begun or not: a pass that died may have begun them and told no worker. */
  readonly latest: readonly number[];
}

type Limits = Pick<TaskDefinition, 'maxConcurrency' | 'toleratedFailures'>;

/**
 * @param news how many facts the view has learnt since it was asked last
 * @param isOver nothing is started any more
 */
export function planItems(
  view: ItemsView,
  limits: Limits,
  { news, isOver }: { readonly news: number; readonly isOver: boolean },
): ItemsPlan {
  const size = sizeOf(view);
  const { maxConcurrency = size } = limits;
  const mayStart = Math.min(size, maxConcurrency + view.ended.size);
  const knewAll = Math.min(size, maxConcurrency + view.ended.size - news);
  // (M2)
  const isBehind = view.started > knewAll;
  const places = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, n) => indexAt(view, from + n));
  const rest = (end: number) => [
    ...view.holes.filter((place) => place < end).map((place) => indexAt(view, place)),
    ...places(view.started, end),
  ];
  const run = isOver ? [] : rest(mayStart);
  const skip = isOver ? rest(size) : [];
  // The last of them are those that the news make room for.
  const latest = maxConcurrency < size ? places(mayStart - news, mayStart) : [];
  const isDone = view.ended.size === size;
  return { run, skip, isBehind, latest, ...(isDone ? { finish: endOf(view, limits) } : {}) };
}

/** Started, and not known to have ended. */
export const openItems = (view: ItemsView): readonly number[] =>
  Array.from({ length: view.started }, (_, place) => indexAt(view, place)).filter(
    (index) => !view.ended.has(index),
  );

const indexAt = ({ order }: ItemsView, place: number): number =>
  order ? (order[place] as number) : place;

function endOf({ failed, count }: ItemsView, { toleratedFailures = {} }: Limits) {
  return failed > toleratedCount(count, toleratedFailures) ? 'FAILED' : 'SUCCEEDED';
}

/** The larger of the two. */
const toleratedCount = (
  items: number,
  { count = 0, percent = 0 }: NonNullable<TaskDefinition['toleratedFailures']>,
): number => Math.max(count, Math.floor((items * percent) / 100));

const NAMED = 10;

export function itemsFailedError(view: ItemsView, taskId: string) {
  const bad = [...view.ended].filter(([, fact]) => isBad(fact)).map(([index]) => index);
  const named = bad
    .sort((a, b) => a - b)
    .slice(0, NAMED)
    .map((index) => `${taskId}[${index}]`);
  const more = bad.length > NAMED ? ` and ${bad.length - NAMED} more` : '';
  return {
    type: 'ItemsFailed',
    message: `${bad.length} of ${view.count} items failed: ${named.join(', ')}${more}`,
    trace: [],
  };
}
