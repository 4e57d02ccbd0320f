import * as z from 'zod';
import {
  defineTask,
  defineWorkflow,
  equals,
  exists,
  expression,
  not,
  orElse,
  subWorkflow,
  type Task,
  type Wired,
} from './index.js';

const scanOutput = z.object({
  width: z.number(),
  'content-type': z.string(),
  and: z.boolean(),
  'a`b': z.string(),
  rows: z.array(z.array(z.number())),
  note: z.string().optional(),
});
type Scan = z.output<typeof scanOutput>;
const scan = defineTask({
  function: 'scan',
  input: z.object({ url: z.string() }),
  output: scanOutput,
});
const anything = defineTask({ function: 'anything' });
const options = { name: 'w', input: z.object({ url: z.string(), size: z.number().optional() }) };

/** The input of a task that comes after a task `2-scans`. */
const inputAfter = (wire: (output: Task<Scan>['output']) => unknown) =>
  defineWorkflow(options, ({ task }) => {
    const a = task('2-scans', scan);
    task('b', anything, { input: wire(a.output) as Wired<unknown> });
  }).tasks[1]?.input;

describe('a wired workflow', () => {
  it('is a definition as JSON', () => {
    const definition = defineWorkflow(
      { ...options, description: 'd', failFast: true, timeoutSeconds: 60 },
      ({ input, workflow, task }) => {
        const a = task('a', scan, { input: { url: input.url }, timeoutSeconds: 5 });
        task('b', anything, {
          input: { of: workflow.id, parts: [a.output.width, 7, null, { deep: a.output.note }] },
          when: equals(a.output.width, 10),
          retry: { maxAttempts: 1 },
          triggerRule: 'all_done',
          continueOnFailure: true,
          onLostWorker: 'fail',
        });
      },
    );
    expect(JSON.parse(JSON.stringify(definition))).toEqual({
      name: 'w',
      description: 'd',
      failFast: true,
      timeoutSeconds: 60,
      inputSchema: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: { url: { type: 'string' }, size: { type: 'number' } },
        required: ['url'],
      },
      tasks: [
        {
          id: 'a',
          function: 'scan',
          timeoutSeconds: 5,
          input: { url: '{% workflow.input.url %}' },
        },
        {
          id: 'b',
          function: 'anything',
          dependsOn: ['a'],
          when: '{% tasks.a.output.width = 10 %}',
          input: {
            of: '{% workflow.id %}',
            parts: ['{% tasks.a.output.width %}', 7, null, { deep: '{% tasks.a.output.note %}' }],
          },
          retry: { maxAttempts: 1 },
          triggerRule: 'all_done',
          continueOnFailure: true,
          onLostWorker: 'fail',
        },
      ],
    });
  });

  it('asks for what a caller sends: what has a default may be left out', () => {
    const input = z.object({ size: z.number().default(5) });
    const { inputSchema } = defineWorkflow({ name: 'w', input }, () => undefined);
    expect(inputSchema).not.toHaveProperty('required');
  });

  it('says nothing that was not asked for', () => {
    const definition = defineWorkflow({ name: 'w' }, ({ task }) => void task('a', anything));
    expect(definition).toEqual({ name: 'w', tasks: [{ id: 'a', function: 'anything' }] });
  });
});

describe('writing a reference', () => {
  it.each([
    ['a field', (o) => o.width, '{% tasks.`2-scans`.output.width %}'],
    ['everything', (o) => o, '{% tasks.`2-scans`.output %}'],
    ['a name with signs', (o) => o['content-type'], '{% tasks.`2-scans`.output.`content-type` %}'],
    ['a word of JSONata', (o) => o.and, '{% tasks.`2-scans`.output.`and` %}'],
    ['a backtick', (o) => o['a`b'], '{% $lookup(tasks.`2-scans`.output, "a`b") %}'],
    ['an element', (o) => o.rows[0]?.[12], '{% tasks.`2-scans`.output.rows[0][12] %}'],
  ] as [string, Parameters<typeof inputAfter>[0], string][])('knows %s', (_, wire, text) => {
    expect(inputAfter(wire)).toBe(text);
  });

  it('keeps a text that looks like an expression the text it is', () => {
    expect(inputAfter(() => ['{% 1 %}', ' {% "a" %} ', '{%', 'plain'])).toEqual([
      '{% "{% 1 %}" %}',
      '{% " {% \\"a\\" %} " %}',
      '{%',
      'plain',
    ]);
  });

  it('leaves out what is undefined, as JSON does', () => {
    expect(inputAfter(() => ({ a: undefined, b: 1 }))).toEqual({ b: 1 });
  });

  it.each([
    ['input.f', { f: () => 1 }],
    ['input[1]', [1, NaN]],
    ['input.d', { d: new Date(0) }],
    ['input.n.m', { n: { m: 1n } }],
  ])('refuses what is no JSON at %s', (path, value) => {
    expect(() => inputAfter(() => value)).toThrow(new TypeError(`${path} is no JSON`));
  });

  it('refuses to be put into a text, or taken apart, before there is a value', () => {
    expect(() => inputAfter((output) => `${String(output.width)} px`)).toThrow(
      'has no value before the workflow runs',
    );
    expect(() => inputAfter((output) => ({ ...output }))).toThrow('pass it whole');
  });
});

