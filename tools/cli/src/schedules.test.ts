import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { putScheduleRequestSchema, type Schedule } from '@orchestra/api-contract';
import { timingIssues } from '@orchestra/workflow-core/schedules';
import { Installation, NOW, problem, run } from './testing/installation.js';

const EXAMPLE = join(__dirname, '../../../docs/examples/schedule.json');

let installation: Installation;
beforeEach(async () => {
  installation = await Installation.open();
});
afterEach(() => installation.close());

const SCHEDULE: Schedule = {
  name: 'nightly',
  cron: '0 2 * * *',
  timeZone: 'Europe/Berlin',
  definition: { name: 'diamond', revision: 3 },
  ...{ enabled: true, overlap: 'skip', missed: 'skip', createdAt: NOW, updatedAt: NOW },
  next: ['2030-01-01T01:00:00.000Z', '2030-01-02T01:00:00.000Z'],
};
const PAUSED: Schedule = { ...SCHEDULE, enabled: false, next: [] };

const withFile = (path: string, text: string) =>
  run(['schedules', 'put', path], installation, {
    readFile: (asked) => {
      if (asked === '/data/local.json') return installation.localJson();
      if (asked === path) return text;
      throw new Error(`ENOENT: ${asked}`);
    },
  });

describe('listing schedules', () => {
  it('shows their times, what they start and what became of the last time', async () => {
    const hourly: Schedule = {
      ...PAUSED,
      ...{ name: 'hourly', cron: undefined, rate: '1 hour', definition: { name: 'etl' } },
      last: { at: NOW, outcome: 'skipped', reason: 'it runs' },
    };
    installation.answers.set('GET /schedules', { schedules: [SCHEDULE, hourly] });
    const { out, exitCode } = await run(['schedules', 'list'], installation);
    expect([exitCode, ...out]).toEqual([
      0,
      'SCHEDULE  TIMES                    DEFINITION            NEXT                      LAST',
      'nightly   0 2 * * * Europe/Berlin  diamond (revision 3)  2030-01-01T01:00:00.000Z  -',
      `hourly    every 1 hour             etl                   paused                    ${NOW} skipped`,
    ]);
  });

  it('reads every page when all are wanted', async () => {
    installation.answers.set('GET /schedules', (search: URLSearchParams) =>
      search.get('cursor') === 'more'
        ? { schedules: [PAUSED] }
        : { schedules: [SCHEDULE], nextCursor: 'more' },
    );
    const { out } = await run(['schedules', 'list', '--all', '--json'], installation);
    expect(JSON.parse(out[0] ?? '')).toEqual({ schedules: [SCHEDULE, PAUSED], more: false });
  });

  it('says when there are none', async () => {
    installation.answers.set('GET /schedules', { schedules: [] });
    expect((await run(['schedules', 'list'], installation)).out).toEqual(['no schedules']);
  });
});

describe('showing a schedule', () => {
  it('tells its next times, what waits and what became of the last', async () => {
    installation.answers.set('GET /schedules/nightly', {
      ...SCHEDULE,
      note: 'as agreed',
      waitingSince: NOW,
      last: { at: NOW, outcome: 'started', workflowId: 'nightly-20300101T000000Z' },
    });
    const { out } = await run(['schedules', 'show', 'nightly'], installation);
    expect(out).toEqual([
      'nightly  0 2 * * * Europe/Berlin  diamond (revision 3)',
      'as agreed',
      'overlap: skip, missed: skip',
      'next  2030-01-01T01:00:00.000Z',
      'next  2030-01-02T01:00:00.000Z',
      `waits since ${NOW}`,
      `last  ${NOW} started nightly-20300101T000000Z`,
    ]);
  });

  it('ends with 1 where there is none', async () => {
    const refusal = problem(404, 'there is no schedule "none"');
    installation.failures.push({ status: 404, body: JSON.stringify(refusal) });
    const { exitCode, err } = await run(['schedules', 'show', 'none'], installation);
    expect(exitCode).toBe(1);
    expect(err).toEqual([expect.stringContaining('there is no schedule "none"')]);
  });
});

describe('putting a schedule', () => {
  it.each([
    ['s.json', '{"name":"nightly","cron":"0 2 * * *","definition":{"name":"diamond"}}'],
    ['s.yaml', 'name: nightly\ncron: 0 2 * * *\ndefinition:\n  name: diamond\n'],
  ])('sends what is in %s', async (path, text) => {
    installation.answers.set('PUT /schedules/nightly', SCHEDULE);
    const { exitCode, out } = await withFile(path, text);
    expect([exitCode, out[0]]).toEqual([
      0,
      'nightly  0 2 * * * Europe/Berlin  diamond (revision 3)',
    ]);
    expect(installation.events).toMatchObject([
      { name: 'nightly', cron: '0 2 * * *', definition: { name: 'diamond' } },
    ]);
  });

  it.each([
    ['s.json', '{"cron":"* * * * *","definition":{"name":"d"}}', 's.json: name: must be there'],
    ['s.json', '{"name":"s"}', 's.json: definition: '],
    ['s.json', '{', 's.json:1: '],
    ['s.yaml', 'a: 1\na: 2', 's.yaml:2: '],
    ['s.txt', '', 's.txt must end in .json, .yaml or .yml'],
  ])('sends nothing of %s that is %s', async (path, text, words) => {
    const { exitCode, err } = await withFile(path, text);
    expect(exitCode).not.toBe(0);
    expect(err).toEqual([expect.stringContaining(words)]);
    expect(installation.requests).toEqual([]);
  });

  it('takes the example of the documentation', () => {
    const example = putScheduleRequestSchema.parse(JSON.parse(readFileSync(EXAMPLE, 'utf8')));
    expect(timingIssues(example, Date.parse(NOW))).toEqual([]);
  });
});

describe('pausing, resuming and deleting a schedule', () => {
  it('says how it is then', async () => {
    installation.answers.set('POST /schedules/nightly/pause', PAUSED);
    installation.answers.set('POST /schedules/nightly/resume', SCHEDULE);
    installation.answers.set('DELETE /schedules/nightly', { name: 'nightly' });
    const out = async (order: string) =>
      (await run(['schedules', order, 'nightly'], installation)).out.slice(-1);
    expect(await out('pause')).toEqual(['paused']);
    expect(await out('resume')).toEqual(['next  2030-01-02T01:00:00.000Z']);
    expect(await out('delete')).toEqual(['nightly  deleted']);
  });
});
