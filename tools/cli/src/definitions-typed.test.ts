/** What task-kit's typed definitions are on the other side: the engine's own schema and evaluator read them. */
import {
  defineTask,
  defineWorkflow,
  equals,
  exists,
  expression,
  not,
  orElse,
  subWorkflow,
  type Definition as Typed,
  type Ref,
  type Wired,
} from '@orchestra/task-kit';
import { parseDefinition, type definitionSchema } from '@orchestra/workflow-core';
import { evaluateTemplate, validateDefinition } from '@orchestra/workflow-core/data';
import * as z from 'zod';

type Frozen<T> = T extends object ? { readonly [Name in keyof T]: Frozen<T[Name]> } : T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

type TypedTask = Typed['tasks'][number];
type TypedHook = NonNullable<Typed['finally']>[number];
type Checked = z.input<typeof definitionSchema>;
type CheckedTask = Checked['tasks'][number];
type CheckedHook = NonNullable<Checked['finally']>[number];
type Hooks = 'onSuccess' | 'onFailure' | 'finally';
type Json = 'inputSchema' | 'tasks' | Hooks;
/** Of a task. */
type TaskJson = 'input' | 'forEach' | 'callback';

const output = z.object({
  'odd name': z.number(),
  in: z.string(),
  'a`b': z.boolean(),
  one: z.array(z.number()),
  none: z.array(z.number()),
  grid: z.array(z.array(z.string())),
  rows: z.array(z.object({ id: z.string() })),
  gap: z.string().optional(),
  nothing: z.string().nullable(),
});
const given: z.output<typeof output> = {
  'odd name': 7,
  in: 'text',
  'a`b': true,
  one: [5],
  none: [],
  grid: [
    ['a', 'b'],
    ['c', 'd'],
  ],
  rows: [{ id: 'first' }],
  nothing: null,
};
const source = defineTask({ function: 'source', output });
const anything = defineTask({ function: 'anything' });

/** What a task gets at run time for what it was wired with. */
async function evaluated(wire: (given: Ref<z.output<typeof output>>) => unknown) {
  const { tasks } = parseDefinition(
    defineWorkflow({ name: 'w' }, ({ task }) => {
      const a = task('1-source', source);
      task('b', anything, { input: wire(a.output) as Wired<unknown> });
    }),
  );
  const result = await evaluateTemplate(
    { input: tasks[1]?.input },
    {
      workflow: { id: 'w-1', input: {}, tags: [] },
      tasks: { '1-source': { status: 'SUCCEEDED', output: given } },
    },
  );
  return result.kind === 'values' ? result.input : result.error;
}

