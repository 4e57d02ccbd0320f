import type { InvokeResult } from '../runtime.js';
import { FunctionFixtures } from './function-fixtures.js';
import type { Functions } from './functions.js';

jest.setTimeout(30_000);

const value = (result: InvokeResult): unknown => JSON.parse(result.payload);

describe.each(['node', 'python'] as const)('a %s handler', (kind) => {
  const fixtures = new FunctionFixtures();
  let functions: Functions;
  const sources = {
    node: {
      echo: 'export const handler = async (event) => ({ got: event });',
      context: `export const handler = async (event, c) => ({
        requestId: c.awsRequestId, name: c.functionName, arn: c.invokedFunctionArn, memory: c.memoryLimitInMB,
        group: c.logGroupName, stream: c.logStreamName, version: c.functionVersion,
        remaining: c.getRemainingTimeInMillis() });`,
      environment: 'export const handler = async () => ({ ...process.env, cwd: process.cwd() });',
      failing: `class OrderError extends Error { name = 'OrderError'; }
        export const handler = async () => { throw new OrderError('no stock'); };`,
      counting: 'let n = 0; export const handler = async () => ++n;',
      printing: `export const handler = async () => {
        console.log('one'); console.error('two'); console.log('grüße 😀'); process.stdout.write('four'); };`,
      large: "export const handler = async (event) => 'x'.repeat(event.length);",
      missing: 'export const other = 1;',
      broken: 'export const handler = (',
    },
    python: {
      echo: 'def handler(event, context):\n  return { "got": event }',
      context: `def handler(event, c):
  return { "requestId": c.aws_request_id, "name": c.function_name, "arn": c.invoked_function_arn,
    "memory": c.memory_limit_in_mb, "group": c.log_group_name, "stream": c.log_stream_name,
    "version": c.function_version, "remaining": c.get_remaining_time_in_millis() }`,
      environment:
        'import os\ndef handler(event, context):\n  return { **os.environ, "cwd": os.getcwd() }',
      failing: `class OrderError(Exception): pass
def handler(event, context):
  raise OrderError("no stock")`,
      counting: 'n = 0\ndef handler(event, context):\n  global n\n  n += 1\n  return n',
      printing: `import sys
def handler(event, context):
  print("one")
  print("two", file=sys.stderr, flush=True)
  print("grüße 😀")
  print("four", end="")`,
      large: 'def handler(event, context):\n  return "x" * event["length"]',
      missing: 'other = 1',
      broken: 'def handler(:',
    },
  }[kind];

  beforeAll(async () => {
    const models = Object.entries(sources).map(([name, source]) =>
      fixtures[kind](name, source, { environment: { TABLE_NAME: 'orders' } }),
    );
    const environment = () => ({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
    functions = await fixtures.start(models, { environment });
  });
  afterAll(() => fixtures.remove());

  it('gets the event and gives its answer, letter by letter', async () => {
    const event = { text: 'grüße 😀', n: 1.5, list: [null, true], deep: { empty: '' } };
    const result = await functions.invoke('echo', JSON.stringify(event));
    expect(value(result)).toEqual({ got: event });
    expect(result.functionError).toBeUndefined();
  });

  it('gets events and gives answers of some megabytes', async () => {
    const event = { text: 'ü'.repeat(2_000_000) };
    expect(value(await functions.invoke('echo', JSON.stringify(event)))).toEqual({ got: event });
  });

  it('sees the context that Lambda gives', async () => {
    const result = await functions.invoke('context', '{}');
    const context = value(result) as Record<string, unknown>;
    expect(context).toEqual({
      requestId: result.requestId,
      name: 'context',
      arn: 'arn:aws:lambda:eu-central-1:000000000000:function:context',
      memory: '256',
      group: '/aws/lambda/context',
      stream: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      version: '$LATEST',
      remaining: expect.any(Number),
    });
    expect(context['remaining']).toBeGreaterThan(15_000);
    expect(context['remaining']).toBeLessThanOrEqual(20_000);
  });

  it('sees the template and the runtime in its environment, and nothing of this machine', async () => {
    const environment = value(await functions.invoke('environment', '{}')) as Record<
      string,
      string
    >;
    expect(environment).toMatchObject({
      TABLE_NAME: 'orders',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_REGION: 'eu-central-1',
      AWS_LAMBDA_FUNCTION_NAME: 'environment',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      TZ: ':UTC',
      _HANDLER: 'index.handler',
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-/),
    });
    expect(environment['cwd']).toBe(environment['LAMBDA_TASK_ROOT']);
    expect(environment['cwd']).not.toContain(fixtures.root);
    expect(Object.keys(environment)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(HOME|USER|NODE_ENV|JEST_WORKER_ID)$/)]),
    );
  });

  it('is told apart from success when it throws, with type, message and trace', async () => {
    const result = await functions.invoke('failing', '{}');
    expect(result.functionError).toBe('Unhandled');
    const trace = kind === 'node' ? 'trace' : 'stackTrace';
    expect(value(result)).toMatchObject({
      errorType: 'OrderError',
      errorMessage: 'no stock',
      [trace]: expect.arrayContaining([expect.stringContaining('index.')]),
    });
  });

  it('keeps its module state while it stays warm', async () => {
    const answers = [];
    for (let n = 0; n < 3; n++) answers.push(value(await functions.invoke('counting', '{}')));
    expect(answers).toEqual([1, 2, 3]);
  });

  it('is found by name, by ARN and with a qualifier, and by nothing else', async () => {
    const arn = 'arn:aws:lambda:eu-central-1:000000000000:function:echo';
    for (const name of ['echo', 'echo:$LATEST', arn, `${arn}:$LATEST`])
      expect(value(await functions.invoke(name, '1'))).toEqual({ got: 1 });
    await expect(functions.invoke('nobody', '{}')).rejects.toThrow('Function not found: nobody');
    await expect(functions.invokeAsync('nobody', '{}')).rejects.toThrow('nobody');
  });

  it('has its lines of both outputs logged in order, under the request', async () => {
    const { requestId } = await functions.invoke('printing', '{}');
    await functions.invoke('printing', '{}');
    const texts = fixtures.lines
      .filter((line) => line.functionName === 'printing')
      .map((line) => line.text);
    expect(texts.slice(0, 3)).toEqual(['one', 'two', 'grüße 😀']);
    expect(texts[3]).toBe('fourone');
    const own = fixtures.lines.filter((line) => line.requestId === requestId);
    expect(own.map((line) => line.text)).toEqual(['one', 'two', 'grüße 😀']);
  });

  it('fails when its answer is above 6 MB, and goes on', async () => {
    const tooLarge = await functions.invoke('large', '{"length":6291555}');
    expect(tooLarge.functionError).toBe('Unhandled');
    expect(value(tooLarge)).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
    const largest = await functions.invoke('large', '{"length":6291554}');
    expect(largest.payload).toHaveLength(6_291_556);
  });

  it('fails every event, and hangs none, when it cannot be loaded', async () => {
    for (const [name, errorType] of [
      ['missing', 'Runtime.HandlerNotFound'],
      ['broken', 'Runtime.UserCodeSyntaxError'],
    ] as const) {
      const results = await Promise.all([1, 2, 3].map(() => functions.invoke(name, '{}')));
      for (const result of results)
        expect(result).toMatchObject({
          functionError: 'Unhandled',
          payload: expect.stringContaining(errorType),
        });
    }
  });
});

