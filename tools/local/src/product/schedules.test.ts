/** Schedules on the running product: made through the API, kept by the sweep. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningStack } from '../stack.js';
import { call, ended, metricOf, startSample, until, type Answer } from './sample-stack.fixture.js';

jest.setTimeout(120_000);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DIAMOND = { definition: { name: 'diamond' }, input: { delayMs: 0 } };

const send = (stack: RunningStack, method: string, path: string, body?: unknown): Promise<Answer> =>
  call(stack, `schedules/${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
const put = async (stack: RunningStack, name: string, changes: object) => {
  const answer = await send(stack, 'PUT', name, { rate: '1 minute', ...DIAMOND, ...changes });
  expect(answer).toMatchObject({ status: 201 });
};
const show = async (stack: RunningStack, name: string) => (await send(stack, 'GET', name)).body;

interface Listed {
  readonly workflowId: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly status: string;
}
/** In the order of their times. */
async function startedBy(stack: RunningStack, name: string): Promise<Listed[]> {
  const { body } = await call(
    stack,
    `workflows?limit=200&tag=${encodeURIComponent(`schedule=${name}`)}`,
  );
  return (body['workflows'] as Listed[]).toSorted((a, b) => (a.workflowId < b.workflowId ? -1 : 1));
}
const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString();
/** The ids of the times from the first on, a minute apart. */
const idsFrom = (name: string, first: string, count: number) =>
  Array.from({ length: count }, (_, n) => {
    const at = new Date(Date.parse(first) + n * MINUTE).toISOString();
    return `${name}-${at.slice(0, 19).replace(/[-:]/g, '')}Z`;
  });

