/**
 * The shapes of the REST API, shared by the API, the dashboard and the CLI. Browser-safe.
 * Times are ISO 8601 UTC with milliseconds; durations are milliseconds.
 */
import * as z from 'zod';
import {
  ACTORS,
  EVENT_TYPES,
  EXPLANATION_CODES,
  FAILURE_REASONS,
  LIMITS,
  SKIP_REASONS,
  TASK_STATUSES,
  TRIGGER_RULES,
  WORKFLOW_STATUSES,
  idSchema,
  selectionSchema,
} from '@orchestra/workflow-core';

export const workflowStatusSchema = z.enum(WORKFLOW_STATUSES);
export const taskStatusSchema = z.enum(TASK_STATUSES);
export type WorkflowStatus = z.infer<typeof workflowStatusSchema>;
export type TaskStatus = z.infer<typeof taskStatusSchema>;

const time = z.iso.datetime({ precision: 3 });
const definitionRefSchema = z.object({ name: z.string(), revision: z.int() });

/**
 * `POST /workflows`; an empty body is `{}`. A field that is not here is refused by name, so that a misspelt `input`
 * cannot start a workflow without one.
 */
export const startWorkflowRequestSchema = z.strictObject({
  /** Makes the request safe to repeat; the API makes an id when there is none. */
  workflowId: idSchema.optional(),
  input: z.json().optional(),
  /** Older clients send a map of task to ARN: it is ignored, only registered functions are ever invoked. */
  lambdas: z.unknown().optional(),
});
export type StartWorkflowRequest = z.infer<typeof startWorkflowRequestSchema>;

/** 202: started now; 200: the same workflow was there already. */
export const startWorkflowResponseSchema = z.object({
  workflowId: z.string(),
  status: workflowStatusSchema,
});
export type StartWorkflowResponse = z.infer<typeof startWorkflowResponseSchema>;

export const taskErrorSchema = z.object({
  type: z.string(),
  message: z.string(),
  trace: z.array(z.string()),
});
export type TaskError = z.infer<typeof taskErrorSchema>;

export const taskSchema = z.object({
  taskId: z.string(),
  function: z.string(),
  status: taskStatusSchema,
  reason: z.enum([...SKIP_REASONS, ...FAILURE_REASONS]).optional(),
  dependsOn: z.array(z.string()),
  triggerRule: z.enum(TRIGGER_RULES).optional(),
  /** 1-based, and growing through redrives; 0 before the first attempt. */
  attempt: z.int(),
  readyAt: time.optional(),
  /** A task that waits for its retry does not start before. */
  notBefore: time.optional(),
  startedAt: time.optional(),
  endedAt: time.optional(),
  durationMs: z.int().optional(),
  error: taskErrorSchema.optional(),
});
export type Task = z.infer<typeof taskSchema>;

export const workflowSummarySchema = z.object({
  workflowId: z.string(),
  status: workflowStatusSchema,
  definition: definitionRefSchema,
  createdAt: time,
  startedAt: time.optional(),
  endedAt: time.optional(),
  durationMs: z.int().optional(),
});
export type WorkflowSummary = z.infer<typeof workflowSummarySchema>;

/** `GET /workflows/{workflowId}`: every task of the definition, those without an item as PENDING. */
export const workflowSchema = workflowSummarySchema.extend({
  /** 1, and one more with every redrive. */
  epoch: z.int(),
  /** Why it is FAILED when that is not for its tasks. */
  reason: z.literal('TIMEOUT').optional(),
  /** An operator's words about a cancel. */
  note: z.string().optional(),
  input: z.unknown(),
  tasks: z.array(taskSchema),
});
export type Workflow = z.infer<typeof workflowSchema>;

