/** The history of a workflow. */
import * as z from 'zod';
import { ACTORS, EVENT_TYPES, LIMITS, selectionSchema } from '@orchestra/workflow-core';
import {
  nextCursorSchema,
  pageQuery,
  reasonSchema,
  taskErrorSchema,
  taskStatusSchema,
  timeSchema,
  workflowStatusSchema,
} from './fields.js';

/** `GET /workflows/{workflowId}/events?limit=&cursor=`, oldest first. */
export const listEventsQuerySchema = z.object(pageQuery(LIMITS.eventPageSize));
export type ListEventsQuery = z.infer<typeof listEventsQuerySchema>;

/** One transition of the workflow or of one of its tasks. */
export const historyEventSchema = z.object({
  /** 1-based, without a gap. */
  sequence: z.int(),
  at: timeSchema,
  type: z.enum(EVENT_TYPES),
  /** The status from then on. */
  status: z.union([taskStatusSchema, workflowStatusSchema]),
  actor: z.enum(ACTORS),
  epoch: z.int(),
  taskId: z.string().optional(),
  /** Of a task's event: the n-th transition of this task. */
  transition: z.int().optional(),
  attempt: z.int().optional(),
  error: taskErrorSchema.optional(),
  reason: reasonSchema.optional(),
  requestId: z.string().optional(),
  /** How many transitions this tells, where it tells several: `transition` is the last of them. */
  count: z.int().optional(),
  /** Of a task that is suspended: a moment, an answer until then, the end of a workflow, or of so many items. */
  waitsFor: z
    .object({
      until: timeSchema.optional(),
      callback: z.literal(true).optional(),
      child: z.string().optional(),
      items: z.int().optional(),
    })
    .optional(),
  /** Who gave the order, and why. */
  who: z.string().optional(),
  note: z.string().optional(),
  selection: selectionSchema.optional(),
  /** Tasks of which the redrive says more. */
  overrides: z
    .array(z.object({ taskId: z.string(), kind: z.enum(['input', 'output', 'skip']) }))
    .optional(),
});
export type HistoryEvent = z.infer<typeof historyEventSchema>;

export const listEventsResponseSchema = z.object({
  events: z.array(historyEventSchema),
  nextCursor: nextCursorSchema,
});
export type ListEventsResponse = z.infer<typeof listEventsResponseSchema>;
