import { nextTime, rateMs, timesAfter, timingIssues, type Timed } from './times.js';

const NOW = Date.parse('2026-01-02T03:04:05.006Z');
const HOUR = 3_600_000;

const timed = (timing: Partial<Timed>): Timed => ({
  timeZone: 'UTC',
  createdAt: '2026-01-02T03:04:05.006Z',
  ...timing,
});
const berlin = (cron: string) => timed({ cron, timeZone: 'Europe/Berlin' });
const times = (schedule: Timed, after: string, count: number) =>
  timesAfter(schedule, Date.parse(after), count).map((at) => at.replace(':00.000Z', 'Z'));

describe('the times of a cron', () => {
  it('are those of the clocks of its zone, each after the one before', () => {
    expect(times(berlin('0 9 * * MON-FRI'), '2026-01-02T08:00:00Z', 3)).toEqual([
      '2026-01-05T08:00Z',
      '2026-01-06T08:00Z',
      '2026-01-07T08:00Z',
    ]);
  });

  it('are after a moment, to the millisecond', () => {
    const noon = Date.parse('2026-01-02T12:00:00.000Z');
    const daily = timed({ cron: '0 12 * * *' });
    expect(nextTime(daily, noon - 1)).toBe(noon);
    expect(nextTime(daily, noon)).toBe(noon + 24 * HOUR);
  });

  it('are never before startAt, which may be one of them', () => {
    const daily = timed({ cron: '0 12 * * *', startAt: '2026-03-01T12:00:00.000Z' });
    expect(times(daily, '2026-01-01T00:00:00Z', 1)).toEqual(['2026-03-01T12:00Z']);
  });

  it('meet a day of the month or a day of the week where both are given', () => {
    expect(times(timed({ cron: '0 0 13 * FRI' }), '2026-02-10T00:00:00Z', 3)).toEqual([
      '2026-02-13T00:00Z',
      '2026-02-20T00:00Z',
      '2026-02-27T00:00Z',
    ]);
  });

  it('come from one leap day to the next, over eight years too', () => {
    const leap = timed({ cron: '0 0 29 2 *' });
    expect(times(leap, '2096-02-29T00:00:00Z', 1)).toEqual(['2104-02-29T00:00Z']);
  });
});

describe('the days on which the clocks change, in Berlin', () => {
  it('02:30 does not exist in spring: it comes when the gap ends, once', () => {
    expect(times(berlin('30 2 * * *'), '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-30T00:30Z',
    ]);
  });

  it('02:30 exists twice in autumn: it comes the first time only', () => {
    expect(times(berlin('30 2 * * *'), '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ]);
  });

  it('a list of fixed times in the gap comes once, when it ends', () => {
    expect(times(berlin('0,30 2 * * *'), '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-30T00:00Z',
    ]);
  });

  it('a step within the changing hour follows the clocks: never in spring, twice in autumn', () => {
    expect(times(berlin('*/30 2 * * *'), '2026-03-28T12:00:00Z', 1)).toEqual(['2026-03-30T00:00Z']);
    expect(times(berlin('*/30 2 * * *'), '2026-10-24T12:00:00Z', 5)).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T00:30Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:30Z',
      '2026-10-26T01:00Z',
    ]);
  });

  it('each of a list of fixed times exists twice in autumn, and comes once', () => {
    expect(times(berlin('0,30 2 * * *'), '2026-10-24T12:00:00Z', 3)).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T00:30Z',
      '2026-10-26T01:00Z',
    ]);
  });

  it.each([
    ['spring', '2026-03-29T00:30:00.000Z'],
    ['autumn', '2026-10-24T23:30:00.000Z'],
  ])('*/15 comes every 15 minutes in %s, whatever the clocks show', (_, from) => {
    const first = Date.parse(from);
    const expected = Array.from({ length: 16 }, (_, n) => first + (n + 1) * 900_000);
    expect(timesAfter(berlin('*/15 * * * *'), first, 16).map(Date.parse)).toEqual(expected);
  });

  it('an hour of the clock comes every hour that passes', () => {
    const first = Date.parse('2026-10-24T22:00:00.000Z');
    const expected = Array.from({ length: 5 }, (_, n) => first + (n + 1) * HOUR);
    expect(timesAfter(berlin('0 * * * *'), first, 5).map(Date.parse)).toEqual(expected);
  });
});

describe('the times of a rate', () => {
  it('count from its creation, which is none of them', () => {
    expect(timesAfter(timed({ rate: '2 hours' }), NOW, 2)).toEqual([
      '2026-01-02T05:04:05.006Z',
      '2026-01-02T07:04:05.006Z',
    ]);
  });

  it('begin with startAt where there is one', () => {
    const schedule = timed({ rate: '1 day', startAt: '2026-01-10T06:00:00.000Z' });
    expect(times(schedule, '2026-01-01T00:00:00Z', 2)).toEqual([
      '2026-01-10T06:00Z',
      '2026-01-11T06:00Z',
    ]);
    expect(times(schedule, '2026-01-15T06:00:00Z', 1)).toEqual(['2026-01-16T06:00Z']);
  });

  it.each([
    ['1 minute', 60_000],
    ['5 minutes', 300_000],
    ['1 hour', HOUR],
    ['366 days', 366 * 24 * HOUR],
  ])('%s is a rate', (rate, milliseconds) => {
    expect(rateMs(rate)).toBe(milliseconds);
  });

  it.each(['0 minutes', '30 seconds', '1.5 hours', '-1 day', '367 days', 'hour', '5  minutes', ''])(
    '"%s" is none',
    (rate) => {
      expect(rateMs(rate)).toBeUndefined();
    },
  );
});

describe('what is wrong with the timing of a schedule', () => {
  const paths = (timing: Partial<Timed>) =>
    timingIssues(timed(timing), NOW).map(({ path, message }) => `${path}: ${message}`);

  it.each([
    { cron: '*/5 * * * *' },
    { rate: '1 hour' },
    { cron: '0 0 29 2 *' },
    { cron: '0 0 L * *' },
  ])('is nothing in %j', (timing) => {
    expect(paths(timing)).toEqual([]);
  });

  it.each([{}, { cron: '0 0 * * *', rate: '1 hour' }])(
    'is that %j leaves no one choice',
    (timing) => {
      expect(paths(timing)).toEqual([': must have "cron" or "rate", and not both']);
    },
  );

  it.each(['0 0 30 2 *', '0 0 31 4,6,9,11 *'])('is that "%s" never comes', (cron) => {
    expect(paths({ cron })).toEqual(['cron: never comes: no date meets it']);
  });

  it.each(['@daily', '* * * * * *', '* * * *', '0 0 ? * *', ''])(
    'is that "%s" has not five fields',
    (cron) => {
      expect(paths({ cron })[0]).toContain('cron: must have five fields');
    },
  );

  it.each(['61 * * * *', '0 24 * * *', '5/10 * * * *', 'x * * * *'])(
    'is that "%s" is no cron',
    (cron) => {
      expect(paths({ cron })[0]).toContain('cron: is not valid: ');
    },
  );

  it.each(['Mars/Olympus', 'Berlin', '+25:00'])('is that there is no time zone %s', (timeZone) => {
    expect(paths({ cron: '0 0 * * *', timeZone })).toEqual([
      'timeZone: must be a time zone such as "Europe/Berlin"',
    ]);
  });

  it('is that a rate is none', () => {
    expect(paths({ rate: '10 seconds' })[0]).toContain('rate: must be such as');
  });
});