/** `GET /workflows/{workflowId}/tasks/{taskId}`. */
export const taskDetailSchema = taskSchema.extend({
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  attempts: z.array(
    z.object({
      attempt: z.int(),
      epoch: z.int(),
      startedAt: time,
      endedAt: time.optional(),
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
  until: time.optional(),
});
export type Explanation = z.infer<typeof explanationSchema>;

/** `GET /workflows/{workflowId}/events?limit=&cursor=`, oldest first. */
export const listEventsQuerySchema = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LIMITS.eventPageSize.max)
    .default(LIMITS.eventPageSize.default),
  cursor: z.string().max(200).optional(),
});
export type ListEventsQuery = z.infer<typeof listEventsQuerySchema>;

/** One transition of the workflow or of one of its tasks. */
export const historyEventSchema = z.object({
  /** 1-based, without a gap. */
  sequence: z.int(),
  at: time,
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
  reason: z.enum([...SKIP_REASONS, ...FAILURE_REASONS]).optional(),
  requestId: z.string().optional(),
  note: z.string().optional(),
  selection: selectionSchema.optional(),
});
export type HistoryEvent = z.infer<typeof historyEventSchema>;

export const listEventsResponseSchema = z.object({
  events: z.array(historyEventSchema),
  nextCursor: z.string().optional(),
});
export type ListEventsResponse = z.infer<typeof listEventsResponseSchema>;

const note = z.string().max(LIMITS.noteLength).optional();

/** `POST /workflows/{workflowId}/cancel`; safe to repeat. Once it answers, no task of the workflow starts any more. */
export const cancelWorkflowRequestSchema = z.strictObject({ note });
export type CancelWorkflowRequest = z.infer<typeof cancelWorkflowRequestSchema>;
export const cancelWorkflowResponseSchema = z.object({
  workflowId: z.string(),
  status: workflowStatusSchema,
});
export type CancelWorkflowResponse = z.infer<typeof cancelWorkflowResponseSchema>;

/** `POST /workflows/{workflowId}/redrive?dryRun=`: failed, skipped and cancelled tasks run again. */
export const redriveWorkflowRequestSchema = z.strictObject({
  /** Of the same definition, from now on; the graph above the finished tasks must be the same. */
  revision: z.int().min(1).optional(),
  note,
});
export type RedriveWorkflowRequest = z.infer<typeof redriveWorkflowRequestSchema>;

/** `POST /workflows/{workflowId}/tasks/{taskId}/rerun?dryRun=`: this task runs again too, although it succeeded. */
export const rerunTaskRequestSchema = z.strictObject({
  /** Whether everything below it runs again too. */
  downstream: z.boolean().default(true),
  note,
});
export type RerunTaskRequest = z.input<typeof rerunTaskRequestSchema>;

/** Of both: 202, or 200 for a dry run. */
export const redriveResponseSchema = z.object({
  workflowId: z.string(),
  status: workflowStatusSchema,
  epoch: z.int(),
  definition: definitionRefSchema,
  /** Whether nothing was done. */
  dryRun: z.boolean(),
  /** Tasks that run again, or are skipped when their rule says so. */
  run: z.array(z.string()),
  /** Tasks that keep their output. */
  keep: z.array(z.string()),
});
export type RedriveResponse = z.infer<typeof redriveResponseSchema>;

/** `?dryRun=true` tells what would happen and does nothing. */
export const dryRunQuerySchema = z.object({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});

/** `GET /workflows?status=&limit=&cursor=`. */
export const listWorkflowsQuerySchema = z.object({
  status: workflowStatusSchema.optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LIMITS.listPageSize.max)
    .default(LIMITS.listPageSize.default),
  cursor: z.string().max(2_000).optional(),
});
export type ListWorkflowsQuery = z.infer<typeof listWorkflowsQuerySchema>;

export const listWorkflowsResponseSchema = z.object({
  workflows: z.array(workflowSummarySchema),
  nextCursor: z.string().optional(),
});
export type ListWorkflowsResponse = z.infer<typeof listWorkflowsResponseSchema>;

/** RFC 9457 problem details; `errors` names every issue with its path. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** Names the request in the logs. */
  requestId: z.string().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

export const healthResponseSchema = z.object({ status: z.literal('ok') });
export type HealthResponse = z.infer<typeof healthResponseSchema>;
