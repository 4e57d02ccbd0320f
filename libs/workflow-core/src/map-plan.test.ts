import { itemId } from './map-items.js';
import {
  itemsFailedError,
  learnBegun,
  learnEnd,
  newItemsView,
  planItems,
  viewOfMap,
  type ItemsView,
  type RunningMap,
} from './map-plan.js';
import { taskIn } from './testing/records.js';
import type { Task, TaskFact } from './workflow.js';

const SUCCEEDED: TaskFact = { status: 'SUCCEEDED' };
const FAILED: TaskFact = { status: 'FAILED' };
const QUIET = { news: 0, isOver: false };

const view = (count: number) => newItemsView({ count }, 'claim');

/** As a pass does: what may start is begun. */
function startAll(of: ItemsView, maxConcurrency?: number, news = 0) {
  const next = planItems(of, maxConcurrency === undefined ? {} : { maxConcurrency }, {
    news,
    isOver: false,
  });
  learnBegun(of, next.run);
  return next;
}

describe('starting the items of a map', () => {
  it('starts all of them at once without maxConcurrency', () => {
    expect(planItems(view(3), {}, QUIET).run).toEqual([0, 1, 2]);
  });

  it('starts the first maxConcurrency, then one for each that has ended, in order', () => {
    const items = view(5);
    expect(startAll(items, 2).run).toEqual([0, 1]);
    expect(startAll(items, 2).run).toEqual([]);
    learnEnd(items, 1, FAILED);
    expect(startAll(items, 2, 1).run).toEqual([2]);
    learnEnd(items, 0, SUCCEEDED);
    learnEnd(items, 2, SUCCEEDED);
    expect(startAll(items, 2, 2).run).toEqual([3, 4]);
  });

  it('counts an end once, however often it is told', () => {
    const items = view(5);
    startAll(items, 2);
    learnEnd(items, 0, SUCCEEDED);
    startAll(items, 2, 1);
    learnEnd(items, 0, SUCCEEDED);
    expect(startAll(items, 2).run).toEqual([]);
  });

  it('asks when more has started than the ends it knows of allow', () => {
    const items = view(9);
    items.started = 2;
    learnEnd(items, 5, SUCCEEDED);
    expect(planItems(items, { maxConcurrency: 2 }, { news: 1, isOver: false }).isBehind).toBe(true);
  });

  it('starts what a pass that died left out', () => {
    const items = view(4);
    items.started = 4;
    items.holes = [1, 2];
    expect(planItems(items, {}, QUIET).run).toEqual([1, 2]);
  });

  it('skips what has not started once its workflow has failed fast', () => {
    const items = view(4);
    startAll(items, 2);
    const next = planItems(items, { maxConcurrency: 2 }, { news: 0, isOver: true });
    expect(next).toMatchObject({ run: [], skip: [2, 3] });
  });
});

describe('the end of a map', () => {
  const ended = (facts: readonly TaskFact[]) => {
    const items = view(facts.length);
    startAll(items);
    facts.forEach((fact, index) => learnEnd(items, index, fact));
    return items;
  };

  it('comes after the last of its items', () => {
    const items = view(2);
    startAll(items);
    learnEnd(items, 1, SUCCEEDED);
    expect(planItems(items, {}, QUIET).finish).toBeUndefined();
    learnEnd(items, 0, SUCCEEDED);
    expect(planItems(items, {}, QUIET).finish).toBe('SUCCEEDED');
  });

  it.each<[object, 'SUCCEEDED' | 'FAILED']>([
    [{}, 'FAILED'],
    [{ toleratedFailures: { count: 1 } }, 'FAILED'],
    [{ toleratedFailures: { count: 2 } }, 'SUCCEEDED'],
    [{ toleratedFailures: { percent: 49 } }, 'FAILED'],
    [{ toleratedFailures: { percent: 50 } }, 'SUCCEEDED'],
    [{ toleratedFailures: { count: 0, percent: 50 } }, 'SUCCEEDED'],
    [{ toleratedFailures: { count: 2, percent: 1 } }, 'SUCCEEDED'],
  ])('with two of four failed and %j is %s', (limits, status) => {
    const items = ended([FAILED, SUCCEEDED, FAILED, SUCCEEDED]);
    expect(planItems(items, limits, QUIET).finish).toBe(status);
  });

  it('counts an item that was not begun for a failure as failed, one that an operator skipped not', () => {
    const skipped = (reason: 'FAIL_FAST' | 'OPERATOR') =>
      planItems(ended([SUCCEEDED, { status: 'SKIPPED', reason }]), {}, QUIET).finish;
    expect(skipped('FAIL_FAST')).toBe('FAILED');
    expect(skipped('OPERATOR')).toBe('SUCCEEDED');
  });

  it('names the items that failed', () => {
    const error = itemsFailedError(ended(Array.from({ length: 12 }, () => FAILED)), 'B');
    expect(error.message).toBe(
      '12 of 12 items failed: B[0], B[1], B[2], B[3], B[4], B[5], B[6], B[7], B[8], B[9] and 2 more',
    );
  });
});

describe('a map in a later epoch', () => {
  const map = taskIn('B', 'RUNNING', {
    epoch: 2,
    claimId: 'claim',
    suspendedAt: '2026-01-02T03:04:05.000Z',
    items: { key: 'k', count: 6, perPart: 6, hash: 'h', since: 1 },
  }) as RunningMap;
  const item = (index: number, status: Task['status'], epoch: number) =>
    taskIn(itemId('B', index), status, { epoch });

  it('counts only what this epoch runs, wherever the kept items stand', () => {
    const kept = [item(4, 'SUCCEEDED', 1), item(5, 'SUCCEEDED', 1)];
    const before = viewOfMap(map, kept);
    expect(planItems(before, { maxConcurrency: 2 }, QUIET).run).toEqual([0, 1]);
    const after = viewOfMap(map, [...kept, item(0, 'SUCCEEDED', 2), item(1, 'RUNNING', 2)]);
    expect(planItems(after, { maxConcurrency: 2 }, QUIET).run).toEqual([2]);
  });

  it('ends at once when all of its items are kept', () => {
    const all = [0, 1, 2, 3, 4, 5].map((index) => item(index, 'SUCCEEDED', 1));
    expect(planItems(viewOfMap(map, all), {}, QUIET)).toMatchObject({
      run: [],
      finish: 'SUCCEEDED',
    });
  });
});
