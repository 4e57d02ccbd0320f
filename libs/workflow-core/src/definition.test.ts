import fc from 'fast-check';
import { buildGraph, parseDefinition } from './definition.js';
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
