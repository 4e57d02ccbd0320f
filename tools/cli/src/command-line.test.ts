import { Installation, NOW, problem, run, workflowIn } from './testing/installation.js';

let installation: Installation;
beforeEach(async () => (installation = await Installation.open()));
afterEach(() => installation.close());

describe('the command line', () => {
  it.each([
    [['nope'], /unknown command 'nope'/],
    [['get'], /missing required argument 'id'/],
    [['get', 'a', 'b'], /too many arguments/],
    [['get', '../w'], /must start with a letter or digit/],
    [['watch', 'a#b'], /only letters, digits/],
    [['start', '--id', 'constructor'], /built-in property/],
    [['start', '--input', '{a'], /It must be JSON/],
    [['start', '--input', '@nowhere.json'], /ENOENT: nowhere.json/],
    [['list', '--limit', '0'], /whole number from 1/],
    [['list', '--limit', '1e2'], /whole number from 1/],
    [['list', '--status', 'DONE'], /choices are PENDING, RUNNING/],
    [['list', '--all', '--limit', '3'], /cannot be used with/],
    [['list', '--api-url', 'nowhere'], /http or https/],
    [['list', '--wrong'], /unknown option '--wrong'/],
    [['invoke-all', '--orchestrator-arn', 'orchestrator'], /not the ARN of a function/],
  ])('refuses %j in one line and sends nothing', async (args, words) => {
    const { exitCode, out, err } = await run(args, installation);
    expect([exitCode, out, err]).toEqual([2, [], [expect.stringMatching(words)]]);
    expect(err[0]).toMatch(/^orchestra: [^\n]+$/);
    expect(installation.requests).toEqual([]);
  });

  it('explains itself, exit codes too', async () => {
    const { exitCode, out } = await run(['--help'], installation);
    expect(exitCode).toBe(0);
    expect(out.join('\n')).toMatch(/invoke-all[^]*Exit codes:/);
  });
});

describe('finding the API', () => {
  it('reads the local stack of the data directory', async () => {
    const read: string[] = [];
    const readFile = (path: string) => {
      read.push(path);
      return installation.localJson();
    };
    for (const [args, env] of [
      [['list'], {}],
      [['list', '--data-dir', '/other/'], { ORCHESTRA_DATA_DIR: '/env' }],
      [['list'], { ORCHESTRA_DATA_DIR: '/env' }],
    ] as const)
      expect(await run(args, installation, { readFile, env })).toMatchObject({ exitCode: 0 });
    expect(read).toEqual(['/data/local.json', '/other/local.json', '/env/local.json']);
  });

  it.each([
    [
      'no file is there',
      () => {
        throw new Error('ENOENT');
      },
      true,
    ],
    ['the file is broken', () => '{', true],
    ['its process is gone', () => '', false],
  ])('says how to start one when %s', async (_, readFile, isRunning) => {
    const { exitCode, err } = await run(['list'], installation, {
      readFile: isRunning ? readFile : () => installation.localJson(),
      isRunning: () => isRunning,
    });
    expect([exitCode, err]).toEqual([
      3,
      [expect.stringMatching(/^orchestra: no local stack is running .*`npm start`$/)],
    ]);
  });

  it('asks CloudFormation for an installation on AWS', async () => {
    const { exitCode } = await run(['list', '--region', 'eu-central-1'], installation, {
      readFile: () => {
        throw new Error('not asked for');
      },
    });
    expect(exitCode).toBe(0);
    expect(installation.requests).toEqual([
      'POST /cloudformation/',
      'GET /prod/workflows?limit=50',
    ]);
  });

  it('takes the address it is given before all others', async () => {
    const args = ['list', '--api-url', installation.apiUrl, '--region', 'eu-central-1'];
    expect(await run(args, installation)).toMatchObject({ exitCode: 0 });
    expect(installation.requests).toEqual(['GET /prod/workflows?limit=50']);
  });

  it('says in one line that nothing answers', async () => {
    const { exitCode, err } = await run(['list', '--api-url', 'http://127.0.0.1:1'], installation);
    expect([exitCode, err]).toEqual([
      3,
      ['orchestra: the API at http://127.0.0.1:1 does not answer'],
    ]);
  });

  it('says in one line that something else answers', async () => {
    installation.failures.push({ status: 200, body: '<html>' });
    const { exitCode, err } = await run(['list'], installation);
    expect([exitCode, err]).toEqual([3, [expect.stringContaining('is not the API')]]);
  });

  it('tells every issue of a refusal in one line', async () => {
    const errors = [
      { path: 'workflowId', message: 'is taken' },
      { path: '', message: 'and 1 more' },
    ];
    installation.failures.push({ status: 400, body: JSON.stringify(problem(400, 'bad', errors)) });
    const { exitCode, err } = await run(['start'], installation);
    expect([exitCode, err]).toEqual([
      1,
      ['orchestra: Refused (400): workflowId: is taken; and 1 more'],
    ]);
  });
});

