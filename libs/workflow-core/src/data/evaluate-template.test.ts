import * as fc from 'fast-check';
import { LIMITS } from '../limits.js';
import { evaluateTemplate, type ExpressionContext } from './evaluate-template.js';
import type { MapItem } from '../workflow.js';
import { hasExpressions } from './expression-text.js';

jest.setTimeout(60_000);
const { expression: bounds } = LIMITS;
const context: ExpressionContext = {
  workflow: { id: 'w1', input: { limit: 3, names: ['x', 'y'] }, tags: ['nightly'] },
  tasks: {
    A: { status: 'SUCCEEDED', output: { total: 5, items: [{ id: 1 }, { id: 2 }] } },
    B: { status: 'FAILED', error: { type: 'TypeError', message: 'no', trace: [] } },
  },
  item: { key: 'k' },
};
const evaluate = (input: unknown) => evaluateTemplate({ input }, context);
const valueOf = (code: string) => evaluate(`{% ${code} %}`);
const errorOf = async (code: string) => {
  const evaluated = await evaluate({ items: [`{% ${code} %}`] });
  if (evaluated.kind !== 'failed') throw new Error(`${code} gave a value`);
  return evaluated.error;
};

describe('filling in the input of a task', () => {
  it('puts the value of each expression in its place', async () => {
    const input = {
      total: '{% tasks.A.output.total %}',
      list: ['{% workflow.input.names %}', ' {% item.key & "!" %} ', 'as it is'],
      status: {
        of: '{% tasks.B.status & " " & tasks.B.error.type %}',
        tag: '{% workflow.tags[0] %}',
      },
      nested: '{% tasks.A.output %}',
    };
    expect(await evaluate(input)).toEqual({
      kind: 'values',
      input: {
        total: 5,
        list: [['x', 'y'], 'k!', 'as it is'],
        status: { of: 'FAILED TypeError', tag: 'nightly' },
        nested: { total: 5, items: [{ id: 1 }, { id: 2 }] },
      },
    });
  });

  it('gives no input where there is none', async () => {
    expect(await evaluateTemplate({}, context)).toEqual({ kind: 'values' });
  });

  it('gives a literal back as it is', async () => {
    const literal = fc
      .jsonValue({ maxDepth: 6 })
      .filter((value) => !hasExpressions(value) && !JSON.stringify(value).includes('__proto__'));
    await fc.assert(
      fc.asyncProperty(literal, async (input) => {
        expect(await evaluate(input)).toEqual({ kind: 'values', input });
      }),
    );
  });

  it('gives plain lists, without the properties of JSONata', async () => {
    const evaluated = await valueOf('tasks.A.output.items.id');
    expect(evaluated).toStrictEqual({ kind: 'values', input: [1, 2] });
  });

  it('leaves the context as it was', async () => {
    const before = structuredClone(context);
    await valueOf('tasks.A.output ~> | items | {"id": 9}, "total" |');
    expect(context).toEqual(before);
  });
});

describe('a condition', () => {
  const conditionOf = (when: string) =>
    evaluateTemplate({ when: `{% ${when} %}`, input: '{% $error("evaluated") %}' }, context);

  it('that is false leaves the input alone', async () => {
    expect(await conditionOf('tasks.A.output.total > 9')).toEqual({ kind: 'values', when: false });
  });

  it('that is true leads to the input', async () => {
    expect(await conditionOf('tasks.A.output.total > 4')).toMatchObject({
      error: { type: 'ExpressionFailed', message: expect.stringContaining('input: evaluated') },
    });
  });

  it.each([
    ['1', '1'],
    ['"true"', '"true"'],
    ['tasks.nobody', 'nothing'],
    ['[true]', '[true]'],
    ['$sum', 'a function'],
  ])('must be a boolean: %s', async (when, gave) => {
    const message = expect.stringMatching(/^when: /);
    const evaluated = await conditionOf(when);
    expect(evaluated).toMatchObject({ error: { type: 'ExpressionFailed', message } });
    expect(JSON.stringify(evaluated).replaceAll('\\', '')).toContain(gave);
  });
});

