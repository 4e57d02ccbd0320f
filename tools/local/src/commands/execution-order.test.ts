import { orderBreaches, orderLine } from './execution-order.js';

const at = (second: number) => `2030-01-01T00:00:${String(second).padStart(2, '0')}.000Z`;
const task = (taskId: string, dependsOn: string[], from: number, to: number) => ({
  taskId,
  dependsOn,
  startedAt: at(from),
  endedAt: at(to),
});

describe('the order of a finished workflow', () => {
  const a = task('A', [], 0, 1);
  const b1 = task('B1', ['A'], 1, 4);
  const b2 = task('B2', ['A'], 2, 3);
  const c = task('C', ['B1', 'B2'], 4, 5);

  it('holds when each task began after all it depends on had ended', () => {
    expect(orderBreaches([a, b1, b2, c])).toEqual([]);
  });

  it('is broken by a task that began before one of them had ended', () => {
    expect(orderBreaches([a, b1, b2, { ...c, startedAt: at(3) }])).toEqual([
      `C began at ${at(3)}, B1 ended at ${at(4)}`,
    ]);
  });

  it('is broken by a task that ran though one of them never did', () => {
    expect(orderBreaches([{ ...a, endedAt: undefined }, b1])).toHaveLength(1);
  });

  it('reads as levels, however the tasks are listed', () => {
    expect(orderLine([c, b2, a, b1])).toBe('A < B2, B1 < C');
  });

  it('puts a task behind the farthest of those it depends on', () => {
    expect(orderLine([a, b1, task('D', ['A', 'B1'], 5, 6)])).toBe('A < B1 < D');
  });
});
