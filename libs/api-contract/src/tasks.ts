/** A task of a workflow: in a page, in detail, and why it is as it is. */
import * as z from 'zod';
import {
  EXPLANATION_CODES,
  HOOKS,
  LIMITS,
  TASK_KINDS,
  TRIGGER_RULES,
  idSchema,
} from '@orchestra/workflow-core';
import {
  nextCursorSchema,
  pageQuery,
  reasonSchema,
  taskErrorSchema,
  taskStatusSchema,
  timeSchema,
} from './fields.js';

/** Of a map: what it runs over, from when that is known. */
const itemsSchema = z.object({ count: z.int() });

export const taskSchema = z.object({
  /** Of an item of a map it is `B[3]`. */
  taskId: z.string(),
  kind: z.enum(TASK_KINDS),
  /** Of those that call one. */
  function: z.string().optional(),
  /** It is a map, which runs once for each item of a list. */
  forEach: z.literal(true).optional(),
  items: itemsSchema.optional(),
  /** The map that this is an item of, and what its `label` gave. */
  map: z.string().optional(),
  label: z.string().optional(),
  /** It is a hook: it depends on nothing, and runs then. */
  hook: z.enum(HOOKS).optional(),
  status: taskStatusSchema,
  reason: reasonSchema.optional(),
  /** An item has those of its map. */
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
  /** RUNNING without a function since then: until its items, its time, its answer or its child have ended. */
  suspendedAt: timeSchema.optional(),
  /** A wait is over then; for an answer it is too late. */
  wakeAt: timeSchema.optional(),
  /** The id of the workflow that runs for it. */
  child: z.string().optional(),
  endedAt: timeSchema.optional(),
  durationMs: z.int().optional(),
  error: taskErrorSchema.optional(),
  /** The operator who skipped it or set its output, and why. */
  who: z.string().optional(),
  note: z.string().optional(),
});
export type Task = z.infer<typeof taskSchema>;

/** `GET /workflows/{workflowId}/tasks?limit=&cursor=&status=&map=`, in the order of their ids, or of the map's items. */
export const listTasksQuerySchema = z.object({
  ...pageQuery(LIMITS.taskPageSize),
  status: taskStatusSchema.optional(),
  /** The items of this map instead of the tasks of the definition. */
  map: idSchema.optional(),
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
  /** What an operator said of it for the present epoch: the input it runs with, or how it ended. */
  override: z.enum(['input', 'output', 'skip']).optional(),
  /** While it waits for an answer: by what that is given, and until when. */
  callback: z
    .object({ token: z.string(), openedAt: timeSchema, deadline: timeSchema, heartbeats: z.int() })
    .optional(),
  /** How many of its items are in each status that any is in. */
  items: itemsSchema.extend({ byStatus: z.partialRecord(taskStatusSchema, z.int()) }).optional(),
  /** Of the workflow; what an operator gave instead, if anything. */
  input: z.unknown().optional(),
  /** What this item of a map runs for. */
  item: z.unknown().optional(),
  /** Of a map the list of its items' outputs, null for those that have none. */
  output: z.unknown().optional(),
  /** Which of them are left out, because the answer would not fit into one. */
  omitted: z.array(z.enum(['input', 'item', 'output'])).optional(),
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
