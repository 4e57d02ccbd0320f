import { buildGraph } from './definition.js';
import { parseDefinition } from './parse-definition.js';
import { diamond } from './diamond.js';
import { byEpoch, deadlineOf, presentTasks, selectedTasks, statusOf } from './epochs.js';
import { AT, taskIn, workflowIn } from './testing/records.js';
import type { Redrive, Selection, Task } from './workflow.js';

const graph = buildGraph(diamond);

const task = (taskId: string, epoch: number, status: Task['status']) =>
  taskIn(taskId, status, { epoch });
const redrive = (epoch: number, selection: Selection): Redrive => ({
  epoch,
  at: AT,
  token: `order ${epoch}`,
  selection,
  fromRevision: 1,
  from: { status: 'FAILED' },
});
const selected = (downstream: boolean, ...tasks: string[]): Selection => ({
  kind: 'tasks',
  tasks,
  downstream,
});
const counting = (epoch: number, redrives: readonly Redrive[], tasks: readonly Task[]) =>
  presentTasks(graph, { epoch, redrives }, tasks).map(({ taskId }) => taskId);

describe('the items that count', () => {
  it('are all of them in the first epoch', () => {
    const tasks = [task('A', 1, 'SUCCEEDED'), task('B1', 1, 'RUNNING')];
    expect(counting(1, [], tasks)).toEqual(['A', 'B1']);
  });

  it('are of an older epoch only what succeeded', () => {
    const tasks = [
      task('A', 1, 'SUCCEEDED'),
      task('B1', 1, 'FAILED'),
      task('B2', 1, 'READY'),
      task('B3', 2, 'RUNNING'),
      task('C', 1, 'SKIPPED'),
    ];
    expect(counting(2, [redrive(2, { kind: 'unfinished' })], tasks)).toEqual(['A', 'B3']);
  });

  it('are not what a redrive selected', () => {
    const tasks = ['A', 'B1', 'B2', 'C'].map((id) => task(id, 1, 'SUCCEEDED'));
    expect(counting(2, [redrive(2, selected(false, 'B1'))], tasks)).toEqual(['A', 'B2', 'C']);
    expect(counting(2, [redrive(2, selected(true, 'B1'))], tasks)).toEqual(['A', 'B2']);
  });

  it('are what succeeded in the epoch that selected it, and later', () => {
    const redrives = [redrive(2, selected(true, 'A')), redrive(3, { kind: 'unfinished' })];
    const tasks = [task('A', 2, 'SUCCEEDED'), task('B1', 1, 'SUCCEEDED')];
    expect(counting(3, redrives, tasks)).toEqual(['A']);
  });

  it('are none of tasks the revision no longer has', () => {
    expect(counting(2, [redrive(2, { kind: 'unfinished' })], [task('Z', 1, 'SUCCEEDED')])).toEqual(
      [],
    );
  });
});

describe('a read of many pages that a redrive parted', () => {
  it('is known by items newer than its META, which are neither present nor older', () => {
    const tasks = [task('A', 1, 'SUCCEEDED'), task('B1', 1, 'FAILED'), task('B2', 3, 'READY')];
    const redrives = [redrive(2, { kind: 'unfinished' })];
    const { present, older, isTorn } = byEpoch(graph, { epoch: 2, redrives }, tasks);
    expect(present.map(({ taskId }) => taskId)).toEqual(['A']);
    expect([...older.keys()]).toEqual(['B1']);
    expect(isTorn).toBe(true);
    expect(byEpoch(graph, { epoch: 3, redrives }, tasks).isTorn).toBe(false);
  });
});

describe('a selection', () => {
  it('with its downstream is everything below', () => {
    expect([...selectedTasks(graph, selected(true, 'A'))]).toEqual(['A', 'B1', 'B2', 'B3', 'C']);
    expect([...selectedTasks(graph, selected(false, 'A'))]).toEqual(['A']);
    expect([...selectedTasks(graph, { kind: 'unfinished' })]).toEqual([]);
  });
});

