import { account, type Execution } from './order.js';

const graph = {
  tasks: [
    { id: 'A', function: 'f' },
    { id: 'B', function: 'f', dependsOn: ['A'] },
    { id: 'C', function: 'f', dependsOn: ['A', 'B'] },
  ],
};
const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`;
const ran = (taskId: string, second: number, attempt = 1): Execution => ({
  taskId,
  attempt,
  at: at(second),
});
const ends = (...seconds: number[]) =>
  new Map(['A', 'B', 'C'].map((id, index) => [id, at(seconds[index] ?? 59)]));

describe('checking a workflow against its graph', () => {
  it('finds nothing where each task began once its upstream had ended, at the same moment at the earliest', () => {
    const account1 = account(graph, [ran('A', 1), ran('B', 2), ran('C', 4)], ends(2, 3, 5));
    expect(account1).toEqual({ edgesChecked: 3, breaches: [] });
  });

  it('finds a task that began before its upstream had ended', () => {
    const { breaches } = account(graph, [ran('A', 1), ran('B', 2), ran('C', 4)], ends(3, 3, 5));
    expect(breaches).toEqual(['B began before A had ended']);
  });

  it('finds an execution noted before that of its upstream, whatever the times say', () => {
    const { breaches } = account(graph, [ran('B', 3), ran('A', 1), ran('C', 4)], ends(2, 3, 5));
    expect(breaches).toEqual(['B began before A had ended']);
  });

  it('finds an upstream without an end', () => {
    const { breaches } = account(graph, [ran('A', 1), ran('B', 2), ran('C', 4)], new Map());
    expect(breaches).toHaveLength(3);
  });

  it.each([
    ['twice', [ran('A', 1), ran('A', 1), ran('B', 2), ran('C', 4)], ['A ran again']],
    [
      'in a second attempt',
      [ran('A', 1, 2), ran('B', 2), ran('C', 4)],
      expect.arrayContaining(['A ran again', 'A never ran']),
    ],
    [
      'that is no task of it',
      [ran('A', 1), ran('B', 2), ran('C', 4), ran('D', 5)],
      ['D ran and is no task'],
    ],
  ])('finds what ran %s', (_, executions, expected) => {
    expect(account(graph, executions, ends(2, 3, 5)).breaches).toEqual(expected);
  });

  it('finds what never ran, and its edges', () => {
    const { breaches } = account(graph, [ran('A', 1), ran('B', 2)], ends(2, 3));
    expect(breaches).toEqual([
      'C never ran',
      'C began before A had ended',
      'C began before B had ended',
    ]);
  });
});
