import { formatDuration, formatElapsed, formatLocalTime, formatRelative } from './format.js';

describe('a duration', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.00 s'],
    [1_244, '1.24 s'],
    [9_994, '9.99 s'],
    [9_995, '10.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1m 00s'],
    [245_000, '4m 05s'],
    [3_599_400, '59m 59s'],
    [3_599_500, '1h 00m'],
    [7_380_000, '2h 03m'],
    [86_400_000, '1d 0h'],
    [273_600_000, '3d 4h'],
    [-5, '0 ms'],
  ])('of %i ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('time that goes on', () => {
  it.each([
    [-1_000, '< 1 s'],
    [999, '< 1 s'],
    [1_999, '1 s'],
    [59_999, '59 s'],
    [60_000, '1m 00s'],
    [3_600_000, '1h 00m'],
  ])('after %i ms reads %s', (ms, text) => {
    expect(formatElapsed(ms)).toBe(text);
  });
});

describe('how long ago', () => {
  const then = '2026-11-23T05:25:23.728Z';
  const at = (ms: number) => formatRelative(then, Date.parse(then) + ms, 'UTC');

  it.each([
    [-60_000, 'now'],
    [1_999, 'now'],
    [2_000, '2s ago'],
    [59_999, '59s ago'],
    [60_000, '1m ago'],
    [3_600_000, '1h ago'],
    [86_400_000, '1d ago'],
    [29 * 86_400_000, '29d ago'],
  ])('after %i ms reads %s', (ms, text) => {
    expect(at(ms)).toBe(text);
  });

  it('is a date after a month', () => {
    expect(at(40 * 86_400_000)).toContain('2026');
  });
});

describe('a local time', () => {
  const iso = '2026-11-23T23:30:05.042Z';

  it('is to the millisecond, in the zone of who reads it', () => {
    const now = Date.parse('2026-11-23T23:59:00.000Z');
    expect(formatLocalTime(iso, now, 'UTC')).toBe('23:30:05.042');
    expect(formatLocalTime(iso, now, 'Asia/Kolkata')).toBe('05:00:05.042');
  });

  it('names the day when it is not today there', () => {
    const now = Date.parse('2026-11-24T00:30:00.000Z');
    expect(formatLocalTime(iso, now, 'UTC')).toMatch(/^23 Nov.* 23:30:05\.042$/);
    expect(formatLocalTime(iso, now, 'Asia/Kolkata')).toBe('05:00:05.042');
  });
});
