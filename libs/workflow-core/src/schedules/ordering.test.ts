import { ordered, switched } from './ordering.js';
import {
  scheduleNameSchema,
  scheduleSpecSchema,
  scheduleSpecOf,
  type Schedule,
} from './schedule.js';

const NOW = Date.parse('2026-01-02T12:05:00.000Z');
const spec = (changes: object = {}) =>
  scheduleSpecSchema.parse({ cron: '*/10 * * * *', definition: { name: 'd' }, ...changes });
const made = (changes: object = {}, now = NOW): Schedule =>
  ordered('s', spec(changes), undefined, now) as Schedule;

describe('ordering a schedule', () => {
  it('makes a new one that counts from now', () => {
    expect(made()).toEqual({
      ...spec(),
      ...{ name: 's', version: 1, nextAt: '2026-01-02T12:10:00.000Z' },
      ...{ createdAt: '2026-01-02T12:05:00.000Z', updatedAt: '2026-01-02T12:05:00.000Z' },
    });
  });

  it('makes one that counts from startAt, which may lie in the past', () => {
    const startAt = '2026-01-02T10:00:00Z';
    expect(made({ startAt })).toMatchObject({ nextAt: '2026-01-02T10:00:00.000Z' });
    expect(made({ cron: undefined, rate: '1 hour', startAt })).toMatchObject({
      nextAt: '2026-01-02T10:00:00.000Z',
    });
    expect(made({ startAt: '2026-02-01T00:00:00+01:00' })).toMatchObject({
      nextAt: '2026-01-31T23:00:00.000Z',
    });
  });

  it('changes nothing when it is so already, whatever the order of its keys', () => {
    const present = made({ input: { a: 1, b: 2 } });
    expect(ordered('s', spec({ input: { b: 2, a: 1 } }), present, NOW + 1)).toBeUndefined();
  });

  it('keeps what is due while its times stay the same', () => {
    const late = NOW + 3_600_000;
    expect(ordered('s', spec({ input: 1 }), made(), late)).toMatchObject({
      ...{ version: 2, nextAt: '2026-01-02T12:10:00.000Z', input: 1 },
      ...{ createdAt: '2026-01-02T12:05:00.000Z', updatedAt: '2026-01-02T13:05:00.000Z' },
    });
  });

  it('counts other times from now', () => {
    const changed = ordered('s', spec({ cron: '0 * * * *' }), made(), NOW + 3_600_000);
    expect(changed).toMatchObject({ nextAt: '2026-01-02T14:00:00.000Z' });
  });

  it('begins with a startAt once: other times after it count from now', () => {
    const startAt = '2026-01-01T00:00:00.000Z';
    const changed = ordered('s', spec({ cron: '0 * * * *', startAt }), made({ startAt }), NOW);
    expect(changed).toMatchObject({ nextAt: '2026-01-02T13:00:00.000Z' });
  });

  it('knows what it started before', () => {
    const present = { ...made(), previous: 'x', last: { at: 'y', outcome: 'started' as const } };
    expect(ordered('s', spec({ note: 'n' }), present, NOW)).toMatchObject({
      previous: 'x',
      last: { outcome: 'started' },
    });
  });
});

describe('pausing a schedule', () => {
  it('leaves it without a next time', () => {
    const paused = switched(made(), false, NOW) as Schedule;
    expect(paused).toMatchObject({ enabled: false, version: 2 });
    expect(paused).not.toHaveProperty('nextAt');
  });

  it('misses nothing: resumed, it counts from then on', () => {
    const paused = switched(made({ startAt: '2026-01-02T11:00:00Z' }), false, NOW) as Schedule;
    expect(switched(paused, true, NOW + 86_400_000)).toMatchObject({
      enabled: true,
      nextAt: '2026-01-03T12:10:00.000Z',
    });
  });

  it('twice is pausing once', () => {
    expect(switched(made({ enabled: false }), false, NOW)).toBeUndefined();
    expect(switched(made(), true, NOW)).toBeUndefined();
  });
});

describe('what a schedule may be', () => {
  it('has a name that fits into a tag', () => {
    expect(scheduleNameSchema.safeParse('n'.repeat(55)).success).toBe(true);
    expect(scheduleNameSchema.safeParse('n'.repeat(56)).success).toBe(false);
  });

  it('is told back as it was given', () => {
    expect(scheduleSpecOf(made({ input: [1], tags: ['a'] }))).toEqual(
      spec({ input: [1], tags: ['a'] }),
    );
  });

  it.each([
    { startAt: 'tomorrow' },
    { overlap: 'never' },
    { tags: Array.from({ length: 10 }, (_, n) => `t${n}`) },
    { definition: 'd' },
    { seconds: 1 },
  ])('is not %j', (changes) => {
    const given = { cron: '* * * * *', definition: { name: 'd' }, ...changes };
    expect(scheduleSpecSchema.safeParse(given).success).toBe(false);
  });
});
