/** What a schedule is: when a definition is started, with what, and what becomes of the times at which it is not. */
import * as z from 'zod';
import { LIMITS } from '../limits.js';
import { idSchema } from '../ids.js';
import { orderSchema, tagsSchema } from '../messages.js';
import { isMoment } from '../moment.js';
import { omit } from './omit.js';

/** Of a time at which the workflow of an earlier one has not ended. */
export const OVERLAPS = ['skip', 'queue', 'allow'] as const;
/** Of a time that nobody could keep. */
export const MISSED = ['skip', 'catchUp'] as const;
export const SCHEDULE_OUTCOMES = ['started', 'skipped', 'missed', 'refused'] as const;

export type ScheduleOutcome = (typeof SCHEDULE_OUTCOMES)[number];

const TAG = 'schedule=';

/** The tag of every workflow that a schedule starts. */
export const scheduleTag = (name: string): string => `${TAG}${name}`;

/** It becomes a tag, and the beginning of ids. */
export const scheduleNameSchema = idSchema.refine(
  (name) => scheduleTag(name).length <= LIMITS.tagLength,
  `must have at most ${LIMITS.tagLength - TAG.length} characters`,
);

/** As people write it; which times it means is for `scheduleIssues` to judge. */
export const scheduleSpecSchema = z.strictObject({
  /** Five fields. */
  cron: z.string().max(LIMITS.cronLength).optional(),
  /** Such as `5 minutes`, `1 hour`, `2 days`. */
  rate: z.string().max(LIMITS.cronLength).optional(),
  /** IANA; of `cron`. */
  timeZone: z.string().min(1).max(LIMITS.cronLength).default('UTC'),
  /** No time is before it. Of `rate`, it is the first time. */
  startAt: z
    .string()
    .refine(isMoment, 'must be a time such as "2026-01-31T12:00:00Z"')
    .transform((text) => new Date(text).toISOString())
    .optional(),
  definition: z.strictObject({ name: idSchema, revision: z.int().min(1).optional() }),
  input: z.json().optional(),
  /** Without, it is paused. */
  enabled: z.boolean().default(true),
  overlap: z.enum(OVERLAPS).default('skip'),
  missed: z.enum(MISSED).default('skip'),
  /** `schedule=<name>` is added to them. */
  tags: tagsSchema.max(LIMITS.tags - 1).optional(),
  note: orderSchema.shape.note,
});
export type ScheduleSpec = z.output<typeof scheduleSpecSchema>;

/** What became of a time, and of those behind it that went the same way. */
export const scheduleLastSchema = z.object({
  at: z.string(),
  outcome: z.enum(SCHEDULE_OUTCOMES),
  workflowId: z.string().optional(),
  reason: z.string().optional(),
});
export type ScheduleLast = z.output<typeof scheduleLastSchema>;

export interface Schedule extends ScheduleSpec {
  readonly name: string;
  /** Counts its writes. */
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The earliest time of which nothing is decided yet; absent while it is paused. */
  readonly nextAt?: string;
  readonly last?: ScheduleLast;
  /** The workflow it started last. */
  readonly previous?: string;
}

/** As a list shows it. */
export type ScheduleSummary = Omit<Schedule, 'input'>;

const NO_SPEC = [
  ...(['name', 'version', 'createdAt', 'updatedAt'] as const),
  ...(['nextAt', 'last', 'previous'] as const),
];

/** What its owner ordered; of a summary without the input. */
export const scheduleSpecOf = <Of extends ScheduleSummary>(schedule: Of) =>
  omit(schedule, ...NO_SPEC);
