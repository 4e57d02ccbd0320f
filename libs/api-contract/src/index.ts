/**
 * The shapes of the REST API, shared by the API, the dashboard and the CLI. Browser-safe.
 * Times are ISO 8601 UTC with milliseconds; durations are milliseconds.
 */
import * as z from 'zod';
import {
  FAILURE_REASONS,
  LIMITS,
  SKIP_REASONS,
  TASK_STATUSES,
  WORKFLOW_STATUSES,
  idSchema,
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
  /** 1-based; 0 before the first attempt. */
  attempt: z.int(),
  readyAt: time.optional(),
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
      startedAt: time,
      endedAt: time.optional(),
      error: taskErrorSchema.optional(),
      requestId: z.string().optional(),
    }),
  ),
});
export type TaskDetail = z.infer<typeof taskDetailSchema>;

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
