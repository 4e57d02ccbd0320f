import fc from 'fast-check';
import { buildGraph } from './definition.js';
import { parseDefinition } from './parse-definition.js';
import { diamond } from './diamond.js';
import { InvalidDefinitionError, type Issue } from './errors.js';
import { LIMITS } from './limits.js';

function issuesOf(document: unknown): readonly Issue[] {
  try {
    parseDefinition(document);
  } catch (error) {
    if (error instanceof InvalidDefinitionError) return error.issues;
    throw error;
  }
  return [];
}
const named = (tasks: unknown) => ({ name: 'test', tasks });

describe('validating a definition', () => {
  it('accepts the sample', () => {
    expect(parseDefinition(JSON.parse(JSON.stringify(diamond)))).toEqual(diamond);
  });

  it('names every issue at once, each with its path', () => {
    const issues = issuesOf(
      named([
        { id: 'A', function: 'A' },
        { id: 'A', function: 'A', dependsOn: ['nobody'] },
        { id: 'B', function: 'B', dependsOn: ['A', 'A', 'C'] },
        { id: 'C', function: 'C', dependsOn: ['B'] },
      ]),
    );
    expect(issues).toEqual([
      { path: 'tasks[1].id', message: 'the id "A" is taken by tasks[0]' },
      { path: 'tasks[1].dependsOn[0]', message: 'there is no task "nobody"' },
      { path: 'tasks[2].dependsOn[1]', message: '"A" stands here twice' },
      {
        path: expect.stringMatching(/^tasks\[[23]\]\.dependsOn$/),
        message: expect.stringMatching(/^cycle: /),
      },
    ]);
  });

  it('shows a cycle with its members in order', () => {
    const tasks = ['A', 'B', 'C', 'D'].map((id, n, all) => ({
      id,
      function: 'F',
      dependsOn: [all[(n + 3) % 4] as string],
    }));
    const [issue] = issuesOf(named(tasks));
    const [, members = ''] = issue?.message.split('cycle: ') ?? [];
    const around = members.split(' -> ');
    expect(around).toHaveLength(5);
    expect(around[0]).toBe(around[4]);
    around.slice(1).forEach((id, n) => {
      expect(tasks.find((task) => task.id === id)?.dependsOn).toEqual([around[n]]);
    });
  });

  it('calls a task that depends on itself a cycle', () => {
    expect(issuesOf(named([{ id: 'A', function: 'F', dependsOn: ['A'] }]))).toEqual([
      { path: 'tasks[0].dependsOn', message: 'cycle: A -> A' },
    ]);
  });

  it.each([
    ['nothing', undefined, ''],
    ['no tasks', named([]), 'tasks'],
    ['an unknown field', { ...named([{ id: 'A', function: 'F' }]), retrys: 3 }, 'retrys'],
    ['an id with a hash', named([{ id: 'A#1', function: 'F' }]), 'tasks[0].id'],
    ['an id of 129 characters', named([{ id: 'a'.repeat(129), function: 'F' }]), 'tasks[0].id'],
    ['a prototype name', named([{ id: 'constructor', function: 'F' }]), 'tasks[0].id'],
    ['__proto__', named([{ id: '__proto__', function: 'F' }]), 'tasks[0].id'],
    [
      'a timeout of 0',
      named([{ id: 'A', function: 'F', timeoutSeconds: 0 }]),
      'tasks[0].timeoutSeconds',
    ],
    [
      'a timeout too long',
      named([{ id: 'A', function: 'F', timeoutSeconds: 841 }]),
      'tasks[0].timeoutSeconds',
    ],
  ])('refuses %s and says where', (_, document, path) => {
    expect(issuesOf(document)).toContainEqual({ path, message: expect.any(String) });
  });

  it('accepts the longest id', () => {
    expect(issuesOf(named([{ id: 'a'.repeat(128), function: 'F' }]))).toEqual([]);
  });

  it(`takes ${LIMITS.tasksPerWorkflow} tasks and not one more`, () => {
    const tasks = Array.from({ length: LIMITS.tasksPerWorkflow }, (_, n) => ({
      id: `T${n}`,
      function: 'F',
      ...(n > 0 ? { dependsOn: [`T${n - 1}`] } : {}),
    }));
    expect(issuesOf(named(tasks))).toEqual([]);
    const oneMore = issuesOf(named([...tasks, { id: 'more', function: 'F' }]));
    expect(oneMore.map(({ path }) => path)).toEqual(['tasks']);
  });

  it(`takes ${LIMITS.edgesPerWorkflow} edges and not one more`, () => {
    const ups = Array.from({ length: 200 }, (_, n) => ({ id: `U${n}`, function: 'F' }));
    const downs = Array.from({ length: 200 }, (_, n) => ({
      id: `D${n}`,
      function: 'F',
      dependsOn: ups.map(({ id }) => id),
    }));
    expect(issuesOf(named([...ups, ...downs]))).toEqual([]);
    const more = { id: 'X', function: 'F', dependsOn: ['U0'] };
    expect(issuesOf(named([...ups, ...downs, more]))).toEqual([
      { path: 'tasks', message: '40001 edges are above the limit of 40000' },
    ]);
  });

  it('finds no cycle where every edge points back, and one as soon as an edge closes it', () => {
    const edges = fc.array(fc.tuple(fc.nat(14), fc.nat(14)), { maxLength: 40 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const forward = pairs
          .filter(([a, b]) => a !== b)
          .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
        const tasks = (extra: (n: number) => string[]) =>
          Array.from({ length: 15 }, (_, n) => ({
            id: `T${n}`,
            function: 'F',
            dependsOn: [
              ...new Set([
                ...forward.filter(([, b]) => b === n).map(([a]) => `T${a}`),
                ...extra(n),
              ]),
            ],
          }));
        expect(issuesOf(named(tasks(() => [])))).toEqual([]);
        for (const [a, b] of forward.slice(0, 1))
          expect(issuesOf(named(tasks((n) => (n === a ? [`T${b}`] : []))))).toContainEqual({
            path: expect.any(String),
            message: expect.stringMatching(/^cycle: /),
          });
      }),
    );
  });
});

