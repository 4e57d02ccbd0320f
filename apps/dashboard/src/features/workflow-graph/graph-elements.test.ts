import { failed, mapping, running } from '../../testing/samples.js';
import { edgeState, progressText, statusText, taskEdges, taskNodes } from './graph-elements.js';
import { layoutTasks } from './layout.js';

describe('drawing an edge', () => {
  it.each([
    ['PENDING', 'PENDING', 'waiting'],
    ['RUNNING', 'PENDING', 'waiting'],
    ['SUCCEEDED', 'PENDING', 'done'],
    ['SUCCEEDED', 'READY', 'flowing'],
    ['SUCCEEDED', 'RUNNING', 'flowing'],
    ['SUCCEEDED', 'SUCCEEDED', 'done'],
    ['SUCCEEDED', 'FAILED', 'done'],
    ['FAILED', 'SKIPPED', 'broken'],
    ['SUCCEEDED', 'SKIPPED', 'broken'],
    ['RUNNING', 'CANCELLED', 'broken'],
  ] as const)('from %s to %s is %s', (source, target, state) => {
    expect(edgeState(source, target)).toBe(state);
  });

  it('moves only what leads to a task that is under way', () => {
    const moving = taskEdges(running.tasks).filter(({ animated }) => animated);
    expect(moving.map(({ id }) => id)).toEqual(['A->B2', 'A->B3']);
  });
});

describe('drawing a task', () => {
  const nodes = taskNodes(failed.tasks, layoutTasks(failed.tasks, 'right'), 'right', 'B2');

  it('says its id and status to those who do not see it', () => {
    expect(nodes.map(({ ariaLabel }) => ariaLabel)).toEqual([
      'Task A, Succeeded',
      'Task B1, Succeeded',
      'Task B2, Failed',
      'Task B3, Succeeded',
      'Task C, Skipped',
    ]);
  });

  it('marks the one that is selected', () => {
    expect(nodes.filter(({ selected }) => selected).map(({ id }) => id)).toEqual(['B2']);
  });
});

describe('drawing a map', () => {
  const nodes = (ended: number | undefined, selected?: string) =>
    taskNodes(
      mapping.tasks,
      layoutTasks(mapping.tasks, 'right'),
      'right',
      selected,
      new Map([['B', { count: 10, ended }]]),
    );

  it('is one node, which says how far it has come', () => {
    expect(nodes(3).map(({ ariaLabel }) => ariaLabel)).toEqual([
      'Task A, Succeeded',
      'Task B, Running, 3 of 10 items',
      'Task pause, Pending',
      'Task tell, Pending',
      'Task clean, Pending',
    ]);
    expect(progressText({ count: 10, ended: 3 })).toBe('3/10');
    expect(progressText({ count: 10, ended: undefined })).toBe('10 items');
  });

  it('is marked while one of its items is selected', () => {
    const marked = nodes(3, 'B[7]').filter(({ selected }) => selected);
    expect(marked.map(({ id }) => id)).toEqual(['B']);
  });
});

describe('drawing hooks', () => {
  it('joins them to the ends by lines of another kind, each named once', () => {
    const hooks = taskEdges(mapping.tasks).filter(({ className }) => className?.includes('hook'));
    expect(hooks.map(({ id, label }) => [id, label])).toEqual([
      ['pause->tell', 'on failure'],
      ['tell->clean', 'finally'],
    ]);
  });
});

describe('drawing a wait', () => {
  it('says that it waits, not that something runs', () => {
    const [wait] = mapping.tasks.filter(({ kind }) => kind === 'wait');
    if (!wait) throw new Error('there is none');
    expect(statusText(wait)).toBe('Pending');
    const suspended = { ...wait, status: 'RUNNING' as const, suspendedAt: mapping.createdAt };
    expect(statusText(suspended)).toBe('Waiting');
    expect(statusText({ ...suspended, kind: 'workflow' })).toBe('Running');
  });
});
