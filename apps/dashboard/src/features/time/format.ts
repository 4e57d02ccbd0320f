/** Times and durations as people read them. Times come as ISO 8601 UTC; durations are milliseconds. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Three significant figures at most: `840 ms`, `1.24 s`, `12.4 s`, `4m 05s`, `2h 03m`, `3d 4h`. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < SECOND) return `${whole} ms`;
  if (whole < 9_995) return `${(whole / SECOND).toFixed(2)} s`;
  if (whole < 59_950) return `${(whole / SECOND).toFixed(1)} s`;
  return formatLong(Math.round(whole / SECOND) * SECOND);
}

/** Of something still going on: no more digits than the eye can follow. */
export function formatElapsed(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / SECOND);
  if (seconds === 0) return '< 1 s';
  return seconds < 60 ? `${seconds} s` : formatLong(seconds * SECOND);
}

function formatLong(ms: number): string {
  if (ms < HOUR) return pair(ms, MINUTE, 'm', SECOND, 's', 2);
  if (ms < DAY) return pair(ms, HOUR, 'h', MINUTE, 'm', 2);
  return pair(ms, DAY, 'd', HOUR, 'h', 1);
}

function pair(
  ms: number,
  big: number,
  bigUnit: string,
  small: number,
  smallUnit: string,
  digits: number,
): string {
  const rest = Math.floor((ms % big) / small);
  return `${Math.floor(ms / big)}${bigUnit} ${String(rest).padStart(digits, '0')}${smallUnit}`;
}

/** `now`, `12s ago`, `4m ago`, `3h ago`, `2d ago`, and the date itself after a month. */
export function formatRelative(iso: string, now: number, timeZone?: string): string {
  const age = now - Date.parse(iso);
  if (age < 2 * SECOND) return 'now';
  if (age < MINUTE) return `${Math.floor(age / SECOND)}s ago`;
  if (age < HOUR) return `${Math.floor(age / MINUTE)}m ago`;
  if (age < DAY) return `${Math.floor(age / HOUR)}h ago`;
  if (age < 30 * DAY) return `${Math.floor(age / DAY)}d ago`;
  return new Date(iso).toLocaleDateString(undefined, { dateStyle: 'medium', timeZone });
}

const clock: Intl.DateTimeFormatOptions = {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
};

/**
 * Local time to the millisecond, with the date unless it is today's: `14:03:21.042`, `3 Nov, 14:03:21.042`.
 *
 * @param now epoch milliseconds, any of the day that counts as today
 */
export function formatLocalTime(iso: string, now: number, timeZone?: string): string {
  const time = new Date(iso);
  const day = (date: Date) => date.toLocaleDateString('en-CA', { timeZone });
  const today = day(time) === day(new Date(now));
  const date: Intl.DateTimeFormatOptions = today ? {} : { day: 'numeric', month: 'short' };
  return time.toLocaleString('en-GB', { ...date, ...clock, timeZone });
}
