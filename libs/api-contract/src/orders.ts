/** What an operator may order. */
import * as z from 'zod';
import { definitionRefSchema, noteSchema, workflowStatusSchema } from './fields.js';

/** `POST /workflows/{workflowId}/cancel`; safe to repeat. Once it answers, no task of the workflow starts any more. */
export const cancelWorkflowRequestSchema = z.strictObject({ note: noteSchema });
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
  note: noteSchema,
});
export type RedriveWorkflowRequest = z.infer<typeof redriveWorkflowRequestSchema>;

/** `POST /workflows/{workflowId}/tasks/{taskId}/rerun?dryRun=`: this task runs again too, although it succeeded. */
export const rerunTaskRequestSchema = z.strictObject({
  /** Whether everything below it runs again too. */
  downstream: z.boolean().default(true),
  note: noteSchema,
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