describe('writing an expression', () => {
  it.each([
    ['text', () => expression('$now()'), '$now()'],
    ['text with marks', () => expression('{% 1 + 1 %}'), '1 + 1'],
    ['references', (o) => expression`${o.width} * 2`, 'tasks.`2-scans`.output.width * 2'],
    [
      'literals',
      (o) => expression`${o.note} in ${['a"b', 1, null, { x: o.and }]}`,
      'tasks.`2-scans`.output.note in ["a\\"b", 1, null, {"x": tasks.`2-scans`.output.`and`}]',
    ],
    ['raw backslashes', () => expression`$match("a", /\d+/)`, '$match("a", /\\d+/)'],
    [
      'expressions inside',
      (o) => expression`${expression`${o.width} + 1`} * 2`,
      '(tasks.`2-scans`.output.width + 1) * 2',
    ],
    ['its fields', () => expression<{ a: 1 }>('$x ? 1 : 2').a, '($x ? 1 : 2).a'],
    ['exists', (o) => exists(o.note), '$exists(tasks.`2-scans`.output.note)'],
    ['not equals', (o) => not(equals(o.note, 'x')), '$not((tasks.`2-scans`.output.note = "x"))'],
    ['orElse', (o) => orElse(o.note, 'x'), 'tasks.`2-scans`.output.note ?? "x"'],
  ] as [string, Parameters<typeof inputAfter>[0], string][])('takes %s', (_, wire, text) => {
    expect(inputAfter(wire)).toBe(`{% ${text} %}`);
  });

  it('cannot be empty', () => {
    expect(() => expression('{% %}')).toThrow('cannot be empty');
  });
});

describe('the dependencies of a task', () => {
  const dependsOn = (wire: Parameters<typeof defineWorkflow<typeof options.input>>[1]) =>
    defineWorkflow(options, wire).tasks.at(-1)?.dependsOn;

  it('are those given, then those its condition and its input take from, each once', () => {
    expect(
      dependsOn(({ task }) => {
        const [a, b, c, d] = [task('a', scan), task('b', scan), task('c', scan), task('d', scan)];
        task('e', anything, {
          input: [d.output, { deep: expression`${c.output.width} + ${a.output.width}` }],
          when: not(exists(b.error)),
          dependsOn: [c],
        });
      }),
    ).toEqual(['c', 'b', 'd', 'a']);
  });

  it('of a condition that is a text have to be given', () => {
    const wire: Parameters<typeof dependsOn>[0] = ({ task }) => {
      const a = task('a', scan);
      task('b', anything, { when: 'tasks.a.output.width > 1', dependsOn: [a] });
    };
    expect(defineWorkflow(options, wire).tasks[1]).toMatchObject({
      dependsOn: ['a'],
      when: '{% tasks.a.output.width > 1 %}',
    });
  });

  it('are tasks of the same workflow', () => {
    const others: { readonly id: string }[] = [];
    defineWorkflow(options, ({ task }) => void others.push(task('other', scan)));
    expect(() => dependsOn(({ task }) => void task('a', anything, { dependsOn: others }))).toThrow(
      new TypeError('"a" takes from "other", which is no task of this workflow'),
    );
  });

  it('are not on a second task of the same id', () => {
    expect(() =>
      dependsOn(({ task }) => {
        task('a', anything);
        task('a', anything);
      }),
    ).toThrow(new TypeError('there is a task "a" already'));
  });
});

describe('wiring a map', () => {
  const lister = defineTask({
    function: 'lister',
    output: z.object({ files: z.array(z.object({ name: z.string(), size: z.number() })) }),
  });
  const sized = defineTask({
    function: 'sized',
    input: z.object({ name: z.string(), place: z.number().optional() }),
    output: z.object({ width: z.number() }),
  });

  it('writes what an item takes in terms of the item and its place', () => {
    const { tasks } = defineWorkflow({ name: 'w' }, ({ task, map }) => {
      const list = task('list', lister);
      const sizes = map('sizes', sized, {
        forEach: list.output.files,
        label: (file) => file.name,
        input: (file, index) => ({ name: file.name, place: index }),
        maxConcurrency: 5,
        toleratedFailures: { percent: 10 },
        retry: { maxAttempts: 1 },
      });
      task('sum', anything, { input: { first: sizes.output[0] } as Wired<unknown> });
    });
    expect(tasks.slice(1)).toEqual([
      {
        id: 'sizes',
        function: 'sized',
        dependsOn: ['list'],
        forEach: '{% tasks.list.output.files %}',
        label: '{% item.name %}',
        input: { name: '{% item.name %}', place: '{% index %}' },
        maxConcurrency: 5,
        toleratedFailures: { percent: 10 },
        retry: { maxAttempts: 1 },
      },
      {
        id: 'sum',
        function: 'anything',
        dependsOn: ['sizes'],
        input: { first: '{% tasks.sizes.output[0] %}' },
      },
    ]);
  });

  it('takes a list as it is, and what another task gives beside it', () => {
    const { tasks } = defineWorkflow(options, ({ input, task, map }) => {
      const a = task('a', scan);
      map('b', sized, {
        forEach: [{ name: 'x' }, { name: 'y' }],
        label: () => 'one of two',
        input: ({ name }) => ({ name: expression<string>`${name} & ${a.output.note}` }),
        when: exists(input.size),
      });
    });
    expect(tasks[1]).toEqual({
      id: 'b',
      function: 'sized',
      dependsOn: ['a'],
      forEach: [{ name: 'x' }, { name: 'y' }],
      label: 'one of two',
      when: '{% $exists(workflow.input.size) %}',
      input: { name: '{% item.name & tasks.a.output.note %}' },
    });
  });
});

