import {
  deleteScheduleResponseSchema,
  listSchedulesResponseSchema,
  problemSchema,
  scheduleSchema,
} from '@orchestra/api-contract';
import { LIMITS, type Schedule } from '@orchestra/workflow-core';
import { createOrchestra, NOW } from './testing/orchestra.js';

/** The clock stands at 2030-01-01T00:00:00.000Z unless a test sets it. */
function orchestra(changes: Parameters<typeof createOrchestra>[0] = {}) {
  const made = createOrchestra(changes);
  const send = async (method: string, path: string, body?: unknown) => {
    const answer = await made.ask(
      method,
      `/schedules${path}`,
      body === undefined ? {} : { body: JSON.stringify(body) },
    );
    return {
      ...answer,
      schedule: () => scheduleSchema.parse(answer.json()),
      issues: () => problemSchema.parse(answer.json()).errors,
    };
  };
  return { ...made, send };
}
const HOURLY = { cron: '0 * * * *', definition: { name: 'diamond' } };

describe('putting a schedule', () => {
  it('makes it, with its defaults, and tells its next five times', async () => {
    const { send } = orchestra();
    const answer = await send('PUT', '/nightly', { ...HOURLY, input: { n: 1 }, tags: ['a'] });
    expect(answer.status).toBe(201);
    expect(answer.headers['location']).toBe('/prod/schedules/nightly');
    expect(answer.schedule()).toEqual({
      name: 'nightly',
      ...HOURLY,
      ...{ timeZone: 'UTC', enabled: true, overlap: 'skip', missed: 'skip' },
      ...{ input: { n: 1 }, tags: ['a'], createdAt: NOW, updatedAt: NOW },
      next: [1, 2, 3, 4, 5].map((hour) => `2030-01-01T0${hour}:00:00.000Z`),
    });
    expect((await send('GET', '/nightly')).json()).toEqual(answer.json());
  });

  it('again changes nothing', async () => {
    const { send, schedules } = orchestra();
    const first = await send('PUT', '/nightly', HOURLY);
    const again = await send('PUT', '/nightly', { ...HOURLY, name: 'nightly' });
    expect([again.status, again.json()]).toEqual([200, first.json()]);
    expect(await schedules.getSchedule('nightly')).toMatchObject({ version: 1 });
  });

  it('with another content changes all of it', async () => {
    const { send } = orchestra();
    await send('PUT', '/nightly', { ...HOURLY, input: 1, note: 'why' });
    const changed = await send('PUT', '/nightly', { ...HOURLY, overlap: 'queue' });
    expect(changed.status).toBe(200);
    expect(changed.schedule()).toMatchObject({ overlap: 'queue' });
    expect(changed.schedule()).not.toHaveProperty('input');
    expect(changed.schedule()).not.toHaveProperty('note');
  });

  it('tries again when the sweep was faster', async () => {
    const { send, schedules } = orchestra();
    await send('PUT', '/nightly', HOURLY);
    const present = (await schedules.getSchedule('nightly')) as Schedule;
    const put = schedules.putSchedule.bind(schedules);
    schedules.putSchedule = async (schedule) => {
      schedules.putSchedule = put;
      await schedules.advanceSchedule({ ...present, version: 2, previous: 'w' });
      return put(schedule);
    };
    expect((await send('PUT', '/nightly', { ...HOURLY, note: 'n' })).status).toBe(200);
    expect(await schedules.getSchedule('nightly')).toMatchObject({
      ...{ version: 3, previous: 'w', note: 'n' },
    });
  });

  it.each([
    [{ cron: '0 0 30 2 *' }, 'cron', 'never comes: no date meets it'],
    [{ cron: '0 0 * * * *' }, 'cron', 'must have five fields'],
    [{ cron: '0 99 * * *' }, 'cron', 'is not valid: Invalid value for hour: 99'],
    [{ timeZone: 'Mars/Olympus' }, 'timeZone', 'must be a time zone such as "Europe/Berlin"'],
    [{ rate: '1 hour' }, '', 'must have "cron" or "rate", and not both'],
    [{ cron: undefined }, '', 'must have "cron" or "rate", and not both'],
    [{ cron: undefined, rate: '5 seconds' }, 'rate', 'must be such as "5 minutes"'],
    [{ definition: { name: 'none' } }, 'definition.name', 'there is no definition "none"'],
    [
      { definition: { name: 'diamond', revision: 2 } },
      'definition.revision',
      '"diamond" has no revision 2',
    ],
    [{ definition: undefined }, 'definition', ''],
    [{ overlap: 'never' }, 'overlap', ''],
    [{ startAt: 'soon' }, 'startAt', 'must be a time such as'],
    [{ when: 'now' }, 'when', 'is not a field of this request'],
    [{ name: 'other' }, 'name', 'must be "nightly", as in the address, or be left out'],
    [{ input: 'x'.repeat(LIMITS.scheduleInputBytes) }, 'input', 'above the limit of 262144'],
  ])('%j is refused and nothing is stored', async (changes, path, message) => {
    const { send, schedules } = orchestra();
    const answer = await send('PUT', '/nightly', { ...HOURLY, ...changes });
    expect(answer.status).toBe(400);
    expect(answer.issues()).toEqual([{ path, message: expect.stringContaining(message) }]);
    expect(await schedules.countSchedules()).toBe(0);
  });

  it('names all that is wrong at once', async () => {
    const { send } = orchestra();
    const answer = await send('PUT', '/nightly', { cron: 'x', definition: { name: 'none' } });
    expect(answer.issues()?.map(({ path }) => path)).toEqual(['cron', 'definition.name']);
  });

  it('is refused under a name too long for a tag', async () => {
    const { send } = orchestra();
    const answer = await send('PUT', `/${'n'.repeat(56)}`, HOURLY);
    expect(answer.issues()).toEqual([{ path: 'name', message: 'must have at most 55 characters' }]);
  });

  it('is refused when there are too many, though one that is there may change', async () => {
    const { send, schedules } = orchestra();
    await send('PUT', '/nightly', HOURLY);
    schedules.countSchedules = async () => LIMITS.schedules;
    const answer = await send('PUT', '/other', HOURLY);
    expect(answer.status).toBe(409);
    expect(answer.json()).toMatchObject({
      type: 'urn:orchestra:problem:too-many-schedules',
      detail: 'there are 1000 already: delete one',
    });
    expect((await send('PUT', '/nightly', { ...HOURLY, note: 'n' })).status).toBe(200);
  });
});

