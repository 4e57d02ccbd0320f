import type * as z from 'zod';
import { readEnv, type TaskEnv } from './env.js';
import { appendToLedger } from './ledger.js';
import { readPayload, type TaskPayload } from './payload.js';
import { InvalidInput, InvalidOutput, issuesOf } from './task-errors.js';

/** What Lambda tells a function about its invocation: the part of it that task code needs. */
export interface InvocationContext {
  readonly functionName: string;
  /** Lambda's request id. */
  readonly awsRequestId: string;
  /** Milliseconds until the function is killed. */
  getRemainingTimeInMillis(): number;
}

/** Which attempt at which task this is, and what Lambda tells about it. */
export interface TaskContext extends Omit<TaskPayload, 'input'>, InvocationContext {}

export type TaskHandler<Output> = (event: unknown, context: InvocationContext) => Promise<Output>;

export interface TaskOptions<Input extends z.ZodType, Output extends z.ZodType> {
  /** The name under which the function is registered. */
  readonly function: string;
  /** What it takes; anything without it. */
  readonly input?: Input;
  /** What it answers; any JSON without it. */
  readonly output?: Output;
}

/** What a task function promises: workflows are wired with it, and its code is checked by it. */
export interface TaskContract<
  Input extends z.ZodType = z.ZodUnknown,
  Output extends z.ZodType = z.ZodUnknown,
> extends TaskOptions<Input, Output> {
  /**
   * Makes the `handler` export of the task's Lambda function.
   *
   * What `run` returns is the task's output: JSON, at most 5 MiB. What it throws fails the attempt: the error's `name`
   * becomes the task's error type, its message and stack are kept. An input or output that does not meet its schema
   * fails the task as `InvalidInput` or `InvalidOutput`.
   * With `ORCHESTRA_LEDGER` naming a file, each execution is written there before any of its work.
   */
  handler(
    run: (
      input: z.output<Input>,
      context: TaskContext,
    ) => z.input<Output> | Promise<z.input<Output>>,
    env?: TaskEnv,
  ): TaskHandler<z.output<Output>>;
}

/**
 * The contract of a task function, in whatever language it is written.
 *
 * ```ts
 * export const resize = defineTask({
 *   function: 'resize',
 *   input: z.object({ url: z.url() }),
 *   output: z.object({ width: z.number() }),
 * });
 * export const handler = resize.handler(async ({ url }) => ({ width: await shrink(url) }));
 * ```
 */
export function defineTask<
  Input extends z.ZodType = z.ZodUnknown,
  Output extends z.ZodType = z.ZodUnknown,
>(options: TaskOptions<Input, Output>): TaskContract<Input, Output> {
  const { function: name } = options;
  return {
    ...options,
    handler:
      (run, env = readEnv()) =>
      async (event, invocation) => {
        const payload = readPayload(name, event);
        if (env.ledgerPath !== undefined) recordExecution(env.ledgerPath, payload, invocation);
        const input = await checkedInput(options, payload.input);
        return checkedOutput(options, await run(input, contextOf(payload, invocation)));
      },
  };
}

async function checkedInput<Input extends z.ZodType>(
  { function: name, input: schema }: TaskOptions<Input, z.ZodType>,
  value: unknown,
): Promise<z.output<Input>> {
  if (schema === undefined) return value as z.output<Input>;
  const parsed = await schema.safeParseAsync(value);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(name, issuesOf(parsed.error, 'input'));
}

async function checkedOutput<Output extends z.ZodType>(
  { function: name, output: schema }: TaskOptions<z.ZodType, Output>,
  value: unknown,
): Promise<z.output<Output>> {
  if (schema === undefined) return value as z.output<Output>;
  const parsed = await schema.safeParseAsync(value);
  if (parsed.success) return parsed.data;
  throw new InvalidOutput(name, issuesOf(parsed.error, 'output'));
}

function contextOf(payload: TaskPayload, invocation: InvocationContext): TaskContext {
  const { workflowId, taskId, attempt, idempotencyKey, dependencies } = payload;
  const { functionName, awsRequestId } = invocation;
  return {
    workflowId,
    taskId,
    attempt,
    idempotencyKey,
    dependencies,
    functionName,
    awsRequestId,
    getRemainingTimeInMillis: () => invocation.getRemainingTimeInMillis(),
  };
}

function recordExecution(path: string, payload: TaskPayload, invocation: InvocationContext): void {
  appendToLedger(path, {
    workflowId: payload.workflowId,
    taskId: payload.taskId,
    attempt: payload.attempt,
    requestId: invocation.awsRequestId,
    at: new Date().toISOString(),
  });
}
