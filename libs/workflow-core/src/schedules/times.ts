/**
 * The times of a schedule. Pure: the clock is an argument, and the same schedule gives the same times for ever.
 *
 * Cron follows the clocks of its time zone. Where they go forward, a fixed time that they leave out comes at the first
 * moment after the gap; where they go back, a fixed time comes once, the first time it is shown. Fields with `*` or a
 * step in the minute or hour mean intervals: those follow the time that passes.
 */
import { Cron } from 'croner';
import type { Issue } from '../errors.js';
import type { Schedule, ScheduleSpec } from './schedule.js';

const MINUTE_MS = 60_000;
const UNITS = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: 24 * 60 * MINUTE_MS } as const;
const RATE = /^([1-9]\d{0,6}) (minute|hour|day)s?$/;
const LONGEST_RATE_MS = 366 * UNITS.day;
/** 29 February may be as far away. */
const HORIZON_MS = 8 * 366 * UNITS.day;

type Timing = Pick<ScheduleSpec, 'cron' | 'rate' | 'timeZone' | 'startAt'>;
export type Timed = Timing & Pick<Schedule, 'createdAt'>;

/** Milliseconds; undefined: it is no rate. */
export function rateMs(rate: string): number | undefined {
  const [, count, unit] = RATE.exec(rate) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const milliseconds = Number(count) * UNITS[unit as keyof typeof UNITS];
  return milliseconds <= LONGEST_RATE_MS ? milliseconds : undefined;
}

/** The first time after a moment; undefined: there is none. Both in milliseconds. */
export function nextTime(schedule: Timed, after: number): number | undefined {
  const { cron, rate = '', timeZone, startAt } = schedule;
  if (cron !== undefined) {
    const first = startAt === undefined ? after : Math.max(after, Date.parse(startAt) - 1);
    return parseCron(cron, timeZone).nextRun(new Date(first))?.getTime();
  }
  const period = rateMs(rate);
  if (period === undefined) return undefined;
  // Its creation itself is no time of it.
  const first =
    startAt === undefined ? Date.parse(schedule.createdAt) + period : Date.parse(startAt);
  return first + Math.max(0, Math.floor((after - first) / period) + 1) * period;
}

/** The next so many times after a moment. ISO 8601. */
export function timesAfter(schedule: Timed, after: number, count: number): string[] {
  const times: string[] = [];
  let last: number | undefined = after;
  while (times.length < count) {
    last = nextTime(schedule, last);
    if (last === undefined) break;
    times.push(new Date(last).toISOString());
  }
  return times;
}

/** What is wrong with when it is to run. */
export function timingIssues(timing: Timing, now: number): Issue[] {
  const { cron, rate, timeZone } = timing;
  if ((cron === undefined) === (rate === undefined))
    return [{ path: '', message: 'must have "cron" or "rate", and not both' }];
  if (rate !== undefined) return rateMs(rate) === undefined ? [NO_RATE] : [];
  if (!isTimeZone(timeZone))
    return [{ path: 'timeZone', message: 'must be a time zone such as "Europe/Berlin"' }];
  return cronIssues(timing, now);
}

const NO_RATE: Issue = {
  path: 'rate',
  message: 'must be such as "5 minutes", "1 hour" or "2 days", from 1 minute to 366 days',
};

function cronIssues(timing: Timing, now: number): Issue[] {
  const { cron = '', timeZone, startAt } = timing;
  const wrong = (message: string): Issue[] => [{ path: 'cron', message }];
  // Nicknames such as @daily, and "?", which each program reads in its own way.
  if (cron.trim().split(/\s+/).length !== FIELDS || cron.includes('?'))
    return wrong('must have five fields: minute, hour, day of the month, month, day of the week');
  try {
    parseCron(cron, timeZone);
  } catch (error) {
    return wrong(`is not valid: ${(error as Error).message.replace(/^CronPattern: /, '')}`);
  }
  const from = startAt === undefined ? now : Math.max(now, Date.parse(startAt));
  const next = nextTime({ ...timing, createdAt: new Date(now).toISOString() }, from);
  return next === undefined || next > from + HORIZON_MS
    ? wrong('never comes: no date meets it')
    : [];
}

const FIELDS = 5;

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    parseCron('0 0 * * *', timeZone).nextRun(new Date(0));
    return true;
  } catch {
    return false;
  }
}

/** @throws for what is no cron. */
const parseCron = (cron: string, timezone: string) =>
  new Cron(cron, { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true });