describe('pausing a schedule', () => {
  it('leaves it without next times until it is resumed, from then on', async () => {
    let now = Date.parse(NOW);
    const { send } = orchestra({ now: () => now });
    await send('PUT', '/nightly', { ...HOURLY, input: 1 });
    const paused = await send('POST', '/nightly/pause');
    expect(paused.schedule()).toMatchObject({ enabled: false, next: [], input: 1 });
    expect((await send('POST', '/nightly/pause')).json()).toEqual(paused.json());
    now += 7.5 * 3_600_000;
    const resumed = await send('POST', '/nightly/resume');
    expect(resumed.schedule()).toMatchObject({ enabled: true });
    expect(resumed.schedule().next[0]).toBe('2030-01-01T08:00:00.000Z');
    expect((await send('POST', '/nightly/resume')).json()).toEqual(resumed.json());
  });
});

describe('showing a schedule', () => {
  it('tells what became of its last time, and since when one waits', async () => {
    let now = Date.parse(NOW);
    const { send, schedules } = orchestra({ now: () => now });
    await send('PUT', '/nightly', HOURLY);
    const present = (await schedules.getSchedule('nightly')) as Schedule;
    const last = { at: NOW, outcome: 'skipped', reason: 'it runs' } as const;
    await schedules.advanceSchedule({ ...present, version: 2, last });
    now += 90 * 60_000;
    expect((await send('GET', '/nightly')).schedule()).toMatchObject({
      last,
      waitingSince: '2030-01-01T01:00:00.000Z',
      next: [2, 3, 4, 5, 6].map((hour) => `2030-01-01T0${hour}:00:00.000Z`),
    });
  });
});

describe('listing schedules', () => {
  it('gives them by name, each with its next time and without its input, page by page', async () => {
    const { ask, send } = orchestra();
    for (const name of ['c', 'a', 'b']) await send('PUT', `/${name}`, { ...HOURLY, input: name });
    const page = async (query: Record<string, string>) =>
      listSchedulesResponseSchema.parse((await ask('GET', '/schedules', { query })).json());
    const first = await page({ limit: '2' });
    expect(first.schedules.map(({ name, next }) => [name, next])).toEqual([
      ['a', ['2030-01-01T01:00:00.000Z']],
      ['b', ['2030-01-01T01:00:00.000Z']],
    ]);
    expect(first.schedules[0]).not.toHaveProperty('input');
    const second = await page({ limit: '2', cursor: first.nextCursor ?? '' });
    expect(second).toMatchObject({ schedules: [{ name: 'c' }] });
    expect(second.nextCursor).toBeUndefined();
  });
});

describe('deleting a schedule', () => {
  it('removes it', async () => {
    const { send } = orchestra();
    await send('PUT', '/nightly', HOURLY);
    const answer = await send('DELETE', '/nightly');
    expect(deleteScheduleResponseSchema.parse(answer.json())).toEqual({ name: 'nightly' });
    expect((await send('GET', '/nightly')).status).toBe(404);
  });
});

it.each([
  ['GET', '/none'],
  ['DELETE', '/none'],
  ['POST', '/none/pause'],
  ['POST', '/none/resume'],
])('%s %s answers 404 where there is no such schedule', async (method, path) => {
  const answer = await orchestra().send(method, path);
  expect(answer.status).toBe(404);
  expect(answer.json()).toMatchObject({ detail: 'there is no schedule "none"' });
});
