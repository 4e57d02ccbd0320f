/** Tasks that wait for an answer. */
import * as z from 'zod';
import { LIMITS } from '@orchestra/workflow-core';
import {
  definitionRefSchema,
  nextCursorSchema,
  orderFields,
  pageQuery,
  taskStatusSchema,
  timeSchema,
} from './fields.js';

/** Any text: one that is no token is as unknown as one of another task. */
export const callbackTokenSchema = z.string().min(1).max(1_000);

/** `POST /callbacks/{token}`; safe to repeat with a key. */
export const answerCallbackRequestSchema = z
  .strictObject({
    outcome: z.enum(['success', 'failure']),
    /** Of the task; it has to meet the `schema` of its callback. */
    output: z.json().optional(),
    /** Of the task, when the outcome is a failure. */
    error: z
      .strictObject({
        type: z.string().min(1).max(200).optional(),
        message: z.string().min(1).max(LIMITS.errorMessageLength),
      })
      .optional(),
    ...orderFields,
  })
  .superRefine(({ outcome, output, error }, context) => {
    const refuse = (path: string, of: string) =>
      context.addIssue({ code: 'custom', path: [path], message: `is only for a ${of}` });
    if (outcome === 'success' && error !== undefined) refuse('error', 'failure');
    if (outcome === 'failure' && output !== undefined) refuse('output', 'success');
  });
export type AnswerCallbackRequest = z.infer<typeof answerCallbackRequestSchema>;
export const answerCallbackResponseSchema = z.object({
  workflowId: z.string(),
  taskId: z.string(),
  /** How the task has ended. */
  status: taskStatusSchema,
});
export type AnswerCallbackResponse = z.infer<typeof answerCallbackResponseSchema>;

/** `POST /callbacks/{token}/heartbeat`. */
export const heartbeatResponseSchema = z.object({
  workflowId: z.string(),
  taskId: z.string(),
  /** From now on. */
  deadline: timeSchema,
});
export type HeartbeatResponse = z.infer<typeof heartbeatResponseSchema>;

/** `GET /callbacks?status=open&limit=&cursor=`, the oldest first. */
export const listCallbacksQuerySchema = z.object({
  status: z.literal('open').default('open'),
  ...pageQuery(LIMITS.listPageSize),
});

export const callbackSchema = z.object({
  workflowId: z.string(),
  taskId: z.string(),
  definition: definitionRefSchema,
  /** By which it is answered: whoever has it may. */
  token: z.string(),
  openedAt: timeSchema,
  /** Without an answer until then the task fails. */
  deadline: timeSchema,
  /** How often that was put off. */
  heartbeats: z.int(),
  /** What its definition shows whoever answers. */
  input: z.unknown().optional(),
  /** Left out because it would not fit into the answer; the task's own address shows it. */
  omitted: z.array(z.enum(['input'])).optional(),
});
export type Callback = z.infer<typeof callbackSchema>;

/** A page may hold fewer than its limit, even none, and still have a next one. */
export const listCallbacksResponseSchema = z.object({
  callbacks: z.array(callbackSchema),
  nextCursor: nextCursorSchema,
});
export type ListCallbacksResponse = z.infer<typeof listCallbacksResponseSchema>;