describe('the status a person sees', () => {
  it('of what had not ended in a stopped workflow is CANCELLED', () => {
    for (const workflow of [
      { status: 'CANCELLED' },
      { status: 'FAILED', reason: 'TIMEOUT' },
    ] as const) {
      expect(statusOf(workflow, undefined)).toBe('CANCELLED');
      expect(statusOf(workflow, task('A', 1, 'READY'))).toBe('CANCELLED');
      expect(statusOf(workflow, task('A', 1, 'SUCCEEDED'))).toBe('SUCCEEDED');
    }
  });

  it('of a task without an item is PENDING', () => {
    expect(statusOf({ status: 'RUNNING' }, undefined)).toBe('PENDING');
  });
});

describe('the deadline', () => {
  const workflow = workflowIn();

  it('is 30 days after the start where the definition says nothing', () => {
    expect(deadlineOf(diamond, workflow)).toBe(Date.parse(AT) + 30 * 24 * 3_600_000);
  });

  it('counts again from a redrive', () => {
    const at = '2026-02-02T00:00:00.000Z';
    const redriven = { ...workflow, redrives: [{ ...redrive(2, { kind: 'unfinished' }), at }] };
    expect(deadlineOf({ ...diamond, timeoutSeconds: 60 }, redriven)).toBe(Date.parse(at) + 60_000);
  });
});

describe('the items of a map in a later epoch', () => {
  const mapped = buildGraph(
    parseDefinition({
      name: 'mapped',
      tasks: [
        { id: 'A', function: 'A' },
        { id: 'B', function: 'A', dependsOn: ['A'], forEach: '{% tasks.A.output %}' },
        { id: 'C', function: 'A', dependsOn: ['B'] },
      ],
      onFailure: [{ id: 'tell', function: 'A' }],
    }),
  );
  const map = (epoch: number, since: number, count = 2) =>
    taskIn('B', 'RUNNING', {
      epoch,
      items: { key: 'k', count, perPart: 2, hash: 'h', since },
    });
  const items = [task('B[0]', 1, 'SUCCEEDED'), task('B[1]', 1, 'FAILED')];
  const countingOf = (selection: Selection, tasks: readonly Task[]) =>
    presentTasks(mapped, { epoch: 2, redrives: [redrive(2, selection)] }, tasks)
      .filter(({ epoch }) => epoch === 1)
      .map(({ taskId }) => taskId);

  it('count on when they succeeded and the list is the same', () => {
    expect(countingOf({ kind: 'unfinished' }, [map(2, 1), ...items])).toEqual(['B[0]']);
  });

  it('do not when the list is another, or has become shorter', () => {
    expect(countingOf({ kind: 'unfinished' }, [map(2, 2), ...items])).toEqual([]);
    expect(countingOf({ kind: 'unfinished' }, [map(2, 1, 0), ...items])).toEqual([]);
  });

  it.each<[string, Selection, string[]]>([
    ['the map itself', selected(false, 'B'), []],
    ['what stands above it, with what is below', selected(true, 'A'), []],
    ['the item', selected(false, 'B[0]'), []],
    ['another item', selected(false, 'B[1]'), ['B[0]']],
  ])('that were selected by %s', (_, selection, counting) => {
    expect(countingOf(selection, [map(2, 1), ...items])).toEqual(counting);
  });

  it('selected one by one have their map joined anew, and what is below run again when asked', () => {
    expect(selectedTasks(mapped, selected(false, 'B[1]'))).toEqual(new Set(['B[1]', 'B']));
    expect(selectedTasks(mapped, selected(true, 'B[1]'))).toEqual(new Set(['C', 'B[1]', 'B']));
  });

  it('are no reason for a hook to count: hooks follow each epoch anew', () => {
    expect(countingOf({ kind: 'unfinished' }, [task('tell', 1, 'SUCCEEDED')])).toEqual([]);
  });
});
