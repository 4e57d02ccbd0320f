/** What our Lambdas say to each other. Ids only: payloads stay in the table. */
import * as z from 'zod';
import { LIMITS, idProblem } from './limits.js';

export const idSchema = z.string().superRefine((id, context) => {
  const problem = idProblem(id);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

/** Such as `nightly` or `team=data`. */
export const tagSchema = z
  .string()
  .regex(
    new RegExp(`^[A-Za-z0-9][A-Za-z0-9._:=/-]{0,${LIMITS.tagLength - 1}}$`),
    `must start with a letter or digit and hold at most ${LIMITS.tagLength} letters, digits, ".", "_", ":", "=", "/" and "-"`,
  );
export const tagsSchema = z
  .array(tagSchema)
  .max(LIMITS.tags)
  .refine((tags) => new Set(tags).size === tags.length, 'must not name a tag twice');

const definitionRef = z.object({ name: idSchema, revision: z.int().min(1) });

/** API, CLI -> orchestrator, synchronous. The answer is a `StartAnswer`. */
export const startRequestSchema = z.object({
  mode: z.literal('start'),
  workflowId: idSchema,
  input: z.json().optional(),
  /** A stored definition, its newest revision when none is given; the sample when absent. */
  definition: definitionRef.partial({ revision: true }).optional(),
  tags: tagsSchema.optional(),
});
export type StartRequest = z.infer<typeof startRequestSchema>;

/**
 * created: a new workflow; existing: same id, same body; conflict: same id, other body; unknownDefinition: there is none;
 * invalid: the input does not meet the definition's `inputSchema`. Of the last three nothing was written.
 */
export const startAnswerSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['created', 'existing', 'conflict']),
    workflowId: z.string(),
    status: z.string(),
  }),
  z.object({ kind: z.literal('unknownDefinition'), detail: z.string() }),
  z.object({
    kind: z.literal('invalid'),
    issues: z.array(z.object({ path: z.string(), message: z.string() })),
  }),
]);
export type StartAnswer = z.infer<typeof startAnswerSchema>;

/** Schedule -> orchestrator. */
export const sweepRequestSchema = z.object({ mode: z.literal('sweep') });

const noteSchema = z.string().max(LIMITS.noteLength).optional();

/** API -> orchestrator, synchronous; safe to repeat. The answer is a `CancelAnswer`. */
export const cancelRequestSchema = z.object({
  mode: z.literal('cancel'),
  workflowId: idSchema,
  note: noteSchema,
});
export type CancelRequest = z.infer<typeof cancelRequestSchema>;

/** cancelled: nothing of it will be claimed any more; ended: it had ended otherwise before; unknown: there is none. */
export const cancelAnswerSchema = z.object({
  kind: z.enum(['cancelled', 'ended', 'unknown']),
  status: z.string().optional(),
});
export type CancelAnswer = z.infer<typeof cancelAnswerSchema>;

export const selectionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('unfinished') }),
  z.object({
    kind: z.literal('tasks'),
    tasks: z.array(idSchema).min(1).max(LIMITS.tasksPerRedrive),
    downstream: z.boolean(),
  }),
]);

/** API -> orchestrator, synchronous. The answer is a `RedriveAnswer`. */
export const redriveRequestSchema = z.object({
  mode: z.literal('redrive'),
  workflowId: idSchema,
  /** Random, of one order: the same order again is answered as the first time. */
  token: z.string().min(1).max(64),
  selection: selectionSchema,
  /** Of the same definition, from now on; the present one when absent. */
  revision: z.int().min(1).optional(),
  note: noteSchema,
  /** Only tells what would run. */
  dryRun: z.boolean().optional(),
});
export type RedriveRequest = z.infer<typeof redriveRequestSchema>;

/** `running` to `tooLate`: why nothing was done. */
export const redriveAnswerSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['redriven', 'preview']),
    status: z.string(),
    epoch: z.int(),
    definition: definitionRef,
    /** Tasks that are PENDING again: they run, or are skipped when their rule says so. */
    run: z.array(z.string()),
    /** Tasks that keep their output. */
    keep: z.array(z.string()),
  }),
  z.object({
    kind: z.enum([
      'unknown',
      'running',
      'nothingToRun',
      'unknownTask',
      'unknownRevision',
      'revisionDiffers',
      'tooMany',
      'tooLate',
    ]),
    /** For the operator. */
    detail: z.string(),
  }),
]);
export type RedriveAnswer = z.infer<typeof redriveAnswerSchema>;

/** CLI -> orchestrator, synchronous: the sweep's look at these workflows, now and without grace. */
export const checkRequestSchema = z.object({
  mode: z.literal('check'),
  workflowIds: z.array(idSchema).min(1).max(LIMITS.tasksPerMessage),
});

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
