import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { diamond } from '../diamond.js';
import { LIMITS } from '../limits.js';
import { validateDefinition } from './validation.js';

const FUNCTIONS = new Set(['F', 'G']);

const issuesOf = (document: unknown) => {
  const validated = validateDefinition(document, { functions: FUNCTIONS });
  return 'issues' in validated ? validated.issues : [];
};
const withTasks = (...tasks: object[]) => ({
  name: 'd',
  tasks: tasks.map((task) => ({ function: 'F', ...task })),
});

describe('validating a definition', () => {
  it('gives one without an issue as it reads', () => {
    expect(validateDefinition(diamond)).toEqual({ definition: diamond });
  });

  it.each<[string, object, string, RegExp]>([
    [
      'a cycle by its members',
      withTasks(
        { id: 'A', dependsOn: ['C'] },
        { id: 'B', dependsOn: ['A'] },
        { id: 'C', dependsOn: ['B'] },
      ),
      'tasks[1].dependsOn',
      /^cycle: B -> C -> A -> B$/,
    ],
    [
      'an unknown dependency',
      withTasks({ id: 'A', dependsOn: ['X'] }),
      'tasks[0].dependsOn[0]',
      /no task "X"/,
    ],
    ['a duplicate id', withTasks({ id: 'A' }, { id: 'A' }), 'tasks[1].id', /taken by tasks\[0\]/],
    [
      'a function that is not registered, with those that are',
      withTasks({ id: 'A', function: 'H' }),
      'tasks[0].function',
      /"H"; there is F, G$/,
    ],
    [
      'a rule that can never hold',
      withTasks({ id: 'A' }, { id: 'B', dependsOn: ['A'], triggerRule: 'all_skipped' }),
      'tasks[1].triggerRule',
      /all_skipped can never hold/,
    ],
    [
      'an unreachable task',
      withTasks(
        { id: 'A' },
        { id: 'B', dependsOn: ['A'], triggerRule: 'all_skipped' },
        { id: 'C', dependsOn: ['B'] },
      ),
      'tasks[2].dependsOn',
      /unreachable.*"B"/,
    ],
    [
      'an expression that does not parse',
      withTasks({ id: 'A', input: { list: [1, '{% 1 + %}'] } }),
      'tasks[0].input.list[1]',
      /./,
    ],
    [
      'a condition that is no expression',
      withTasks({ id: 'A', when: 'yes' }),
      'tasks[0].when',
      /./,
    ],
    [
      'an expression on a task it does not depend on',
      withTasks({ id: 'A' }, { id: 'B', input: '{% tasks.A.output %}' }),
      'tasks[1].input',
      /"A".*dependsOn/,
    ],
    [
      'a schema that is none',
      { ...withTasks({ id: 'A' }), inputSchema: { type: 'text' } },
      'inputSchema.type',
      /./,
    ],
    ['an unknown field', withTasks({ id: 'A', retrys: 3 }), 'tasks[0].retrys', /not a known field/],
    [
      'a limit, with its value',
      withTasks({ id: 'A', timeoutSeconds: LIMITS.taskTimeoutSeconds.max + 1 }),
      'tasks[0].timeoutSeconds',
      new RegExp(String(LIMITS.taskTimeoutSeconds.max)),
    ],
  ])('names %s', (_, document, path, message) => {
    expect(issuesOf(document)).toContainEqual({ path, message: expect.stringMatching(message) });
  });

  it('names the tasks above the limit', () => {
    const tasks = Array.from({ length: LIMITS.tasksPerWorkflow + 1 }, (_, n) => ({ id: `T${n}` }));
    expect(issuesOf(withTasks(...tasks))).toContainEqual({
      path: 'tasks',
      message: expect.stringContaining(String(LIMITS.tasksPerWorkflow)),
    });
  });

  it('names the edges above the limit', () => {
    const layer = (of: string) => Array.from({ length: 201 }, (_, n) => `${of}${n}`);
    const tasks = [
      ...layer('A').map((id) => ({ id })),
      ...layer('B').map((id) => ({ id, dependsOn: layer('A') })),
    ];
    expect(issuesOf(withTasks(...tasks))).toEqual([
      { path: 'tasks', message: expect.stringContaining(String(LIMITS.edgesPerWorkflow)) },
    ]);
  });

  it('names every issue at once, also beside a task that does not read', () => {
    const document = withTasks(
      { id: 'A', dependsOn: 7 },
      { id: 'B', retrys: 3, function: 'H', dependsOn: ['A', 'X'] },
      { id: 'C', dependsOn: ['D'] },
      { id: 'D', dependsOn: ['C'] },
      { id: 'E', dependsOn: ['G'] },
      { id: 'G', dependsOn: ['E'] },
    );
    const paths = issuesOf(document).map(({ path }) => path);
    expect(paths).toEqual([
      'tasks[0].dependsOn',
      'tasks[1].retrys',
      'tasks[1].dependsOn[1]',
      'tasks[3].dependsOn',
      'tasks[5].dependsOn',
      'tasks[1].function',
    ]);
  });

  it.each([undefined, null, 7, 'text', [], {}, { tasks: 'none' }, { tasks: [null, 7, { id: 3 }] }])(
    'refuses %j',
    (document) => {
      expect(issuesOf(document).length).toBeGreaterThan(0);
    },
  );
});

