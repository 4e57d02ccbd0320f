import { Installation, NOW, run } from './testing/installation.js';

let installation: Installation;
beforeEach(async () => (installation = await Installation.open()));
afterEach(() => installation.close());

const error = { type: 'Flaky', message: 'not\nyet', trace: [] };

describe('a closer look', () => {
  it('orchestra why says it in a sentence, with what stands upstream', async () => {
    installation.answers.set('GET /workflows/w/tasks/C/explain', {
      taskId: 'C',
      status: 'PENDING',
      code: 'WAITS_FOR_UPSTREAM',
      text: 'It waits for B2 (all_success).',
      triggerRule: 'all_success',
      upstream: [{ taskId: 'B2', status: 'RUNNING' }],
      because: ['B2'],
    });
    const { exitCode, out } = await run(['why', 'w', 'C'], installation);
    expect([exitCode, out]).toEqual([
      0,
      ['C  PENDING  It waits for B2 (all_success).', '  B2  RUNNING'],
    ]);
  });

  it('orchestra task shows every attempt with its error', async () => {
    installation.answers.set('GET /workflows/w/tasks/A', {
      taskId: 'A',
      kind: 'function',
      function: 'A',
      status: 'SUCCEEDED',
      dependsOn: [],
      attempt: 2,
      output: { n: 1 },
      attempts: [
        { attempt: 1, epoch: 1, startedAt: NOW, endedAt: NOW, error, requestId: 'r-1' },
        { attempt: 2, epoch: 2, startedAt: NOW },
      ],
    });
    const { out } = await run(['task', 'w', 'A'], installation);
    expect(out).toEqual([
      'A  SUCCEEDED',
      'output  {"n":1}',
      'ATTEMPT  EPOCH  STARTED                   DURATION  REQUEST  ERROR',
      `1        1      ${NOW}  0 ms      r-1      Flaky: not yet`,
      `2        2      ${NOW}  -         -`,
    ]);
  });

  const event = (sequence: number, more: object = {}) => ({
    sequence,
    at: NOW,
    type: 'WORKFLOW_STARTED',
    status: 'RUNNING',
    actor: 'start',
    epoch: 1,
    ...more,
  });

  it('orchestra events tells what happened, a line for each', async () => {
    const retried = { type: 'TASK_RETRIED', status: 'READY', actor: 'worker', taskId: 'A' };
    installation.answers.set('GET /workflows/w/events', {
      events: [event(1), event(2, { ...retried, attempt: 1, error })],
    });
    const { out } = await run(['events', 'w'], installation);
    expect(out).toEqual([
      '#  TIME                      WHAT              TASK  ATTEMPT  BY      WHY',
      `1  ${NOW}  WORKFLOW_STARTED  -     -        start`,
      `2  ${NOW}  TASK_RETRIED      A     1        worker  Flaky: not yet`,
    ]);
  });

  it.each([
    [{ kind: 'unfinished' }, 'fixed'],
    [{ kind: 'tasks', tasks: ['B2'], downstream: true }, '[B2 and below] fixed'],
    [{ kind: 'tasks', tasks: ['B2', 'B3'], downstream: false }, '[B2, B3] fixed'],
  ])('orchestra events tells that an operator chose %j', async (selection, words) => {
    const redriven = { type: 'WORKFLOW_REDRIVEN', actor: 'operator', epoch: 2, note: 'fixed' };
    installation.answers.set('GET /workflows/w/events', {
      events: [event(1, { ...redriven, selection })],
    });
    const { out } = await run(['events', 'w'], installation);
    expect(out[1]).toBe(`1  ${NOW}  WORKFLOW_REDRIVEN  -     -        operator  ${words}`);
  });

  it('orchestra events reads as many pages as it takes', async () => {
    installation.answers.set('GET /workflows/w/events', (search) =>
      search.get('cursor') === 'next'
        ? { events: [event(3)] }
        : { events: [event(1), event(2)], nextCursor: 'next' },
    );
    const { out } = await run(['events', 'w'], installation);
    expect(out.slice(1).map((line) => line.slice(0, 1))).toEqual(['1', '2', '3']);
    expect(installation.requests).toEqual([
      'GET /prod/workflows/w/events?limit=1000',
      'GET /prod/workflows/w/events?limit=1000&cursor=next',
    ]);
  });

  it.each([['why'], ['task']])('orchestra %s fails for a task that is not there', async (name) => {
    const { exitCode, err } = await run([name, 'w', 'Z'], installation);
    expect([exitCode, err]).toEqual([1, [expect.stringMatching(/\(404\)/)]]);
  });

  it('orchestra events --json is one document for each', async () => {
    installation.answers.set('GET /workflows/w/events', { events: [event(1), event(2)] });
    const { out } = await run(['events', 'w', '--json'], installation);
    expect(out.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual([1, 2]);
  });
});
