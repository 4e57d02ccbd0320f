/**
 * What a schedule does at a moment, one step at a time. Pure.
 *
 * (S1) A time is named by the id of its workflow, so whoever starts it again finds it started.
 * (S2) Each step decides `nextAt`, and perhaps the times behind it that go the same way; it starts nothing but `nextAt`. So a
 * start that a crash left without its step is that of `nextAt`, and nowhere else need anybody look for one.
 */
import { omit } from './omit.js';
import type { Schedule, ScheduleLast } from './schedule.js';
import { nextTime } from './times.js';

/** A time is missed when it could have been kept so long ago. */
export const LATE_MS = 5 * 60_000;

/** The workflow that was started last, as it is now. */
export interface Previous {
  readonly isRunning: boolean;
  readonly endedAt?: string;
}

export type Step =
  | { readonly kind: 'rest' }
  /** For the previous workflow to end. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'start'; readonly at: string; readonly workflowId: string }
  | {
      readonly kind: 'pass';
      readonly at: string;
      /** What was started of it, if a crash came in between. */
      readonly workflowId: string;
      readonly outcome: 'skipped' | 'missed';
      readonly reason: string;
      readonly nextAt?: string;
    };

/** `previous` is needed unless the overlap is allowed. */
export function nextStep(schedule: Schedule, now: number, previous?: Previous): Step {
  const { name, nextAt: at, overlap, missed } = schedule;
  if (at === undefined || Date.parse(at) > now) return { kind: 'rest' };
  const workflowId = workflowIdAt(name, at);
  const isInTheWay = overlap !== 'allow' && previous?.isRunning === true;
  if (isInTheWay && overlap === 'queue') return { kind: 'wait' };
  if (missed === 'skip' && keepableSince(schedule, at, previous) < now - LATE_MS)
    return pass(schedule, { at, workflowId, outcome: 'missed', before: now - LATE_MS, now });
  if (isInTheWay)
    return pass(schedule, { at, workflowId, outcome: 'skipped', before: now + 1, now });
  return { kind: 'start', at, workflowId };
}

/** What waits in line is not late before the line moves. */
function keepableSince({ overlap }: Schedule, at: string, previous: Previous | undefined): number {
  const endedAt = overlap === 'queue' ? previous?.endedAt : undefined;
  return Math.max(Date.parse(at), endedAt === undefined ? 0 : Date.parse(endedAt));
}

interface Passing {
  readonly at: string;
  readonly workflowId: string;
  readonly outcome: 'skipped' | 'missed';
  /** The times before it go the same way. */
  readonly before: number;
  readonly now: number;
}

function pass(schedule: Schedule, { at, workflowId, outcome, before, now }: Passing): Step {
  const next = nextTime(schedule, before - 1);
  const follower = nextTime(schedule, Date.parse(at));
  const others = follower === next ? '' : `; and so were all before ${isoOf(next)}`;
  const words =
    outcome === 'skipped'
      ? `the workflow "${schedule.previous}" had not ended`
      : `nobody could start it before ${isoOf(now)}`;
  return {
    ...{ kind: 'pass', at, workflowId, outcome, reason: words + others },
    ...(next === undefined ? {} : { nextAt: isoOf(next) as string }),
  };
}

/** The schedule once `nextAt` is decided and nothing else. */
export function decided(
  schedule: Schedule,
  last: ScheduleLast,
  { previous = schedule.previous }: { readonly previous?: string | undefined } = {},
): Schedule {
  const next = nextTime(schedule, Date.parse(last.at));
  return goneOn(schedule, { last, previous, nextAt: isoOf(next) });
}

/** The schedule once a step has passed over its times. */
export const passed = (
  schedule: Schedule,
  { at, outcome, reason, nextAt }: Extract<Step, { kind: 'pass' }>,
): Schedule =>
  goneOn(schedule, { last: { at, outcome, reason }, previous: schedule.previous, nextAt });

interface Progress {
  readonly last: ScheduleLast;
  readonly previous: string | undefined;
  readonly nextAt: string | undefined;
}

function goneOn(schedule: Schedule, { last, previous, nextAt }: Progress): Schedule {
  return {
    ...omit(schedule, 'nextAt', 'previous'),
    version: schedule.version + 1,
    last,
    ...(previous === undefined ? {} : { previous }),
    ...(nextAt === undefined ? {} : { nextAt }),
  };
}

const isoOf = (moment: number | undefined) =>
  moment === undefined ? undefined : new Date(moment).toISOString();

/** (S1) `nightly-20260131T120000Z` */
export const workflowIdAt = (name: string, at: string): string =>
  `${name}-${at.slice(0, 19).replace(/[-:]/g, '')}Z`;
