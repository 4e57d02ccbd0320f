/** Schedules: what is started at which times. */
import * as z from 'zod';
import {
  LIMITS,
  SCHEDULE_OUTCOMES,
  scheduleNameSchema,
  scheduleSpecSchema,
} from '@orchestra/workflow-core';
import { nextCursorSchema, pageQuery, timeSchema } from './fields.js';

/** `PUT /schedules/{name}`: the name in the address may be left out of the body, and must be the same if not. */
export const putScheduleRequestSchema = scheduleSpecSchema.extend({
  name: scheduleNameSchema.optional(),
});
export type PutScheduleRequest = z.input<typeof putScheduleRequestSchema>;

/** What became of the last time of which something was decided. */
const lastSchema = z.object({
  at: timeSchema,
  outcome: z.enum(SCHEDULE_OUTCOMES),
  /** What was started. */
  workflowId: z.string().optional(),
  /** Why nothing was. */
  reason: z.string().optional(),
});

export const scheduleSummarySchema = scheduleSpecSchema.omit({ input: true }).extend({
  name: z.string(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
  /** The next times, in order; none while it is paused. In a list, only the first. */
  next: z.array(timeSchema),
  /** The earliest time that has come and is not decided yet: it waits in line, or for the next sweep. */
  waitingSince: timeSchema.optional(),
  last: lastSchema.optional(),
});
export type ScheduleSummary = z.infer<typeof scheduleSummarySchema>;

/** `GET /schedules/{name}`, and what a pause, a resume and a `PUT` answer. */
export const scheduleSchema = scheduleSummarySchema.extend({ input: z.unknown().optional() });
export type Schedule = z.infer<typeof scheduleSchema>;

/** `GET /schedules?limit=&cursor=`, in the order of their names. */
export const listSchedulesQuerySchema = z.object(pageQuery(LIMITS.schedulePageSize));
export type ListSchedulesQuery = z.infer<typeof listSchedulesQuerySchema>;

export const listSchedulesResponseSchema = z.object({
  schedules: z.array(scheduleSummarySchema),
  nextCursor: nextCursorSchema,
});
export type ListSchedulesResponse = z.infer<typeof listSchedulesResponseSchema>;

/** `DELETE /schedules/{name}`. */
export const deleteScheduleResponseSchema = z.object({ name: z.string() });
export type DeleteScheduleResponse = z.infer<typeof deleteScheduleResponseSchema>;
