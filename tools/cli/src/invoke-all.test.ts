import { Installation, run } from './testing/installation.js';

let installation: Installation;
beforeEach(async () => (installation = await Installation.open()));
afterEach(() => installation.close());

describe('invoking everything', () => {
  it('invokes each function once, with the outputs of those before it, then starts a workflow', async () => {
    const args = ['invoke-all', '--input', '{"delayMs":0}'];
    expect(await run(args, installation)).toMatchObject({ exitCode: 0, err: [] });
    const output = (task: string, result: object) => ({ runtime: 'nodejs24.x', task, result });
    const a = { A: output('A', {}) };
    const bs = Object.fromEntries(['B1', 'B2', 'B3'].map((id) => [id, output(id, a)]));
    const event = (taskId: string, dependencies: object) => ({
      workflowId: 'invoke-all-id-1',
      taskId,
      attempt: 1,
      idempotencyKey: `invoke-all-id-1/${taskId}`,
      input: { delayMs: 0 },
      dependencies,
    });
    expect(installation.events).toEqual([
      event('A', {}),
      event('B1', a),
      event('B2', a),
      event('B3', a),
      event('C', bs),
      { mode: 'start', workflowId: 'invoke-all-id-2', input: { delayMs: 0 } },
    ]);
  });

  it('shows what each function did and how the workflow went', async () => {
    const { out } = await run(['invoke-all'], installation);
    expect(out).toContain('function A ok after 0 ms');
    expect(out).toContain('A     task-A    nodejs24.x  ok      0 ms');
    expect(out).toContain('invoke-all-id-2  diamond (revision 1)  SUCCESS after 2.3 s');
  });

  it('goes on after a function that failed, leaves out what depends on it, and fails', async () => {
    installation.functions.set('B2', () => {
      throw new RangeError('too wide');
    });
    const { exitCode, out } = await run(['invoke-all', '--json'], installation);
    expect(exitCode).toBe(1);
    expect(JSON.parse(out[0] ?? '')).toMatchObject({
      functions: [
        { task: 'A', ok: true },
        { task: 'B1', ok: true },
        { task: 'B2', ok: false, error: 'RangeError: too wide' },
        { task: 'B3', ok: true },
        { task: 'C', ok: false, error: 'not invoked: B2 failed' },
      ],
      workflow: { status: 'SUCCESS' },
    });
    expect(out).toHaveLength(1);
  });

  it('fails when the workflow fails', async () => {
    installation.ending = 'FAILED';
    expect(await run(['invoke-all'], installation)).toMatchObject({ exitCode: 1 });
  });

  it('names a function that is not registered', async () => {
    const outputs = {
      'OrchestrationStack.OrchestratorArn':
        'arn:aws:lambda:eu-central-1:111111111111:function:orchestrator',
      'OrchestrationStack.TaskFunctions': '{}',
    };
    const readFile = () => installation.localJson({ outputs });
    const { exitCode, out } = await run(['invoke-all'], installation, { readFile });
    expect(exitCode).toBe(1);
    expect(out).toContain('function A FAILED: no function is registered as A');
  });

  it.each([
    [
      'fails',
      () => {
        throw new Error('no table');
      },
      /did not start it: Error: no table/,
    ],
    [
      'knows the id already',
      () => ({ kind: 'conflict', workflowId: 'w', status: 'RUNNING' }),
      /answered .*conflict/,
    ],
  ])('ends with one line when the orchestrator %s', async (_, orchestrator, words) => {
    installation.functions.set('orchestrator', orchestrator);
    const { exitCode, err } = await run(['invoke-all'], installation);
    expect([exitCode, err]).toEqual([1, [expect.stringMatching(words)]]);
  });

  it('works on AWS with the orchestrator it is given and the functions of the stack', async () => {
    const args = [
      'invoke-all',
      '--orchestrator-arn',
      'arn:aws:lambda:eu-central-1:111111111111:function:orchestrator',
      '--stack-name',
      'OrchestrationStack',
    ];
    expect(await run(args, installation)).toMatchObject({ exitCode: 0, err: [] });
    expect(installation.events).toHaveLength(6);
  });

  it.each([
    [{ lambdaEndpoint: undefined }, /does not tell where its functions are/],
    [{ outputs: {} }, /the local stack has no output OrchestrationStack.OrchestratorArn/],
  ])('says what a local stack lacks that tells %j', async (changes, words) => {
    const readFile = () => installation.localJson(changes);
    const { exitCode, err } = await run(['invoke-all'], installation, { readFile });
    expect([exitCode, err]).toEqual([3, [expect.stringMatching(words)]]);
  });
});
