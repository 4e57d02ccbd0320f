import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { LIMITS } from '../limits.js';
import type { Evaluated, ExpressionContext } from './evaluate-template.js';
import { EvaluatorStartError, createEvaluator, type Evaluator } from './evaluator.js';

jest.setTimeout(60_000);
const directory = mkdtempSync(path.join(tmpdir(), 'orchestra-expressions-'));
const file = pathToFileURL(path.join(directory, 'expression-process.cjs'));
const context: ExpressionContext = {
  workflow: { id: 'w1', input: { limit: 3 }, tags: [] },
  tasks: { A: { status: 'SUCCEEDED', output: { total: 5 } } },
};
const { milliseconds, memoryMb } = LIMITS.expression;
const NEVER_ENDS = '$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /(a+)+$/)';

let evaluator: Evaluator;
const valueOf = (code: string) => evaluator.evaluate({ input: [`{% ${code} %}`] }, context);
const gives = (value: unknown): Evaluated => ({ kind: 'values', input: [value as number] });

const build = (name: string, contents: string) =>
  buildSync({
    stdin: { contents, resolveDir: __dirname },
    outfile: path.join(directory, name),
    bundle: true,
    platform: 'node',
    format: 'cjs',
  });

beforeAll(() => {
  build(
    'expression-process.cjs',
    "import { serveExpressions } from './expression-process.ts'; serveExpressions();",
  );
});
beforeEach(() => (evaluator = createEvaluator(file)));
afterEach(() => evaluator.close());
afterAll(() => rmSync(directory, { recursive: true }));

describe('evaluating in a process of its own', () => {
  it('gives what evaluating in place gives', async () => {
    const template = {
      when: '{% tasks.A.output.total > workflow.input.limit %}',
      input: '{% tasks %}',
    };
    expect(await evaluator.evaluate(template, context)).toEqual({
      kind: 'values',
      when: true,
      input: { A: { status: 'SUCCEEDED', output: { total: 5 } } },
    });
    expect(await valueOf('1 + "a"')).toMatchObject({ error: { type: 'ExpressionFailed' } });
  });

  it('takes a context and gives an input as large as they may be', async () => {
    const output = 'x'.repeat(LIMITS.payloadBytes - 2);
    const large = { ...context, tasks: { A: { status: 'SUCCEEDED', output } } };
    const evaluated = await evaluator.evaluate({ input: '{% tasks.A.output %}' }, large);
    expect(evaluated.kind === 'values' && evaluated.input === output).toBe(true);
  });

  it('answers each of many asked at once', async () => {
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    const answers = await Promise.all(numbers.map((number) => valueOf(`${number} * 2`)));
    expect(answers).toEqual(numbers.map((number) => gives(number * 2)));
  });

  it('starts nothing for a template without expressions', async () => {
    const none = createEvaluator(new URL('file:///nowhere.mjs'));
    expect(await none.evaluate({ input: ['as it is'] }, context)).toEqual(gives('as it is'));
    expect(await none.evaluate({ until: '2030-01-31T12:00Z' }, context)).toEqual({
      kind: 'values',
      until: '2030-01-31T12:00:00.000Z',
    });
    await expect(none.evaluate({ input: '{% 1 %}' }, context)).rejects.toThrow(EvaluatorStartError);
  });

  it('sees nothing but the context', async () => {
    expect(await valueOf('$count($keys($$)) = 2 and $not($exists(process))')).toEqual(gives(true));
  });

  it('starts again after it was closed', async () => {
    expect(await valueOf('1')).toEqual(gives(1));
    await evaluator.close();
    expect(await valueOf('2')).toEqual(gives(2));
  });
});

describe('a caller that has no more to do', () => {
  it('ends, though it never closed its evaluator', () => {
    build(
      'caller.cjs',
      `import { createEvaluator } from './evaluator.ts';
      const context = { workflow: { id: 'w1', input: 1, tags: [] }, tasks: {} };
      createEvaluator(new URL(${JSON.stringify(file.href)}))
        .evaluate({ input: '{% workflow.input + 1 %}' }, context)
        .then((evaluated) => process.stdout.write(String(evaluated.input)));`,
    );
    const caller = spawnSync(process.execPath, [path.join(directory, 'caller.cjs')], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect(caller).toMatchObject({ stdout: '2', status: 0 });
  });
});

describe('the bounds of the process', () => {
  it.each([
    ['a regular expression that never ends', NEVER_ENDS],
    [
      'a built-in that never ends',
      '$string($reduce([1..60], function($a, $i) { {"a": $a, "b": $a} }, 1))',
    ],
  ])('end %s at its time, and nothing else', async (_name, code) => {
    await valueOf('0');
    const started = performance.now();
    const [endless, next] = await Promise.all([valueOf(code), valueOf('tasks.A.output.total')]);
    expect(endless).toEqual({
      kind: 'failed',
      error: {
        type: 'ExpressionLimitExceeded',
        message: `input[0]: takes longer than the limit of ${milliseconds} milliseconds`,
        trace: [],
      },
    });
    expect(next).toEqual(gives(5));
    expect(performance.now() - started).toBeLessThan(milliseconds * 10);
  });

  // A heap that fills up slows down long before it is full: on a loaded machine the time may be over first.
  const memoryOrTime = new RegExp(
    `needs more memory than the limit of ${memoryMb} MB|limit of ${milliseconds} milliseconds`,
  );

  it.each([
    ['many lists', '$count($zip([1..999999], [1..999999], [1..999999], [1..999999], [1..999999]))'],
    ['one list after another', '$map([1..200], function($n) { [[$n..999999]] })'],
    [
      'one large text',
      '($p := $pad("x", 5000000); $contains($join($map([1..100], function() { $p })), "y"))',
    ],
  ])('end what takes too much memory, and nothing else: %s', async (_name, code) => {
    const [greedy, next] = await Promise.all([valueOf(code), valueOf('tasks.A.output.total')]);
    expect(greedy).toMatchObject({
      error: { type: 'ExpressionLimitExceeded', message: expect.stringMatching(/^input\[0\]: /) },
    });
    expect(next).toEqual(gives(5));
  });

  it.each([
    ['to be handed over', 'x'.repeat(40_000_000)],
    ['to be taken in', Array.from({ length: 6_000_000 }).fill([])],
  ])('end with a context too large %s', async (_name, output) => {
    const large = { ...context, tasks: { A: { status: 'SUCCEEDED', output } } };
    const evaluated = await evaluator.evaluate({ input: '{% $keys(tasks) %}' }, large);
    expect(evaluated).toMatchObject({
      error: {
        type: 'ExpressionLimitExceeded',
        message: expect.stringMatching(memoryOrTime),
      },
    });
    expect(await valueOf('1')).toEqual(gives(1));
  });

  it('name the place in a condition', async () => {
    const evaluated = await evaluator.evaluate({ when: `{% ${NEVER_ENDS} %}` }, context);
    expect(evaluated).toMatchObject({ error: { message: expect.stringMatching(/^when: /) } });
  });
});
