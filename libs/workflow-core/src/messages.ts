/** What our Lambdas say to each other. Ids only: payloads stay in the table. */
import * as z from 'zod';
import { LIMITS, idProblem } from './limits.js';

export const idSchema = z.string().superRefine((id, context) => {
  const problem = idProblem(id);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

const definitionRef = z.object({ name: idSchema, revision: z.int().min(1) });

/** API, CLI -> orchestrator, synchronous. The answer is a `StartAnswer`. */
export const startRequestSchema = z.object({
  mode: z.literal('start'),
  workflowId: idSchema,
  input: z.json().optional(),
});
export type StartRequest = z.infer<typeof startRequestSchema>;

/** created: a new workflow; existing: same id, same body; conflict: same id, other body, nothing done. */
export const startAnswerSchema = z.object({
  kind: z.enum(['created', 'existing', 'conflict']),
  workflowId: z.string(),
  status: z.string(),
});
export type StartAnswer = z.infer<typeof startAnswerSchema>;

/** Schedule -> orchestrator. */
export const sweepRequestSchema = z.object({ mode: z.literal('sweep') });

/** Orchestrator -> worker, asynchronous: tasks of one workflow that are READY at `version`. */
export const workMessageSchema = z.object({
  workflowId: z.string(),
  epoch: z.int(),
  definition: definitionRef,
  tasks: z
    .array(z.object({ taskId: z.string(), version: z.int(), attempt: z.int() }))
    .min(1)
    .max(LIMITS.tasksPerMessage),
});
export type WorkMessage = z.infer<typeof workMessageSchema>;

/** Worker -> task function, synchronous: what the author of a task receives. */
export interface TaskPayload {
  readonly workflowId: string;
  readonly taskId: string;
  /** 1-based. */
  readonly attempt: number;
  /** The same for every attempt of this task, until an operator redrives it. */
  readonly idempotencyKey: string;
  readonly input: unknown;
  /** The outputs of the tasks this one depends on, by their ids. */
  readonly dependencies: Readonly<Record<string, unknown>>;
}