describe('an expression that fails', () => {
  it.each([
    ['1 + "a"', 'The right side of the "+" operator must evaluate to a number (at position 4)'],
    ['$error("mine")', 'mine (at position 8)'],
    ['1 +', 'Unexpected end of expression (at position 5)'],
    ['tasks.nobody.output', 'gave nothing'],
    ['$sum', 'gave a function, which JSON cannot hold'],
    ['function($x) { $x }', 'gave a function, which JSON cannot hold'],
    ['/a/', 'gave a function, which JSON cannot hold'],
    ['{"__proto__": 1}', 'a value cannot be kept under the name "__proto__"'],
  ])('says where and why: %s', async (code, problem) => {
    expect(await errorOf(code)).toEqual({
      type: 'ExpressionFailed',
      message: `input.items[0]: ${problem}`,
      trace: [],
    });
  });

  it('is told in a message of bounded length', async () => {
    const { message } = await errorOf('$error($pad("", 100000, "long "))');
    expect(message).toHaveLength(LIMITS.errorMessageLength);
  });

  it.each(['constructor', 'tasks.constructor', '__proto__', 'tasks.A.output.items.constructor'])(
    'finds nothing of the host behind %s',
    async (code) => {
      expect((await errorOf(code)).message).toBe('input.items[0]: gave nothing');
    },
  );
});

describe('the bounds of an expression', () => {
  it.each([
    ['endless loop', '($f := function($x) { $f($x + 1) }; $f(1))', `${bounds.steps} steps`],
    [
      'endless recursion',
      '($f := function($x) { 1 + $f($x) }; $f(1))',
      `${bounds.depth} evaluations`,
    ],
    ['list of numbers', '$count([1..5000000])', `${bounds.items} items`],
    ['list far too long', '[1..1e9]', `${bounds.items} items`],
    [
      'list that doubles',
      '$reduce([1..40], function($a, $i) { $append($a, $a) }, [1, 2])',
      `${bounds.items} items`,
    ],
    ['long text', '$length($pad("x", 500000000))', `${LIMITS.payloadBytes} characters`],
    ['impossible text', '$pad("x", 1e9)', `${LIMITS.payloadBytes} characters`],
    ['text that doubles', '$reduce([1..60], function($a, $i) { $a & $a }, "xx")', 'characters'],
    ['bound met inside $eval', '$eval("[1..5000000]")', `${bounds.items} items`],
    [
      'deep result',
      '$reduce([1..100], function($a, $i) { {"a": $a} }, 1)',
      `${LIMITS.jsonDepth} levels`,
    ],
    [
      'result small in memory and endless as JSON',
      '$reduce([1..30], function($a, $i) { {"a": $a, "b": $a} }, 1)',
      `${LIMITS.payloadBytes} bytes`,
    ],
  ])('end an %s', async (_name, code, limit) => {
    const { type, message } = await errorOf(code);
    expect(type).toBe('ExpressionLimitExceeded');
    expect(message).toMatch(/^input\.items\[0\]/);
    expect(message).toContain(limit);
  });

  it('leave room for what is usual', async () => {
    const factorial = '($f := function($n) { $n < 2 ? 1 : $n * $f($n - 1) }; $f(100) > 1e100)';
    expect(await valueOf(factorial)).toEqual({ kind: 'values', input: true });
    expect(await valueOf('$sum([1..10000].($ * 2))')).toMatchObject({ input: 100_010_000 });
    const groups = await valueOf('$count($keys([1..2000].{"id": $string($)}{id: id}))');
    expect(groups).toEqual({ kind: 'values', input: 2_000 });
  });

  it('hold for the input as a whole: bytes', async () => {
    const half = `{% $pad("x", ${LIMITS.payloadBytes / 2}) %}`;
    expect(await evaluate([half])).toMatchObject({ kind: 'values' });
    expect(await evaluate([half, half])).toMatchObject({
      error: {
        type: 'ExpressionLimitExceeded',
        message: `input[1]: makes the input larger than the limit of ${LIMITS.payloadBytes} bytes of JSON`,
      },
    });
  });

  it('hold for the input as a whole: steps', async () => {
    const some = '{% $count([1..20000].($ + 1)) %}';
    expect(await evaluate([some])).toEqual({ kind: 'values', input: [20_000] });
    expect(await evaluate(Array.from({ length: 20 }, () => some))).toMatchObject({
      error: { message: expect.stringContaining('steps') },
    });
  });

  it('count the levels of a literal above it', async () => {
    const nest = (levels: number) =>
      Array.from({ length: levels }).reduce<unknown>((inner) => [inner], '{% [1] %}');
    expect(await evaluate(nest(LIMITS.jsonDepth - 1))).toMatchObject({ kind: 'values' });
    expect(await evaluate(nest(LIMITS.jsonDepth))).toMatchObject({
      error: { type: 'ExpressionLimitExceeded' },
    });
  });

  it('count bytes as JSON writes them', async () => {
    const text = 'ä"\n'.repeat(LIMITS.payloadBytes / 6);
    expect(Buffer.byteLength(JSON.stringify([text]))).toBe(LIMITS.payloadBytes + 2);
    expect(await evaluate([text])).toMatchObject({ kind: 'failed' });
    expect(await evaluate([text.slice(3)])).toMatchObject({ kind: 'values' });
  });
});

