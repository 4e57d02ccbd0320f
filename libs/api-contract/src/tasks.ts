/** A task of a workflow: in a page, in detail, and why it is as it is. */
import * as z from 'zod';
import { EXPLANATION_CODES, LIMITS, TRIGGER_RULES } from '@orchestra/workflow-core';
import {
  nextCursorSchema,
  pageQuery,
  reasonSchema,
  taskErrorSchema,
  taskStatusSchema,
  timeSchema,
} from './fields.js';

export const taskSchema = z.object({
  taskId: z.string(),
  function: z.string(),
  status: taskStatusSchema,
  reason: reasonSchema.optional(),
  dependsOn: z.array(z.string()),
  triggerRule: z.enum(TRIGGER_RULES).optional(),
  /** Its failure counts as a success. */
  continueOnFailure: z.boolean().optional(),
  /** 1-based, and growing through redrives; 0 before the first attempt. */
  attempt: z.int(),
  readyAt: timeSchema.optional(),
  /** A task that waits for its retry does not start before. */
  notBefore: timeSchema.optional(),
  startedAt: timeSchema.optional(),
  endedAt: timeSchema.optional(),
  durationMs: z.int().optional(),
  error: taskErrorSchema.optional(),
});
export type Task = z.infer<typeof taskSchema>;

/** `GET /workflows/{workflowId}/tasks?limit=&cursor=&status=`, in the order of their ids. */
export const listTasksQuerySchema = z.object({
  ...pageQuery(LIMITS.taskPageSize),
  status: taskStatusSchema.optional(),
});
export type ListTasksQuery = z.infer<typeof listTasksQuerySchema>;

/** A page may hold fewer tasks than its limit, even none, and still have a next one. */
export const listTasksResponseSchema = z.object({
  tasks: z.array(taskSchema),
  nextCursor: nextCursorSchema,
});
export type ListTasksResponse = z.infer<typeof listTasksResponseSchema>;

/** `GET /workflows/{workflowId}/tasks/{taskId}`. */
export const taskDetailSchema = taskSchema.extend({
  /** Of the workflow. */
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  /** Which of them are left out, because the answer would not fit into one. */
  omitted: z.array(z.enum(['input', 'output'])).optional(),
  /** What the definition says of its input and its condition, expressions unevaluated. */
  template: z.object({ input: z.unknown().optional(), when: z.string().optional() }).optional(),
  attempts: z.array(
    z.object({
      attempt: z.int(),
      epoch: z.int(),
      startedAt: timeSchema,
      endedAt: timeSchema.optional(),
      error: taskErrorSchema.optional(),
      requestId: z.string().optional(),
    }),
  ),
});
export type TaskDetail = z.infer<typeof taskDetailSchema>;

/** `GET /workflows/{workflowId}/tasks/{taskId}/explain`: why the task is as it is. */
export const explanationSchema = z.object({
  taskId: z.string(),
  status: taskStatusSchema,
  code: z.enum(EXPLANATION_CODES),
  /** One sentence for a person. */
  text: z.string(),
  triggerRule: z.enum(TRIGGER_RULES),
  upstream: z.array(z.object({ taskId: z.string(), status: taskStatusSchema })),
  /** The tasks it waits for, or those its skip comes from. */
  because: z.array(z.string()),
  /** When this changes at the latest, where that is known. */
  until: timeSchema.optional(),
});
export type Explanation = z.infer<typeof explanationSchema>;