describe('validating 10,000 tasks with an expression and four edges each', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'orchestra-validation-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  /** Milliseconds of the processor in a process of its own: what else a test process holds would count too. */
  function measure(): { validation: number; expressions: number } {
    const outfile = path.join(directory, 'measure.cjs');
    buildSync({
      stdin: {
        contents: `
          import { expressionIssuesOf } from './expression-issues.ts';
          import { validateDefinition } from './validation.ts';
          const tasks = Array.from({ length: 10_000 }, (_, n) => ({
            id: 'T' + n,
            function: 'F',
            dependsOn: Array.from({ length: Math.min(n, 4) }, (_, back) => 'T' + (n - 1 - back)),
            ...(n > 0 && { input: { n, above: '{% tasks.T' + (n - 1) + '.output + ' + n + ' %}' } }),
          }));
          function cpuOf(issues) {
            const began = process.cpuUsage();
            if (issues()) throw new Error('it has an issue');
            const { user, system } = process.cpuUsage(began);
            return (user + system) / 1_000;
          }
          // The best of three: others share the machine.
          const bestOf = (issues) => Math.min(...[1, 2, 3].map(() => cpuOf(issues)));
          const validation = bestOf(() => validateDefinition({ name: 'd', tasks }).issues);
          const placed = tasks.map((task, index) => ({ task, path: 'tasks[' + index + ']' }));
          const expressions = bestOf(() => expressionIssuesOf(placed, new Set()).length);
          process.stdout.write(JSON.stringify({ validation, expressions }));`,
        resolveDir: __dirname,
      },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
    });
    return JSON.parse(execFileSync(process.execPath, [outfile], { encoding: 'utf8' }));
  }

  it('takes less than a second, and reading their expressions alone too', () => {
    const { validation, expressions } = measure();
    expect(validation).toBeLessThan(1_000);
    expect(expressions).toBeLessThan(1_000);
  });
});

describe('validating flow control', () => {
  it.each<[string, object, string, RegExp]>([
    [
      'a forEach that is no expression',
      withTasks({ id: 'A', forEach: 'tasks.B.output' }),
      'tasks[0].forEach',
      /^must be a list, or an expression \{% ... %\} that gives one$/,
    ],
    [
      'a forEach over a task that it does not depend on',
      withTasks({ id: 'A' }, { id: 'B', forEach: '{% tasks.A.output %}' }),
      'tasks[1].forEach',
      /^uses the output of "A", which is not in dependsOn$/,
    ],
    [
      'a label that does not parse',
      withTasks({ id: 'A', forEach: [1], label: '{% item. %}' }),
      'tasks[0].label',
      /^is no JSONata expression/,
    ],
    [
      'a moment that is none',
      { name: 'd', tasks: [{ id: 'A', wait: { until: 'tomorrow' } }] },
      'tasks[0].wait.until',
      /^must be a moment such as 2030-01-31T12:00:00Z/,
    ],
    [
      'a key that is no expression',
      { ...withTasks({ id: 'A' }), concurrency: { limit: 1, key: 'customer' } },
      'concurrency.key',
      /^must be an expression/,
    ],
    [
      'a schema of answers that is none',
      {
        name: 'd',
        tasks: [{ id: 'A', callback: { timeoutSeconds: 9, schema: { type: 'text' } } }],
      },
      'tasks[0].callback.schema.type',
      /./,
    ],
    [
      'a hook that names a task that there is not',
      {
        ...withTasks({ id: 'A' }),
        onFailure: [{ id: 'tell', function: 'F', input: '{% tasks.B.error %}' }],
      },
      'onFailure[0].input',
      /"B"/,
    ],
    [
      'a function of a hook that is not registered',
      { ...withTasks({ id: 'A' }), finally: [{ id: 'tell', function: 'H' }] },
      'finally[0].function',
      /"H"/,
    ],
  ])('names %s', (_, document, path, message) => {
    expect(issuesOf(document)).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it('lets a hook name any task', () => {
    const hook = { id: 'tell', function: 'F', input: '{% tasks.A.error %}' };
    expect(issuesOf({ ...withTasks({ id: 'A' }), onFailure: [hook] })).toEqual([]);
  });
});