describe('the graph of a definition', () => {
  it('knows roots, ends and both directions of every edge', () => {
    const graph = buildGraph(diamond);
    expect(graph.roots).toEqual(['A']);
    expect(graph.ends).toEqual(['C']);
    expect(graph.downstream.get('A')).toEqual(['B1', 'B2', 'B3']);
    expect(graph.upstream.get('C')).toEqual(['B1', 'B2', 'B3']);
    expect(graph.upstream.get('A')).toEqual([]);
  });
});

describe('what a task does', () => {
  const one = (task: object, more: object = {}) =>
    issuesOf({ ...named([{ id: 'A', ...task }]), ...more });
  const KINDS = '"function", "wait", "callback" and "workflow"';

  it.each<[string, object]>([
    ['calls a function', { function: 'F' }],
    ['waits so long', { wait: { seconds: 60 } }],
    ['waits until a moment', { wait: { until: '2030-01-31T12:00:00Z' } }],
    ['waits for an answer', { callback: { timeoutSeconds: 60, schema: { type: 'object' } } }],
    ['runs a workflow', { workflow: { name: 'other', revision: 2 }, input: { n: 1 } }],
    [
      'runs once for each item',
      { function: 'F', forEach: '{% [] %}', maxConcurrency: 2, label: 'x' },
    ],
    ['waits once for each item', { wait: { seconds: 1 }, forEach: [1, 2] }],
  ])('%s', (_, task) => {
    expect(one(task)).toEqual([]);
  });

  it.each<[object, string, string]>([
    [{}, 'tasks[0]', `must have one of ${KINDS}, and has none`],
    [
      { function: 'F', wait: { seconds: 1 } },
      'tasks[0]',
      `must have one of ${KINDS}, and has function and wait`,
    ],
    [{ wait: { seconds: 1 }, retry: {} }, 'tasks[0].retry', 'is only for a task with "function"'],
    [
      { function: 'F', maxConcurrency: 2 },
      'tasks[0].maxConcurrency',
      'is only for a task with "forEach"',
    ],
    [{ wait: { seconds: 1 }, input: 1 }, 'tasks[0].input', 'is not for a task that only waits'],
    [
      { wait: { seconds: 31 * 24 * 3600 } },
      'tasks[0].wait.seconds',
      "2678400 s do not end before the workflow's timeoutSeconds, 2592000 s",
    ],
  ])('%j is refused by name', (task, path, message) => {
    expect(one(task)).toContainEqual({ path, message });
  });

  it.each<[string, object]>([
    ['limit', { concurrency: { limit: 0 } }],
    ['limit', { concurrency: { limit: 1_001 } }],
  ])('a %s of %j is refused', (_, more) => {
    const [issue] = one({ function: 'F' }, more);
    expect(issue?.path).toBe('concurrency.limit');
    expect(issue?.message).toMatch(/at least 1|<=1000/);
  });

  it.each([
    ['a callback', { callback: { timeoutSeconds: 600 } }, 'callback.timeoutSeconds'],
    ['a wait', { wait: { seconds: 600 } }, 'wait.seconds'],
  ])('%s has to end before its workflow does', (_, task, field) => {
    expect(one(task, { timeoutSeconds: 600 })).toEqual([
      {
        path: `tasks[0].${field}`,
        message: "600 s do not end before the workflow's timeoutSeconds, 600 s",
      },
    ]);
  });
});

describe('hooks', () => {
  const hooked = (hooks: object, tasks: object[] = [{ id: 'A', function: 'A' }]) =>
    issuesOf({ ...named(tasks), ...hooks });

  it('are tasks without edges', () => {
    const definition = parseDefinition({
      ...named([{ id: 'A', function: 'A' }]),
      onFailure: [{ id: 'tell', function: 'A' }],
    });
    const graph = buildGraph(definition);
    expect([...graph.tasks.keys()]).toEqual(['A', 'tell']);
    expect(graph.hooks).toEqual(new Map([['tell', 'onFailure']]));
    expect(graph.roots).toEqual(['A']);
    expect(graph.upstream.has('tell')).toBe(false);
  });

  it.each<[string, object, string]>([
    ['an id that is taken', { finally: [{ id: 'A', function: 'A' }] }, 'finally[0].id'],
    [
      'an edge',
      { finally: [{ id: 'B', function: 'A', dependsOn: ['A'] }] },
      'finally[0].dependsOn',
    ],
    ['nothing to do', { onSuccess: [{ id: 'B' }] }, 'onSuccess[0]'],
  ])('with %s are refused', (_, hooks, path) => {
    expect(hooked(hooks).map((issue) => issue.path)).toEqual([path]);
  });

  it('are nothing that a task can depend on', () => {
    const tasks = [{ id: 'A', function: 'A', dependsOn: ['tell'] }];
    expect(hooked({ onFailure: [{ id: 'tell', function: 'A' }] }, tasks)).toEqual([
      { path: 'tasks[0].dependsOn[0]', message: 'there is no task "tell"' },
    ]);
  });
});
