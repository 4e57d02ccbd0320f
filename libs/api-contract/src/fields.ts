/** Fields that several documents of the API have in common. */
import * as z from 'zod';
import {
  FAILURE_REASONS,
  LIMITS,
  SKIP_REASONS,
  TASK_STATUSES,
  WORKFLOW_STATUSES,
} from '@orchestra/workflow-core';

export const workflowStatusSchema = z.enum(WORKFLOW_STATUSES);
export const taskStatusSchema = z.enum(TASK_STATUSES);
export type WorkflowStatus = z.infer<typeof workflowStatusSchema>;
export type TaskStatus = z.infer<typeof taskStatusSchema>;

/** ISO 8601 UTC with milliseconds. */
export const timeSchema = z.iso.datetime({ precision: 3 });
export const definitionRefSchema = z.object({ name: z.string(), revision: z.int() });
export const reasonSchema = z.enum([...SKIP_REASONS, ...FAILURE_REASONS]);

/** An operator's words. */
export const noteSchema = z.string().max(LIMITS.noteLength).optional();
/** Who gives an order, in their own words, and why. */
export const orderFields = {
  who: z.string().min(1).max(LIMITS.whoLength).optional(),
  note: noteSchema,
};

export const taskErrorSchema = z.object({
  type: z.string(),
  message: z.string(),
  trace: z.array(z.string()),
});
export type TaskError = z.infer<typeof taskErrorSchema>;

/** Of a list that is read in pages; the cursor is the `nextCursor` of the page before. */
export const pageQuery = (size: { readonly default: number; readonly max: number }) => ({
  limit: z.coerce.number<string>().int().min(1).max(size.max).default(size.default),
  cursor: z.string().max(2_000).optional(),
});

/** Absent on the last page. */
export const nextCursorSchema = z.string().optional();