describe('ways a Node handler may answer', () => {
  const fixtures = new FunctionFixtures();
  let functions: Functions;
  const ways: readonly (readonly [string, string, unknown, string?])[] = [
    ['a promise', 'exports.handler = () => Promise.resolve(1);', 1],
    ['nothing', 'exports.handler = async () => {};', null],
    ['a callback', 'exports.handler = (e, c, done) => { setTimeout(done, 5, null, 2); };', 2],
    ['a callback at once', 'exports.handler = (e, c, done) => done(null, 3);', 3],
    [
      'a callback, after all it left in the event loop',
      `exports.handler = (e, c, done) => { const late = { n: 1 }; setTimeout(() => late.n = 2, 30); done(null, late); };`,
      { n: 2 },
    ],
    [
      'a callback that does not wait',
      `exports.handler = (e, c, done) => { c.callbackWaitsForEmptyEventLoop = false; const late = { n: 1 };
        setTimeout(() => late.n = 2, 30); done(null, late); };`,
      { n: 1 },
    ],
    ['context.succeed', 'exports.handler = (e, c) => c.succeed(4);', 4],
    ['a plain return, which Lambda drops', 'exports.handler = () => 5;', null],
    ['an ES module', 'export const handler = async () => 6;', 6, 'index.mjs'],
    ['a module with default exports', 'export default { handler: async () => 7 };', 7, 'index.mjs'],
  ];
  const failing: readonly (readonly [string, string, string])[] = [
    [
      'an error by callback',
      "exports.handler = (e, c, done) => done(new TypeError('x'));",
      'TypeError',
    ],
    ['a thrown text', "exports.handler = () => { throw 'x'; };", 'string'],
    ['a thrown null', 'exports.handler = async () => { throw null; };', 'object'],
    [
      'an error nobody caught',
      "exports.handler = () => new Promise(() => setTimeout(() => { throw new RangeError('x'); }, 1));",
      'RangeError',
    ],
    [
      'a rejection nobody caught',
      "exports.handler = () => { Promise.reject(new Error('x')); return new Promise((r) => setTimeout(r, 5000)); };",
      'Runtime.UnhandledPromiseRejection',
    ],
    [
      'a promise for nothing',
      'exports.handler = () => new Promise(() => {});',
      'Runtime.NodeJsExit',
    ],
    [
      'a circle',
      'exports.handler = async () => { const a = {}; a.a = a; return a; };',
      'Runtime.MarshalError',
    ],
    ['a big integer', 'exports.handler = async () => 1n;', 'Runtime.MarshalError'],
    [
      'a missing package',
      "require('not-bundled'); exports.handler = async () => 1;",
      'Runtime.ImportModuleError',
    ],
  ];
  const nameOf = (title: string) => title.replaceAll(/[^a-z]/gi, '-');

  beforeAll(async () => {
    const models = [
      ...ways.map(([title, source, , file]) =>
        fixtures.node(nameOf(title), source, {}, file ?? 'index.js'),
      ),
      ...failing.map(([title, source]) => fixtures.node(nameOf(title), source, {}, 'index.js')),
    ];
    functions = await fixtures.start(models);
  });
  afterAll(() => fixtures.remove());

  it.each(ways.map(([title, , expected]) => ({ title, expected })))(
    'takes $title',
    async ({ title, expected }) => {
      expect(value(await functions.invoke(nameOf(title), '{}'))).toEqual(expected);
    },
  );

  it.each(failing.map(([title, , errorType]) => ({ title, errorType })))(
    'reports $title',
    async ({ title, errorType }) => {
      const result = await functions.invoke(nameOf(title), '{}');
      expect(result.functionError).toBe('Unhandled');
      expect(value(result)).toMatchObject({ errorType });
    },
  );
});

