/** What our Lambdas say to each other. Ids only: payloads stay in the table. */
import * as z from 'zod';
import { idSchema, taskIdSchema } from './ids.js';
import { LIMITS } from './limits.js';

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

/** Who gives an order and why. */
export const orderSchema = z.object({
  who: z.string().min(1).max(LIMITS.whoLength).optional(),
  note: noteSchema,
});

/** API -> orchestrator, synchronous; safe to repeat. The answer is a `CancelAnswer`. */
export const cancelRequestSchema = z.object({
  mode: z.literal('cancel'),
  workflowId: idSchema,
  ...orderSchema.shape,
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
    tasks: z.array(taskIdSchema).min(1).max(LIMITS.tasksPerRedrive),
    downstream: z.boolean(),
  }),
]);

/** What a redrive makes of one of the tasks it runs. */
export const overrideSchema = z.discriminatedUnion('kind', [
  z.object({ taskId: taskIdSchema, kind: z.literal('input'), input: z.json() }),
  z.object({ taskId: taskIdSchema, kind: z.literal('output'), output: z.json() }),
  z.object({ taskId: taskIdSchema, kind: z.literal('skip') }),
]);
export type AskedOverride = z.infer<typeof overrideSchema>;

/** API -> orchestrator, synchronous. The answer is a `RedriveAnswer`. */
export const redriveRequestSchema = z.object({
  mode: z.literal('redrive'),
  workflowId: idSchema,
  /** Random, of one order: the same order again is answered as the first time. */
  token: z.string().min(1).max(64),
  selection: selectionSchema,
  /** Of the same definition, from now on; the present one when absent. */
  revision: z.int().min(1).optional(),
  overrides: z.array(overrideSchema).min(1).max(LIMITS.overridesPerRedrive).optional(),
  ...orderSchema.shape,
  /** Only tells what would run. */
  dryRun: z.boolean().optional(),
});
export type RedriveRequest = z.infer<typeof redriveRequestSchema>;

/** `running` to `isChild`: why nothing was done. */
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
      'isChild',
      'notOverridable',
    ]),
    /** For the operator. */
    detail: z.string(),
  }),
]);
export type RedriveAnswer = z.infer<typeof redriveAnswerSchema>;

/** API -> orchestrator, synchronous; safe to repeat. The answer is a `ControlAnswer`. */
export const controlRequestSchema = z.object({
  mode: z.enum(['pause', 'resume']),
  workflowId: idSchema,
  ...orderSchema.shape,
});
export type ControlRequest = z.infer<typeof controlRequestSchema>;

/** done: it is so now, by this order or before; ended: it had ended before; refused: why nothing was done; unknown: there is none. */
export const controlAnswerSchema = z.object({
  kind: z.enum(['done', 'ended', 'refused', 'unknown']),
  status: z.string().optional(),
  /** For the operator. */
  detail: z.string().optional(),
});
export type ControlAnswer = z.infer<typeof controlAnswerSchema>;

/** API -> orchestrator, synchronous: a task is skipped, or has this output. The answer is an `OverrideAnswer`. */
export const overrideRequestSchema = z.object({
  mode: z.literal('override'),
  workflowId: idSchema,
  /** Of the redrive that it takes where the workflow has ended. */
  token: z.string().min(1).max(64),
  override: z.discriminatedUnion('kind', [overrideSchema.options[1], overrideSchema.options[2]]),
  ...orderSchema.shape,
});
export type OverrideRequest = z.infer<typeof overrideRequestSchema>;

/** done: the task has ended so; redriven: the workflow had ended, and goes on with it so; refused: why nothing was done. */
export const overrideAnswerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['done', 'redriven']), status: z.string(), epoch: z.int() }),
  z.object({
    kind: z.enum(['unknown', 'unknownTask', 'refused']),
    /** For the operator. */
    detail: z.string(),
  }),
]);
export type OverrideAnswer = z.infer<typeof overrideAnswerSchema>;

const issueSchema = z.object({ path: z.string(), message: z.string() });

/** API -> orchestrator, synchronous; safe to repeat. The answer is an `AnswerAnswer`. */
export const answerRequestSchema = z.object({
  mode: z.literal('answer'),
  token: z.string(),
  /** Random, of one answer: the same answer again is answered as the first time. */
  requestId: z.string().min(1).max(128),
  outcome: z.enum(['success', 'failure']),
  output: z.json().optional(),
  error: z
    .object({
      type: z.string().min(1).max(200).optional(),
      message: z.string().min(1).max(LIMITS.errorMessageLength),
    })
    .optional(),
  ...orderSchema.shape,
});
export type AnswerRequest = z.infer<typeof answerRequestSchema>;

/**
 * accepted: the task has ended so; unknown: nothing waits for this token; answered: it waits no more, for the reason told;
 * invalid: the output does not meet the callback's `schema`, or is too large, and the answer is still waited for.
 */
export const answerAnswerSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('accepted'),
    workflowId: z.string(),
    taskId: z.string(),
    status: z.string(),
  }),
  z.object({ kind: z.literal('unknown') }),
  z.object({ kind: z.literal('answered'), detail: z.string() }),
  z.object({ kind: z.literal('invalid'), issues: z.array(issueSchema) }),
]);
export type AnswerAnswer = z.infer<typeof answerAnswerSchema>;

/** API -> orchestrator, synchronous: the deadline of a callback begins anew. The answer is a `HeartbeatAnswer`. */
export const heartbeatRequestSchema = z.object({
  mode: z.literal('heartbeat'),
  token: z.string(),
});
export type HeartbeatRequest = z.infer<typeof heartbeatRequestSchema>;

export const heartbeatAnswerSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('extended'),
    workflowId: z.string(),
    taskId: z.string(),
    /** ISO 8601. */
    deadline: z.string(),
  }),
  z.object({ kind: z.literal('unknown') }),
  z.object({ kind: z.literal('answered'), detail: z.string() }),
]);
export type HeartbeatAnswer = z.infer<typeof heartbeatAnswerSchema>;

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