describe('wiring what is no call of a function', () => {
  it('writes waits, callbacks and other workflows', () => {
    const region = subWorkflow({
      name: 'region',
      revision: 3,
      input: z.object({ url: z.string() }),
      output: z.object({ page: z.object({ text: z.string() }) }),
    });
    const { tasks } = defineWorkflow(options, ({ input, task, map, wait, callback }) => {
      const settle = wait('settle', { seconds: 60 });
      const later = wait('later', { until: input.url, dependsOn: [settle] });
      const asked = callback('ask', {
        timeoutSeconds: 9,
        output: z.object({ ok: z.boolean() }),
        input: { until: later.output.until },
      });
      const child = task('child', region, { when: asked.output.ok });
      map('children', region, {
        forEach: [1, 2],
        input: (n) => ({ url: expression<string>`${child.output.page.text} & ${n}` }),
      });
    });
    expect(tasks).toEqual([
      { id: 'settle', wait: { seconds: 60 } },
      { id: 'later', dependsOn: ['settle'], wait: { until: '{% workflow.input.url %}' } },
      {
        id: 'ask',
        dependsOn: ['later'],
        callback: {
          timeoutSeconds: 9,
          schema: {
            $schema: 'https://json-schema.org/draft/2020-12/schema',
            type: 'object',
            properties: { ok: { type: 'boolean' } },
            required: ['ok'],
          },
        },
        input: { until: '{% tasks.later.output.until %}' },
      },
      {
        id: 'child',
        workflow: { name: 'region', revision: 3 },
        dependsOn: ['ask'],
        when: '{% tasks.ask.output.ok %}',
      },
      {
        id: 'children',
        workflow: { name: 'region', revision: 3 },
        dependsOn: ['child'],
        forEach: [1, 2],
        input: { url: '{% tasks.child.output.page.text & item %}' },
      },
    ]);
  });

  it('writes hooks, which follow all tasks and are told how they ended', () => {
    const {
      tasks,
      onSuccess,
      onFailure,
      finally: last,
    } = defineWorkflow(options, (parts) => {
      const a = parts.task('a', scan);
      parts.onSuccess('praise', anything, { input: a.output.width });
      parts.onFailure('alert', anything, {
        input: ({ status, failedTasks }) => ({ status, first: failedTasks[0]?.taskId }),
        retry: { maxAttempts: 1 },
      });
      parts.onFailure('page', anything);
      parts.finally('clean', anything);
    });
    expect(tasks).toHaveLength(1);
    expect(onSuccess).toEqual([
      { id: 'praise', function: 'anything', input: '{% tasks.a.output.width %}' },
    ]);
    expect(onFailure).toEqual([
      {
        id: 'alert',
        function: 'anything',
        input: {
          status: '{% workflow.status %}',
          first: '{% workflow.failedTasks[0].taskId %}',
        },
        retry: { maxAttempts: 1 },
      },
      { id: 'page', function: 'anything' },
    ]);
    expect(last).toEqual([{ id: 'clean', function: 'anything' }]);
  });

  it('refuses a hook of an id that is taken', () => {
    expect(() =>
      defineWorkflow(options, ({ task, onFailure }) => {
        task('a', scan);
        onFailure('a', anything);
      }),
    ).toThrow(new TypeError('there is a task "a" already'));
  });

  it('writes a limit, and a key that sees the input', () => {
    const limited = (concurrency: { limit: number; key?: never }) =>
      defineWorkflow({ ...options, concurrency }, () => undefined).concurrency;
    expect(limited({ limit: 2 })).toEqual({ limit: 2 });
    const { concurrency } = defineWorkflow(
      { ...options, concurrency: { limit: 2, key: (input) => orElse(input.size, 0) } },
      () => undefined,
    );
    expect(concurrency).toEqual({ limit: 2, key: '{% input.size ?? 0 %}' });
  });
});
