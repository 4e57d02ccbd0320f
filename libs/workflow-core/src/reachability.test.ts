import { buildGraph, topologicalOrder } from './definition.js';
import { parseDefinition } from './parse-definition.js';
import { unreachableTasks } from './reachability.js';
import type { TriggerRule } from './trigger-rules.js';

type TaskShape = {
  id: string;
  dependsOn?: string[];
  triggerRule?: TriggerRule;
  when?: string;
  continueOnFailure?: boolean;
};

function unreachable(tasks: readonly TaskShape[], definition: object = {}) {
  const graph = buildGraph(
    parseDefinition({
      name: 'd',
      ...definition,
      tasks: tasks.map((task) => ({ function: 'f', ...task })),
    }),
  );
  return unreachableTasks(graph, topologicalOrder(graph));
}

const WHEN = '{% true %}';

describe('a task that can never run', () => {
  it.each<[string, TaskShape[]]>([
    ['every upstream skipped, and none ever is', [{ id: 'A' }]],
    [
      'every upstream failed, and one counts as a success',
      [{ id: 'A', continueOnFailure: true }, { id: 'B' }],
    ],
  ])('has a rule that wants %s', (_, upstream) => {
    const triggerRule = upstream.length === 1 ? 'all_skipped' : 'all_failed';
    const dependsOn = upstream.map(({ id }) => id);
    expect(unreachable([...upstream, { id: 'Z', dependsOn, triggerRule }])).toEqual([
      { taskId: 'Z' },
    ]);
  });

  it('makes those below it unreachable, unless their rule is content with that', () => {
    expect(
      unreachable([
        { id: 'A' },
        { id: 'B', dependsOn: ['A'], triggerRule: 'all_skipped' },
        { id: 'C', dependsOn: ['B'] },
        { id: 'D', dependsOn: ['B'], triggerRule: 'all_done' },
      ]),
    ).toEqual([{ taskId: 'B' }, { taskId: 'C', below: 'B' }]);
  });

  it('waits for a failure where the definition fails fast', () => {
    const tasks: TaskShape[] = [
      { id: 'A' },
      { id: 'B', dependsOn: ['A'], triggerRule: 'one_failed' },
    ];
    expect(unreachable(tasks)).toEqual([]);
    expect(unreachable(tasks, { failFast: true })).toEqual([{ taskId: 'B' }]);
  });
});

describe('a task that may run', () => {
  it.each<[TriggerRule, TaskShape[]]>([
    ['all_skipped', [{ id: 'A', when: WHEN }]],
    ['none_skipped', [{ id: 'A' }, { id: 'B', when: WHEN }]],
    ['all_failed', [{ id: 'A' }, { id: 'B' }]],
    ['one_failed', [{ id: 'A', continueOnFailure: true }, { id: 'B' }]],
    ['all_done_min_one_success', [{ id: 'A' }, { id: 'B', when: WHEN }]],
    ['none_failed_min_one_success', [{ id: 'A', when: WHEN }, { id: 'B' }]],
  ])('by %s', (triggerRule, upstream) => {
    const dependsOn = upstream.map(({ id }) => id);
    expect(unreachable([...upstream, { id: 'Z', dependsOn, triggerRule }])).toEqual([]);
  });

  it('needs two tasks for two endings', () => {
    // One upstream cannot both have failed and succeeded, so none of these rules could tell them apart.
    expect(
      unreachable([
        { id: 'A', continueOnFailure: true, when: WHEN },
        { id: 'Z', dependsOn: ['A'], triggerRule: 'one_failed' },
      ]),
    ).toEqual([{ taskId: 'Z' }]);
  });
});