describe('the list of a map', () => {
  const list = async (forEach: unknown, label?: string) => {
    const evaluated = await evaluateTemplate({ forEach, ...(label ? { label } : {}) }, context);
    return evaluated.kind === 'failed' ? evaluated.error : evaluated.items;
  };

  it('is what its expression gives, each item with its label', async () => {
    expect(
      await list('{% tasks.A.output.items %}', '{% "no. " & item.id & " at " & index %}'),
    ).toEqual([
      { item: { id: 1 }, label: 'no. 1 at 0' },
      { item: { id: 2 }, label: 'no. 2 at 1' },
    ]);
  });

  it('may be written out, with expressions in it', async () => {
    expect(await list([1, '{% workflow.input.limit %}'])).toEqual([{ item: 1 }, { item: 3 }]);
  });

  it('may be empty, and a label may give nothing', async () => {
    expect(await list('{% [] %}')).toEqual([]);
    expect(await list([1], '{% item.name %}')).toEqual([{ item: 1 }]);
  });

  it('cuts a label that is too long', async () => {
    const [only] = (await list([1], '{% $pad("", 1000, "x") %}')) as readonly MapItem[];
    expect(only?.label).toHaveLength(LIMITS.labelLength);
  });

  it.each([
    ['{% 5 %}', 'and gave 5;'],
    ['{% workflow.input.missing %}', 'and gave nothing;'],
    ['{% tasks.A.output.items[id = 1] %}', 'brackets around it'],
    ['{% [1..10001] %}', 'gave 10001 items, and a map takes at most 10000'],
  ])('%s is none, and its task is told why', async (forEach, message) => {
    const error = await list(forEach);
    expect(error).toMatchObject({ type: 'ExpressionFailed' });
    expect((error as { message: string }).message).toContain(message);
  });

  it('is not evaluated when its condition gave false', async () => {
    const template = { when: '{% false %}', forEach: '{% 5 %}' };
    expect(await evaluateTemplate(template, context)).toEqual({ kind: 'values', when: false });
  });

  it('of ten thousand items is labelled in its time', async () => {
    expect(await list('{% [1..10000] %}', '{% "item " & item %}')).toHaveLength(10_000);
  });
});

describe('the moment a task waits until', () => {
  const until = async (text: string, when?: string) => {
    const template = { until: text, ...(when === undefined ? {} : { when }) };
    const evaluated = await evaluateTemplate(template, context);
    return evaluated.kind === 'failed' ? evaluated.error.message : evaluated.until;
  };

  it.each([
    ['2030-01-31T12:00:00Z', '2030-01-31T12:00:00.000Z'],
    ['2030-01-31T12:00+02:00', '2030-01-31T10:00:00.000Z'],
    ['{% "2030-01-31T12:00:00.5Z" %}', '2030-01-31T12:00:00.500Z'],
    ['{% $fromMillis(0) %}', '1970-01-01T00:00:00.000Z'],
  ])('%s is %s', async (text, moment) => {
    expect(await until(text)).toBe(moment);
  });

  it.each([
    ['{% tasks.A.output.total %}', '5'],
    ['{% tasks.A.output.missing %}', 'nothing'],
    ['{% "2030-01-31" %}', '"2030-01-31"'],
    ['{% "2030-13-31T12:00:00Z" %}', '"2030-13-31T12:00:00Z"'],
  ])('%s is none, and its task is told so', async (text, given) => {
    expect(await until(text)).toBe(
      `until: must give a moment such as 2030-01-31T12:00:00Z, and gave ${given}`,
    );
  });

  it('names its place when its expression fails', async () => {
    expect(await until('{% $number("x") %}')).toMatch(/^until: /);
  });

  it('is not evaluated when its condition gave false', async () => {
    expect(await until('{% 5 %}', '{% false %}')).toBeUndefined();
  });
});