describe('starting', () => {
  it('sends the id and the input and prints the id', async () => {
    const args = ['start', '--id', 'w-1', '--input', '{"delayMs":0}'];
    const { exitCode, out } = await run(args, installation);
    expect([exitCode, out]).toEqual([0, ['w-1  RUNNING']]);
    expect(installation.workflows.get('w-1')?.[0]?.input).toEqual({ delayMs: 0 });
  });

  it('reads the input from a file', async () => {
    const readFile = (path: string) => (path === 'input.json' ? '[1]' : installation.localJson());
    await run(['start', '--id', 'w-1', '--input', '@input.json'], installation, { readFile });
    expect(installation.workflows.get('w-1')?.[0]?.input).toEqual([1]);
  });

  it('prints the answer as JSON for machines', async () => {
    const { out } = await run(['start', '--json'], installation);
    expect(out.map((line) => JSON.parse(line))).toEqual([
      { workflowId: 'made-1', status: 'RUNNING' },
    ]);
  });
});

describe('listing', () => {
  const fill = (count: number) => {
    for (let index = 1; index <= count; index += 1)
      installation.add(`w-${index}`, workflowIn(`w-${index}`, index % 2 ? 'SUCCESS' : 'FAILED'));
  };
  const idsOf = (out: readonly string[]) =>
    JSON.parse(out[0] ?? '').workflows.map(({ workflowId }: { workflowId: string }) => workflowId);

  it('shows as many as asked for, and that there are more', async () => {
    fill(3);
    const { out } = await run(['list', '--limit', '2'], installation);
    expect(out).toEqual([
      'WORKFLOW  DEFINITION            STATUS   CREATED                   DURATION',
      `w-1       diamond (revision 1)  SUCCESS  ${NOW}  -`,
      `w-2       diamond (revision 1)  FAILED   ${NOW}  -`,
      'there are more: --limit or --all shows them',
    ]);
  });

  it('reads as many pages as it takes', async () => {
    fill(450);
    expect(idsOf((await run(['list', '--all', '--json'], installation)).out)).toHaveLength(450);
    expect(idsOf((await run(['list', '--limit', '201', '--json'], installation)).out)).toHaveLength(
      201,
    );
  });

  it('tells machines too whether there are more', async () => {
    fill(3);
    const moreOf = async (...args: string[]) =>
      JSON.parse((await run(['list', '--json', ...args], installation)).out[0] ?? '').more;
    expect([
      await moreOf('--limit', '2'),
      await moreOf('--limit', '3'),
      await moreOf('--all'),
    ]).toEqual([true, false, false]);
  });

  it('keeps to a status', async () => {
    fill(4);
    const { out } = await run(['list', '--status', 'FAILED', '--json'], installation);
    expect(idsOf(out)).toEqual(['w-2', 'w-4']);
  });

  it('says when there are none', async () => {
    expect((await run(['list'], installation)).out).toEqual(['no workflows']);
  });
});

describe('getting a workflow', () => {
  it('shows its tasks, with the error of one that failed on one line', async () => {
    const error = { type: 'RangeError', message: 'too\n\u001b[2Jwide', trace: [] };
    installation.add('w-1', workflowIn('w-1', 'FAILED', { task: { error, attempt: 2 } }));
    const { exitCode, out } = await run(['get', 'w-1'], installation);
    expect(exitCode).toBe(0);
    expect(out.slice(0, 3)).toEqual([
      'w-1  diamond (revision 1)  FAILED after 2.3 s',
      'TASK  DOES  STATUS  ATTEMPT  STARTED                   DURATION  WHY',
      `A     A     FAILED  2        ${NOW}  850 ms    RangeError: too [2Jwide`,
    ]);
  });

  it('prints what the API answered as JSON for machines', async () => {
    const workflow = workflowIn('w-1', 'SUCCESS');
    installation.add('w-1', workflow);
    const { out } = await run(['get', 'w-1', '--json'], installation);
    expect(out.map((line) => JSON.parse(line))).toEqual([workflow]);
  });

  it('fails for one that is not there', async () => {
    const { exitCode, err } = await run(['get', 'w-9'], installation);
    expect([exitCode, err]).toEqual([1, ['orchestra: Refused (404): there is no workflow "w-9"']]);
  });
});