describe('a typed definition', () => {
  it('has the shape the engine checks, no field more and none less', () => {
    // Where the two differ this does not compile. JSON itself is left out: the compiler follows it without end.
    const fields: Same<keyof Typed, keyof Checked> = true;
    const rest: Same<Omit<Typed, Json>, Frozen<Omit<Checked, Json>>> = true;
    const taskFields: Same<keyof TypedTask, keyof CheckedTask> = true;
    const taskRest: Same<Omit<TypedTask, TaskJson>, Frozen<Omit<CheckedTask, TaskJson>>> = true;
    const hookFields: Same<keyof TypedHook, keyof CheckedHook> = true;
    const hookRest: Same<Omit<TypedHook, 'input'>, Frozen<Omit<CheckedHook, 'input'>>> = true;
    expect([fields, rest, taskFields, taskRest, hookFields, hookRest]).not.toContain(false);
  });

  it('with everything in it parses to itself', () => {
    const definition = defineWorkflow(
      {
        name: 'w',
        description: 'd',
        input: z.object({ url: z.url(), size: z.int().default(5) }),
        failFast: true,
        timeoutSeconds: 60,
        concurrency: { limit: 2, key: (asked) => asked.url },
      },
      ({ input, workflow, task, map, wait, callback, onSuccess, onFailure, finally: last }) => {
        const a = task('a', source, { onLostWorker: 'fail', timeoutSeconds: 5 });
        task('b', anything, {
          dependsOn: [a],
          triggerRule: 'none_failed',
          when: exists(a.output.gap),
          input: { all: [input, workflow.tags] },
          retry: {
            maxAttempts: 1,
            intervalSeconds: 1,
            backoffRate: 1,
            maxDelaySeconds: 1,
            jitter: 'FULL',
            retryOn: ['*'],
            doNotRetryOn: ['InvalidInput'],
          },
          continueOnFailure: true,
        });
        const parts = map('parts', source, {
          forEach: a.output.rows,
          input: (row, index) => ({ row, index }),
          label: (row) => row.id,
          maxConcurrency: 2,
          toleratedFailures: { count: 1, percent: 10 },
        });
        const settled = wait('settle', { seconds: 5, dependsOn: [parts] });
        wait('later', { until: settled.output.until });
        const asked = callback('ask', {
          timeoutSeconds: 9,
          output: z.object({ ok: z.boolean() }),
          input: parts.output,
        });
        task('child', subWorkflow({ name: 'other', revision: 2 }), { when: asked.output.ok });
        onSuccess('praise', anything, { input: a.output.in, timeoutSeconds: 5 });
        onFailure('alert', anything, { input: ({ failedTasks }) => failedTasks });
        last('clean', subWorkflow({ name: 'cleaner' }));
      },
    );
    expect(parseDefinition(definition)).toEqual(definition);
    // Its expressions are read, and take only from what they may.
    expect(validateDefinition(definition)).not.toHaveProperty('issues');
  });

  it('gives an item of a map its entry and its place', async () => {
    const { tasks } = parseDefinition(
      defineWorkflow({ name: 'w' }, ({ task, map }) => {
        const a = task('1-source', source);
        map('b', anything, {
          forEach: a.output.rows,
          label: (row) => row.id,
          input: (row, index) => ({ id: row.id, next: expression<number>`${index} + 1` }),
        });
      }),
    );
    const { forEach, label, input } = tasks[1] ?? {};
    const context = {
      workflow: { id: 'w-1', input: {}, tags: [] },
      tasks: { '1-source': { status: 'SUCCEEDED', output: given } },
    };
    const item = { id: 'first' };
    expect(await evaluateTemplate({ forEach, ...(label && { label }) }, context)).toMatchObject({
      items: [{ item, label: 'first' }],
    });
    expect(await evaluateTemplate({ input }, { ...context, item, index: 4 })).toMatchObject({
      input: { id: 'first', next: 5 },
    });
  });
});

describe('what is wired', () => {
  it.each([
    ['everything', (o) => o, given],
    ['an odd name', (o) => o['odd name'], 7],
    ['a word of JSONata', (o) => o.in, 'text'],
    ['a name with a backtick', (o) => o['a`b'], true],
    ['a list of one', (o) => o.one, [5]],
    ['an empty list', (o) => o.none, []],
    ['an element', (o) => o.one[0], 5],
    ['an element of an element', (o) => o.grid[1]?.[0], 'c'],
    ['a field of an element', (o) => o.rows[0]?.id, 'first'],
    ['null', (o) => o.nothing, null],
    ['equality', (o) => equals(o.rows, [{ id: 'first' }]), true],
    ['difference', (o) => not(equals(o.in, 'other')), true],
    [
      'presence',
      (o) => [exists(o.gap), exists(o.nothing), exists(o.one[1] ?? o.in)],
      [false, true, false],
    ],
    [
      'another value',
      (o) => [orElse(o.gap, 'x'), orElse(o.in, 'x'), orElse(o.nothing, 'x')],
      ['x', 'text', null],
    ],
    ['an expression', (o) => expression`$sum(${o.one}) + ${o['odd name']} * ${2}`, 19],
    [
      'an expression in another',
      (o) => expression`${expression`1 + 1`} * ${orElse(o.gap, 3 as never)}`,
      6,
    ],
    [
      'texts that look like expressions',
      () => ['{% 1 %}', ' {% "a" %}'],
      ['{% 1 %}', ' {% "a" %}'],
    ],
    ['a regular expression', () => expression`$contains("a1", /\d/)`, true],
  ] as [string, (o: Ref<z.output<typeof output>>) => unknown, unknown][])(
    'arrives as it was meant: %s',
    async (_, wire, value) => {
      expect(await evaluated(wire)).toEqual(value);
    },
  );

  it('fails the task where a value is missing after all', async () => {
    expect(await evaluated((o) => ({ deep: [o.one[3]] }))).toMatchObject({
      type: 'ExpressionFailed',
      message: expect.stringContaining('input.deep[0]'),
    });
  });
});
