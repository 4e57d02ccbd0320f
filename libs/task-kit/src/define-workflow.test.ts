import * as z from 'zod';
import {
  defineTask,
  defineWorkflow,
  equals,
  exists,
  expression,
  not,
  orElse,
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
