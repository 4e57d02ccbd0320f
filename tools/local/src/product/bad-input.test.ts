/** What nobody should send, through the gateway, the API and the table of the real stack. */
import type { RunningStack } from '../stack.js';
import { call, ended, post, start, startSample } from './sample-stack.fixture.js';

jest.setTimeout(120_000);

const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });

describe('bad input', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await startSample();
  });
  afterAll(() => stack.stop());

  const paths = (body: Record<string, unknown>) =>
    ((body['errors'] ?? []) as { path: string }[]).map(({ path }) => path).sort();

  it.each([
    ['broken JSON', '{"workflowId":', 400, []],
    ['a list', '[]', 400, []],
    ['an id that is a number', { workflowId: 7 }, 400, ['workflowId']],
    ['an id with a hash', { workflowId: 'a#b' }, 400, ['workflowId']],
    ['an id with a slash', { workflowId: 'a/b' }, 400, ['workflowId']],
    ['an id of 300 characters', { workflowId: 'a'.repeat(300) }, 400, ['workflowId']],
    ["a prototype's name as id", { workflowId: 'constructor' }, 400, ['workflowId']],
    ['two wrong fields', { workflowId: '#', wrokflowId: 'x' }, 400, ['workflowId', 'wrokflowId']],
    ['JSON too deep', { input: nested(40) }, 400, ['input']],
    ['a body over 1 MB', { input: 'x'.repeat(1_100_000) }, 413, []],
  ])('%s is refused as a problem, and nothing is written', async (_, body, status, expected) => {
    stack.meter.reset();
    const answer = await post(stack, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status, title: expect.any(String) });
    for (const path of expected)
      expect(paths(answer.body).some((found) => found.startsWith(path))).toBe(true);
    expect(JSON.stringify(answer.body)).not.toMatch(/\bat .*:\d+:\d+/);
    expect(stack.meter.read().tableWriteUnits).toBe(0);
  });

  it.each([
    ['an unknown route', 'nothing/here', {}, 404],
    ['an unknown method', 'workflows', { method: 'DELETE' }, 405],
    ['an unknown id', 'workflows/nobody', {}, 404],
    ['an unknown task', 'workflows/nobody/tasks/A', {}, 404],
    ['an id that cannot be one', `workflows/${encodeURIComponent('a#b')}`, {}, 400],
    ['an unknown status', 'workflows?status=DONE', {}, 400],
    ['a limit that is no number', 'workflows?limit=many', {}, 400],
    ['a cursor of somebody else', 'workflows?cursor=%00', {}, 400],
  ])('%s is a problem', async (_, path, init, status) => {
    const answer = await call(stack, path, init);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status, title: expect.any(String) });
  });

  it('never honours the functions of an older client', async () => {
    const { status, body } = await post(stack, {
      lambdas: { A: 'arn:aws:lambda:x' },
      input: { delayMs: 0 },
    });
    expect(status).toBe(202);
    expect((await ended(stack, String(body['workflowId']))).status).toBe('SUCCESS');
  });

  it('is the same workflow for the same id and body, and a conflict for another body', async () => {
    const body = { workflowId: 'twice', input: { delayMs: 0 } };
    await start(stack, body.input, body.workflowId);
    expect((await post(stack, body)).status).toBe(200);
    const conflict = await post(stack, { ...body, input: {} });
    expect(conflict.status).toBe(409);
    expect(conflict.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });
});
