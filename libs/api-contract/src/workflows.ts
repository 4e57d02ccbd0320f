/** Starting, listing and showing workflows. */
import * as z from 'zod';
import { LIMITS, idSchema, tagSchema, tagsSchema } from '@orchestra/workflow-core';
import { waitsForSchema } from './concurrency.js';
import {
  definitionRefSchema,
  nextCursorSchema,
  pageQuery,
  taskStatusSchema,
  timeSchema,
  workflowStatusSchema,
} from './fields.js';
import { taskSchema } from './tasks.js';

/**
 * `POST /workflows`. A field that is not here is refused by name, so that a misspelt `input`
 * cannot start a workflow without one.
 */
export const startWorkflowRequestSchema = z.strictObject({
  /** Makes the request safe to repeat; the API makes an id when there is none. */
  workflowId: idSchema.optional(),
  /** What runs, its newest revision unless one is named; the sample when absent. */
  definition: z
    .union([idSchema, z.strictObject({ name: idSchema, revision: z.int().min(1).optional() })], {
      error: 'must be the name of a definition, or its { name, revision }',
    })
    .optional(),
  /** Any JSON that meets the definition's `inputSchema`. */
  input: z.unknown().optional(),
  /** What the workflow can be found by. */
  tags: tagsSchema.optional(),
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

export const workflowSummarySchema = z.object({
  workflowId: z.string(),
  status: workflowStatusSchema,
  definition: definitionRefSchema,
  createdAt: timeSchema,
  startedAt: timeSchema.optional(),
  endedAt: timeSchema.optional(),
  durationMs: z.int().optional(),
});
export type WorkflowSummary = z.infer<typeof workflowSummarySchema>;

/** `GET /workflows/{workflowId}`: every task of the definition, those without an item as PENDING. */
export const workflowSchema = workflowSummarySchema.extend({
  /** 1, and one more with every redrive. */
  epoch: z.int(),
  /** Of one that is PENDING: the place it waits for. */
  waitsFor: waitsForSchema.optional(),
  /** Why it is FAILED when that is not for its tasks. */
  reason: z.literal('TIMEOUT').optional(),
  /** Nothing of it starts until it is resumed. */
  paused: z.literal(true).optional(),
  /** Who cancelled it, and why. */
  who: z.string().optional(),
  note: z.string().optional(),
  tags: z.array(z.string()).optional(),
  /** The task that it runs for. */
  parent: z.object({ workflowId: z.string(), taskId: z.string() }).optional(),
  input: z.unknown().optional(),
  /** What is left out, because the answer would not fit into one. */
  omitted: z.array(z.literal('input')).optional(),
  /** How many of all its tasks, hooks among them but no items of maps, are in each status that any is in. */
  taskCounts: z.partialRecord(taskStatusSchema, z.int()),
  /** In the definition's order, hooks last; in that of their ids where they are only the first page. */
  tasks: z.array(taskSchema),
  /** The others: `GET /workflows/{workflowId}/tasks?cursor=`. */
  nextCursor: nextCursorSchema,
});
export type Workflow = z.infer<typeof workflowSchema>;

/** Any ISO 8601 time with its zone; UTC with milliseconds from then on, as the times it is compared with. */
const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .optional();

/** `GET /workflows?status=&definition=&tag=&from=&to=&limit=&cursor=`: those for which all of it holds. */
export const listWorkflowsQuerySchema = z.object({
  status: workflowStatusSchema.optional(),
  /** Its name. */
  definition: idSchema.optional(),
  tag: tagSchema.optional(),
  /** Of `createdAt`: at or after `from`, before `to`. */
  from: instant,
  to: instant,
  ...pageQuery(LIMITS.listPageSize),
});
export type ListWorkflowsQuery = z.infer<typeof listWorkflowsQuerySchema>;

/** A page may hold fewer workflows than its limit, even none, and still have a next one. */
export const listWorkflowsResponseSchema = z.object({
  workflows: z.array(workflowSummarySchema),
  nextCursor: nextCursorSchema,
});
export type ListWorkflowsResponse = z.infer<typeof listWorkflowsResponseSchema>;
