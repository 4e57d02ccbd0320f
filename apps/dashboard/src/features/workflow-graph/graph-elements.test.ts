import { failed, running } from '../../testing/samples.js';
import { edgeState, taskEdges, taskNodes } from './graph-elements.js';
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
