import { Installation, problem, run, workflowIn } from './testing/installation.js';

let installation: Installation;
beforeEach(async () => (installation = await Installation.open()));
afterEach(() => installation.close());

const PREVIEW = {
  workflowId: 'w',
  status: 'FAILED',
  epoch: 2,
  definition: { name: 'diamond', revision: 1 },
  dryRun: true,
  run: ['B2', 'C'],
  keep: ['A', 'B1', 'B3'],
};
const DONE = { ...PREVIEW, status: 'RUNNING', dryRun: false };

describe('orchestra cancel', () => {
  const CANCEL = 'POST /prod/workflows/w/cancel';
  beforeEach(() => {
    const { tasks, ...workflow } = workflowIn('w', 'RUNNING');
    const statuses = ['SUCCEEDED', 'RUNNING', 'RUNNING', 'READY', 'PENDING'] as const;
    installation.add('w', {
      ...workflow,
      tasks: tasks.map((task, index) => ({ ...task, status: statuses[index] ?? 'PENDING' })),
    });
    installation.answers.set('POST /workflows/w/cancel', { workflowId: 'w', status: 'CANCELLED' });
  });

  it('shows what it stops and asks, then cancels with the operator’s words', async () => {
    const { exitCode, out, err } = await run(['cancel', 'w', '--note', 'enough'], installation, {
      answer: 'y',
    });
    expect([exitCode, out]).toEqual([0, ['w  CANCELLED']]);
    expect(err).toEqual([
      'w  RUNNING',
      'is cut off (2): B1, B2',
      'does not start (2): B3, C',
      'Cancel w? [y/N] ',
    ]);
    expect(installation.events).toEqual([{ note: 'enough' }]);
  });

  it.each(['n', '', 'no way'])('does nothing when the answer is "%s"', async (answer) => {
    const { exitCode, out, err } = await run(['cancel', 'w'], installation, { answer });
    expect([exitCode, out, err.at(-1)]).toEqual([1, [], 'orchestra: nothing was done']);
    expect(installation.requests).not.toContain(CANCEL);
  });

  it('does not ask about a workflow that is not there', async () => {
    const { exitCode, err } = await run(['cancel', 'v'], installation, { answer: 'y' });
    expect([exitCode, err]).toEqual([1, [expect.stringMatching(/there is no workflow "v"/)]]);
  });

  it('looks at nothing when told to go on without asking', async () => {
    const { exitCode, out } = await run(['cancel', 'w', '--yes', '--json'], installation);
    expect([exitCode, JSON.parse(out[0] ?? '')]).toEqual([
      0,
      { workflowId: 'w', status: 'CANCELLED' },
    ]);
    expect(installation.requests).toEqual([CANCEL]);
  });
});

describe('where there is no terminal to ask at', () => {
  it.each([
    ['cancel', 'w'],
    ['redrive', 'w'],
    ['rerun', 'w', 'B2'],
  ])('orchestra %s needs --yes and sends nothing without', async (...args) => {
    const { exitCode, out, err } = await run(args, installation);
    expect([exitCode, out, err]).toEqual([2, [], [expect.stringMatching(/give --yes/)]]);
    expect(installation.requests).toEqual([]);
  });
});

describe('orchestra redrive and rerun', () => {
  it('show what will run before they ask', async () => {
    installation.answers.set('POST /workflows/w/redrive', PREVIEW);
    const { exitCode, err } = await run(['redrive', 'w'], installation, { answer: 'n' });
    expect(exitCode).toBe(1);
    expect(err).toEqual([
      'runs again (2): B2, C',
      'keeps its output (3): A, B1, B3',
      'with diamond (revision 1)',
      'Go on? [y/N] ',
      'orchestra: nothing was done',
    ]);
    expect(installation.requests).toEqual(['POST /prod/workflows/w/redrive?dryRun=true']);
  });

  it('go on when told so, with the revision and the words', async () => {
    installation.answers.set('POST /workflows/w/redrive', DONE);
    const args = ['redrive', 'w', '--revision', '3', '--note', 'fixed', '--yes'];
    const { exitCode, out } = await run(args, installation);
    expect([exitCode, out]).toEqual([0, ['w  RUNNING  epoch 2']]);
    expect(installation.requests).toEqual(['POST /prod/workflows/w/redrive?dryRun=false']);
    expect(installation.events).toEqual([{ revision: 3, note: 'fixed' }]);
  });

  it('only preview with --dry-run', async () => {
    installation.answers.set('POST /workflows/w/redrive', PREVIEW);
    const { exitCode, out } = await run(['redrive', 'w', '--dry-run', '--json'], installation);
    expect([exitCode, JSON.parse(out[0] ?? '')]).toEqual([0, PREVIEW]);
    expect(installation.requests).toHaveLength(1);
  });

  it.each([
    [[], true],
    [['--only'], false],
  ])('rerun with %j takes what is below: %s', async (flags, downstream) => {
    installation.answers.set('POST /workflows/w/tasks/B2/rerun', DONE);
    await run(['rerun', 'w', 'B2', '--yes', ...flags], installation);
    expect(installation.events).toEqual([{ downstream }]);
  });

  it('do what was previewed once somebody says yes', async () => {
    installation.answers.set('POST /workflows/w/redrive', DONE);
    const { exitCode, out } = await run(['redrive', 'w'], installation, { answer: 'Yes' });
    expect([exitCode, out]).toEqual([0, ['w  RUNNING  epoch 2']]);
    expect(installation.requests).toEqual([
      'POST /prod/workflows/w/redrive?dryRun=true',
      'POST /prod/workflows/w/redrive?dryRun=false',
    ]);
  });

  it('name the first twenty tasks of many, and count the others', async () => {
    const run25 = Array.from({ length: 25 }, (_, index) => `t${index}`);
    installation.answers.set('POST /workflows/w/redrive', { ...PREVIEW, run: run25 });
    const { out } = await run(['redrive', 'w', '--dry-run'], installation);
    expect(out[0]).toMatch(/^runs again \(25\): t0, .*, t19 and 5 more$/);
  });

  it.each([
    [['redrive', 'w', '--revision', '0', '--yes'], /whole number from 1/],
    [['redrive', 'w', '--note', 'x'.repeat(501), '--yes'], /at most 500 characters/],
    [['rerun', 'w', '--yes'], /missing required argument 'task'/],
    [['rerun', 'w', 'a b', '--yes'], /must start with a letter or digit/],
  ])('refuse %j and send nothing', async (args, words) => {
    const { exitCode, err } = await run(args, installation);
    expect([exitCode, err]).toEqual([2, [expect.stringMatching(words)]]);
    expect(installation.requests).toEqual([]);
  });

  it('tell why they were refused', async () => {
    installation.failures.push({
      status: 409,
      body: JSON.stringify(problem(409, 'it is RUNNING')),
    });
    const { exitCode, err } = await run(['redrive', 'w', '--yes'], installation);
    expect([exitCode, err]).toEqual([1, ['orchestra: Refused (409): it is RUNNING']]);
  });
});