describe('a schedule', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await startSample();
    expect((await call(stack, 'definitions/diamond')).status).toBe(200);
  });
  afterAll(() => stack.stop());

  it('starts its workflow at its time, once, and says so', async () => {
    const startAt = new Date(Date.now() + 2_000).toISOString();
    await put(stack, 'soon', { startAt, tags: ['team=data'] });
    const [workflowId = ''] = idsFrom('soon', startAt, 1);
    await until(
      () => startedBy(stack, 'soon'),
      ({ length }) => length > 0,
    );
    const [started] = await startedBy(stack, 'soon');
    expect(started).toMatchObject({ workflowId });
    const lateness = Date.parse(started?.startedAt ?? '') - Date.parse(startAt);
    expect(lateness).toBeGreaterThanOrEqual(0);
    expect(lateness).toBeLessThan(5_000);
    expect(await ended(stack, workflowId)).toMatchObject({
      status: 'SUCCESS',
      tags: ['team=data', 'schedule=soon'],
      input: { delayMs: 0 },
    });
    const last = { at: startAt, outcome: 'started', workflowId };
    const schedule = await until(
      () => show(stack, 'soon'),
      (body) => body['last'] !== undefined,
    );
    expect(schedule).toMatchObject({ last });
    expect(schedule['next']).toEqual(
      [1, 2, 3, 4, 5].map((n) => new Date(Date.parse(startAt) + n * MINUTE).toISOString()),
    );
    expect(metricOf(stack, 'SweeperRepairs')).toBe(0);
  });

  it('catches up all that lies behind its start, each time once', async () => {
    const startAt = ago(12.5 * MINUTE);
    await put(stack, 'behind', { startAt, missed: 'catchUp', overlap: 'allow' });
    await until(
      () => startedBy(stack, 'behind'),
      ({ length }) => length >= 13,
    );
    const started = await startedBy(stack, 'behind');
    expect(started.map(({ workflowId }) => workflowId)).toEqual(idsFrom('behind', startAt, 13));
    for (const { workflowId } of started)
      expect(await ended(stack, workflowId)).toMatchObject({ status: 'SUCCESS' });
  });

  it('leaves out what is more than five minutes late where it does not', async () => {
    const startAt = ago(12.5 * MINUTE);
    await put(stack, 'late', { startAt, overlap: 'allow' });
    await until(
      () => startedBy(stack, 'late'),
      ({ length }) => length >= 5,
    );
    const started = await startedBy(stack, 'late');
    // From 4 min 30 s ago on.
    expect(started.map(({ workflowId }) => workflowId)).toEqual(
      idsFrom('late', startAt, 13).slice(8),
    );
  });

  it('starts in order, one after the end of the other, where it queues', async () => {
    const startAt = ago(3.5 * MINUTE);
    await put(stack, 'line', { startAt, overlap: 'queue' });
    await until(
      () => startedBy(stack, 'line'),
      (all) => all.length === 4 && all.every(({ endedAt }) => endedAt !== undefined),
    );
    const started = await startedBy(stack, 'line');
    expect(started.map(({ workflowId }) => workflowId)).toEqual(idsFrom('line', startAt, 4));
    for (const [n, { startedAt }] of started.slice(1).entries())
      expect(startedAt >= (started[n]?.endedAt ?? 'never')).toBe(true);
  });

  it('skips what comes while its workflow runs', async () => {
    await put(stack, 'busy', { startAt: ago(3.5 * MINUTE), input: { delayMs: 3_000 } });
    const schedule = await until(
      () => show(stack, 'busy'),
      ({ last }) => (last as { outcome?: string } | undefined)?.outcome === 'skipped',
    );
    const started = await startedBy(stack, 'busy');
    expect(started).toHaveLength(1);
    expect(schedule['last']).toMatchObject({
      reason: expect.stringContaining(`the workflow "${started[0]?.workflowId}" had not ended`),
    });
  });

  it('goes on when its definition takes no such input, and says why', async () => {
    const definition = {
      tasks: [{ id: 'A', function: 'A' }],
      inputSchema: { type: 'object', required: ['n'] },
    };
    await call(stack, 'definitions/strict', {
      method: 'PUT',
      body: JSON.stringify(definition),
      headers: { 'content-type': 'application/json' },
    });
    await put(stack, 'wrong', { startAt: ago(1_000), definition: { name: 'strict' } });
    const schedule = await until(
      () => show(stack, 'wrong'),
      ({ last }) => last !== undefined,
    );
    expect(schedule).toMatchObject({ last: { outcome: 'refused' }, enabled: true });
    expect(await startedBy(stack, 'wrong')).toEqual([]);
  });

  it('starts nothing while it is paused, and nothing once it is deleted', async () => {
    await put(stack, 'off', { startAt: ago(1_000), enabled: false });
    expect(await send(stack, 'POST', 'off/pause')).toMatchObject({ body: { next: [] } });
    const resumed = await send(stack, 'POST', 'off/resume');
    // What came while it was paused is not missed: it counts from now.
    expect(Date.parse((resumed.body['next'] as string[])[0] ?? '')).toBeGreaterThan(Date.now());
    expect((await send(stack, 'DELETE', 'off')).status).toBe(200);
    expect((await send(stack, 'GET', 'off')).status).toBe(404);
    expect(await startedBy(stack, 'off')).toEqual([]);
  });

  it('can be the example of the documentation', async () => {
    const file = join(__dirname, '../../../../docs/examples/schedule.json');
    const example = JSON.parse(readFileSync(file, 'utf8')) as { name: string };
    const { status, body } = await send(stack, 'PUT', example.name, example);
    expect([status, body]).toMatchObject([201, example]);
    const next = (body['next'] as string[]).map((at) => Date.parse(at) - Date.now());
    // One each night; the clocks may change in between.
    for (const [n, ahead] of next.entries()) {
      expect(ahead).toBeGreaterThan(n * 23 * HOUR);
      expect(ahead).toBeLessThan((n + 1) * 25 * HOUR);
    }
  });

  it('with a time that never comes is refused, and nothing is kept of it', async () => {
    const answer = await send(stack, 'PUT', 'never', { ...DIAMOND, cron: '0 0 30 2 *' });
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'cron', message: 'never comes: no date meets it' }] },
    });
    expect((await send(stack, 'GET', 'never')).status).toBe(404);
  });
});
