import { Installation, run } from './testing/installation.js';

let installation: Installation;
beforeEach(async () => (installation = await Installation.open()));
afterEach(() => installation.close());

const done = (taskId: string, taskStatus: string) => ({
  ...{ workflowId: 'w', status: 'RUNNING', epoch: 1 },
  ...{ taskId, taskStatus },
});

describe('orchestra pause and resume', () => {
  it.each([
    ['pause', true, 'w  RUNNING  paused'],
    ['resume', false, 'w  RUNNING  goes on'],
  ])('%s a workflow at once, with who and why', async (mode, paused, line) => {
    const answer = { workflowId: 'w', status: 'RUNNING', paused };
    installation.answers.set(`POST /workflows/w/${mode}`, answer);
    const { exitCode, out } = await run(
      [mode, 'w', '--who', 'ada', '--note', 'look first'],
      installation,
    );
    expect([exitCode, out]).toEqual([0, [line]]);
    expect(installation.events).toEqual([{ who: 'ada', note: 'look first' }]);
  });
});

describe('orchestra skip', () => {
  it('asks, then skips the task', async () => {
    installation.answers.set('POST /workflows/w/tasks/B1/skip', done('B1', 'SKIPPED'));
    const { exitCode, out, err } = await run(['skip', 'w', 'B1'], installation, { answer: 'y' });
    expect([exitCode, out]).toEqual([0, ['w  RUNNING  epoch 1  B1  SKIPPED']]);
    expect(err).toEqual(['Skip B1 of w? [y/N] ']);
  });

  it('does nothing when the answer is no', async () => {
    const { exitCode } = await run(['skip', 'w', 'B1'], installation, { answer: 'n' });
    expect([exitCode, installation.requests]).toEqual([1, []]);
  });

  it('takes an item of a map', async () => {
    installation.answers.set('POST /workflows/w/tasks/B%5B3%5D/skip', done('B[3]', 'SKIPPED'));
    const { exitCode } = await run(['skip', 'w', 'B[3]', '--yes'], installation);
    expect(exitCode).toBe(0);
  });
});

describe('orchestra set-output', () => {
  it('ends the task with the JSON it is given', async () => {
    installation.answers.set('PUT /workflows/w/tasks/A/output', done('A', 'SUCCEEDED'));
    const args = ['set-output', 'w', 'A', '--output', '{"n":1}', '--who', 'ada', '--yes'];
    const { exitCode, out } = await run(args, installation);
    expect([exitCode, out]).toEqual([0, ['w  RUNNING  epoch 1  A  SUCCEEDED']]);
    expect(installation.events).toEqual([{ output: { n: 1 }, who: 'ada' }]);
  });

  it.each([
    [['set-output', 'w', 'A', '--yes'], /required option '--output/],
    [['set-output', 'w', 'A', '--output', '{', '--yes'], /It must be JSON/],
    [['skip', 'w', 'B[x]', '--yes'], /must start with a letter or digit/],
    [['pause', 'w', '--who', ''], /at most 100 characters, and one at least/],
    [['skip', 'w', 'A'], /give --yes/],
  ])('refuses %j and sends nothing', async (args, words) => {
    const { exitCode, err } = await run(args, installation);
    expect([exitCode, err]).toEqual([2, [expect.stringMatching(words)]]);
    expect(installation.requests).toEqual([]);
  });
});

describe('orchestra rerun', () => {
  it('gives the task another input', async () => {
    installation.answers.set('POST /workflows/w/tasks/B2/rerun', {
      ...{ workflowId: 'w', status: 'RUNNING', epoch: 2, dryRun: false },
      ...{ definition: { name: 'diamond', revision: 1 }, run: ['B2', 'C'], keep: ['A'] },
    });
    await run(['rerun', 'w', 'B2', '--input', '{"n":2}', '--yes'], installation);
    expect(installation.events).toEqual([{ downstream: true, input: { n: 2 } }]);
  });
});