describe('a Python answer that is no JSON', () => {
  const fixtures = new FunctionFixtures();
  afterAll(() => fixtures.remove());

  it.each([
    ['a-set', '{1}'],
    ['not-a-number', 'float("nan")'],
  ])('fails with a marshal error: %s', async (name, expression) => {
    const fn = fixtures.python(name, `def handler(event, context):\n  return ${expression}`);
    const functions = await fixtures.start([fn]);
    expect(value(await functions.invoke(name, '{}'))).toMatchObject({
      errorType: 'Runtime.MarshalError',
    });
  });
});

describe('a machine without the interpreter', () => {
  const fixtures = new FunctionFixtures();
  afterAll(() => fixtures.remove());

  it('names what is missing, and fails only what needs it', async () => {
    const functions = await fixtures.start(
      [
        fixtures.python('snake', 'def handler(event, context):\n  return 1'),
        fixtures.node('works', 'export const handler = async () => 1;', { runtime: 'nodejs99.x' }),
      ],
      { searchPath: fixtures.root },
    );
    expect(functions.missingInterpreters).toEqual(['python3.11']);
    expect(functions.notes).toEqual([expect.stringContaining('nodejs99.x functions run on Node')]);
    const result = await functions.invoke('snake', '{}');
    expect(result.functionError).toBe('Unhandled');
    expect(value(result)).toEqual({
      errorType: 'Runtime.InterpreterMissing',
      errorMessage: expect.stringContaining('python3.11'),
    });
    expect(value(await functions.invoke('works', '{}'))).toBe(1);
  });
});
