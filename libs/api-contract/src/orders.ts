/** What an operator may order. */
import * as z from 'zod';
import { LIMITS, taskIdSchema } from '@orchestra/workflow-core';
import {
  definitionRefSchema,
  orderFields,
  taskStatusSchema,
  workflowStatusSchema,
} from './fields.js';

/** `POST /workflows/{workflowId}/cancel`; safe to repeat. Once it answers, no task of the workflow starts any more. */
export const cancelWorkflowRequestSchema = z.strictObject(orderFields);
export type CancelWorkflowRequest = z.infer<typeof cancelWorkflowRequestSchema>;
export const cancelWorkflowResponseSchema = z.object({
  workflowId: z.string(),
  status: workflowStatusSchema,
});
export type CancelWorkflowResponse = z.infer<typeof cancelWorkflowResponseSchema>;

/** `POST /workflows/{workflowId}/pause` and `/resume`; safe to repeat. */
export const controlWorkflowRequestSchema = z.strictObject(orderFields);
export type ControlWorkflowRequest = z.infer<typeof controlWorkflowRequestSchema>;
export const controlWorkflowResponseSchema = z.object({
  workflowId: z.string(),
  status: workflowStatusSchema,
  /** Whether nothing of it starts. */
  paused: z.boolean(),
});
export type ControlWorkflowResponse = z.infer<typeof controlWorkflowResponseSchema>;

/** `POST /workflows/{workflowId}/tasks/{taskId}/skip`; safe to repeat with a key. */
export const skipTaskRequestSchema = z.strictObject(orderFields);
export type SkipTaskRequest = z.infer<typeof skipTaskRequestSchema>;
/** `PUT /workflows/{workflowId}/tasks/{taskId}/output`; safe to repeat with a key. */
export const setOutputRequestSchema = z.strictObject({ output: z.json(), ...orderFields });
export type SetOutputRequest = z.infer<typeof setOutputRequestSchema>;
/** Of both: 200, or 202 where the workflow had ended and goes on with it. */
export const taskOrderResponseSchema = z.object({
  workflowId: z.string(),
  status: workflowStatusSchema,
  epoch: z.int(),
  taskId: z.string(),
  /** What the task becomes, or is. */
  taskStatus: taskStatusSchema,
});
export type TaskOrderResponse = z.infer<typeof taskOrderResponseSchema>;

/** What a redrive makes of one of the tasks it runs. */
const overrideSchema = z.union(
  [
    z.strictObject({ taskId: taskIdSchema, input: z.json() }),
    z.strictObject({ taskId: taskIdSchema, output: z.json() }),
    z.strictObject({ taskId: taskIdSchema, skip: z.literal(true) }),
  ],
  { error: 'must be { taskId } and one of "input", "output" and "skip": true' },
);
export type TaskOverride = z.infer<typeof overrideSchema>;

/** `POST /workflows/{workflowId}/redrive?dryRun=`: failed, skipped and cancelled tasks run again. */
export const redriveWorkflowRequestSchema = z.strictObject({
  /** Of the same definition, from now on; the graph above the finished tasks must be the same. */
  revision: z.int().min(1).optional(),
  /** Tasks of those it runs that have another input, or end so without running. */
  overrides: z.array(overrideSchema).min(1).max(LIMITS.overridesPerRedrive).optional(),
  ...orderFields,
});
export type RedriveWorkflowRequest = z.infer<typeof redriveWorkflowRequestSchema>;

/** `POST /workflows/{workflowId}/tasks/{taskId}/rerun?dryRun=`: this task runs again too, although it succeeded. */
export const rerunTaskRequestSchema = z.strictObject({
  /** Whether everything below it runs again too. */
  downstream: z.boolean().default(true),
  /** In place of the one the definition says. */
  input: z.json().optional(),
  ...orderFields,
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
