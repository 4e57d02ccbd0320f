/** What an order of its owner makes of a schedule. Pure. */
import { canonicalJson } from '../canonical-json.js';
import { scheduleSpecOf, type Schedule, type ScheduleSpec } from './schedule.js';
import { nextTime, type Timed } from './times.js';

/** The schedule as it is to be, in place of the present one if there is one; undefined: it is so already. */
export function ordered(
  name: string,
  spec: ScheduleSpec,
  present: Schedule | undefined,
  now: number,
): Schedule | undefined {
  if (present && canonicalJson(scheduleSpecOf(present)) === canonicalJson(spec)) return undefined;
  const at = new Date(now).toISOString();
  const { last, previous } = present ?? {};
  const made = {
    ...spec,
    name,
    version: (present?.version ?? 0) + 1,
    createdAt: present?.createdAt ?? at,
    updatedAt: at,
    ...(last === undefined ? {} : { last }),
    ...(previous === undefined ? {} : { previous }),
  };
  const nextAt = firstTime(made, present, now);
  return nextAt === undefined ? made : { ...made, nextAt };
}

/** What it misses while it is paused is no time of it: it counts from now. */
export const switched = (present: Schedule, enabled: boolean, now: number): Schedule | undefined =>
  ordered(present.name, { ...scheduleSpecOf(present), enabled }, present, now);

/**
 * What is due already stays so while the times are the same. Other times count from now; from `startAt` where that is new,
 * and it may lie in the past.
 */
function firstTime(
  made: Timed & Pick<Schedule, 'enabled'>,
  present: Schedule | undefined,
  now: number,
): string | undefined {
  if (!made.enabled) return undefined;
  if (present?.enabled && timingOf(present) === timingOf(made)) return present.nextAt;
  const { startAt } = made;
  const isNewStart = startAt !== undefined && startAt !== present?.startAt;
  const after = isNewStart ? Math.min(now, Date.parse(startAt) - 1) : now;
  const first = nextTime(made, after);
  return first === undefined ? undefined : new Date(first).toISOString();
}

const timingOf = ({ cron, rate, timeZone, startAt }: Timed) =>
  JSON.stringify([cron, rate, timeZone, startAt]);
