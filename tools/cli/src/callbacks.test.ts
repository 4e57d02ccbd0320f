import { Installation, run } from './testing/installation.js';

let installation: Installation;
beforeEach(async () => (installation = await Installation.open()));
afterEach(() => installation.close());

const AT = '2030-01-01T00:00:00.000Z';
const callback = (taskId: string, input?: unknown) => ({
  ...{ workflowId: 'w', taskId, definition: { name: 'approval', revision: 1 } },
  ...{ token: `token-of-${taskId}`, openedAt: AT, deadline: AT, heartbeats: 0 },
  ...(input === undefined ? {} : { input }),
});

describe('orchestra callbacks', () => {
  it('lists what waits, with the token it is answered by', async () => {
    const answer = { callbacks: [callback('K', { amount: 7 }), callback('M[1]')] };
    installation.answers.set('GET /callbacks', answer);
    const { exitCode, out } = await run(['callbacks'], installation);
    expect(exitCode).toBe(0);
    expect(out).toEqual([
      'WORKFLOW  TASK  OPENED                    DEADLINE                  INPUT         TOKEN',
      `w         K     ${AT}  ${AT}  {"amount":7}  token-of-K`,
      `w         M[1]  ${AT}  ${AT}  -             token-of-M[1]`,
    ]);
  });

  it('says when nothing waits', async () => {
    installation.answers.set('GET /callbacks', { callbacks: [] });
    expect((await run(['callbacks'], installation)).out).toEqual(['nothing waits for an answer']);
  });

  it('gives machines one document', async () => {
    const callbacks = [callback('K')];
    installation.answers.set('GET /callbacks', { callbacks });
    const { out } = await run(['callbacks', '--json'], installation);
    expect(out.map((line) => JSON.parse(line) as unknown)).toEqual([{ callbacks, more: false }]);
  });
});

describe('orchestra answer', () => {
  const done = (status: string) => ({ workflowId: 'w', taskId: 'K', status });

  it('gives an output', async () => {
    installation.answers.set('POST /callbacks/t.s', done('SUCCEEDED'));
    const args = ['answer', 't.s', '--outcome', 'success', '--output', '{"ok":true}'];
    const { exitCode, out } = await run([...args, '--who', 'ada'], installation);
    expect([exitCode, out]).toEqual([0, ['w  K  SUCCEEDED']]);
    expect(installation.events).toEqual([{ outcome: 'success', output: { ok: true }, who: 'ada' }]);
  });

  it('gives a failure with its reason', async () => {
    installation.answers.set('POST /callbacks/t.s', done('FAILED'));
    const args = ['answer', 't.s', '--outcome', 'failure', '--error', 'too dear'];
    expect((await run(args, installation)).exitCode).toBe(0);
    expect(installation.events).toEqual([{ outcome: 'failure', error: { message: 'too dear' } }]);
  });

  it.each([
    [['answer', 't.s'], /required option '--outcome/],
    [['answer', 't.s', '--outcome', 'maybe'], /success, failure/],
    [['answer', 't.s', '--outcome', 'success', '--error', 'x'], /only for --outcome failure/],
    [['answer', 't.s', '--outcome', 'failure', '--output', '1'], /only for --outcome success/],
    [['answer', 't.s', '--outcome', 'success', '--output', '{'], /It must be JSON/],
  ])('sends nothing for %j', async (args, words) => {
    const { exitCode, err } = await run(args, installation);
    expect(exitCode).toBe(2);
    expect(err.join('\n')).toMatch(words);
    expect(installation.requests).toEqual([]);
  });
});

describe('orchestra heartbeat', () => {
  it('tells until when it waits now', async () => {
    const answer = { workflowId: 'w', taskId: 'K', deadline: AT };
    installation.answers.set('POST /callbacks/t.s/heartbeat', answer);
    const { exitCode, out } = await run(['heartbeat', 't.s'], installation);
    expect([exitCode, out]).toEqual([0, [`w  K  waits until ${AT}`]]);
  });
});
