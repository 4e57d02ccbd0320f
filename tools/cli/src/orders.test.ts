import { Installation, run } from './testing/installation.js';

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
  beforeEach(() => {
    installation.answers.set('POST /workflows/w/cancel', { workflowId: 'w', status: 'CANCELLED' });
  });

  it('asks, then cancels with the operator’s words', async () => {
    const { exitCode, out } = await run(['cancel', 'w', '--note', 'enough'], installation, {
      answer: 'y',
    });
    expect([exitCode, out.at(-1)]).toEqual([0, 'w  CANCELLED']);
    expect(out[0]).toMatch(/^Cancel w\?/);
    expect(installation.events).toEqual([{ note: 'enough' }]);
  });

  it.each(['n', '', 'no way'])('does nothing when the answer is "%s"', async (answer) => {
    const { exitCode, err } = await run(['cancel', 'w'], installation, { answer });
    expect([exitCode, err]).toEqual([1, ['orchestra: nothing was done']]);
    expect(installation.requests).toEqual([]);
  });

  it('needs --yes where nobody can be asked', async () => {
    const { exitCode, err } = await run(['cancel', 'w'], installation);
    expect([exitCode, err]).toEqual([2, [expect.stringMatching(/give --yes/)]]);
    expect(installation.requests).toEqual([]);
    expect(await run(['cancel', 'w', '--yes'], installation)).toMatchObject({ exitCode: 0 });
  });
});

describe('orchestra redrive and rerun', () => {
  it('show what will run before they ask', async () => {
    installation.answers.set('POST /workflows/w/redrive', PREVIEW);
    const { exitCode, out } = await run(['redrive', 'w'], installation, { answer: 'n' });
    expect(exitCode).toBe(1);
    expect(out.slice(0, 2)).toEqual(['runs again (2): B2, C', 'keeps its output (3): A, B1, B3']);
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
});
