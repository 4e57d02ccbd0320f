import { readEnv, type TaskEnv } from './env.js';
import { appendToLedger } from './ledger.js';
import { readPayload, type TaskPayload } from './payload.js';

/** What Lambda tells a function about its invocation: the part of it that task code needs. */
export interface TaskContext {
  readonly functionName: string;
  /** Lambda's request id. */
  readonly awsRequestId: string;
  /** Milliseconds until the function is killed. */
  getRemainingTimeInMillis(): number;
}

export interface TaskOptions<Input, Dependencies> {
  /** The task's name in its error messages. */
  readonly name: string;
  /** Checks and types the workflow's input, such as zod's `schema.parse`. What it throws fails the task. */
  readonly input?: (value: unknown) => Input;
  /** The same for the outputs of the tasks this one depends on. */
  readonly dependencies?: (value: Readonly<Record<string, unknown>>) => Dependencies;
}

export type TaskHandler<Output> = (event: unknown, context: TaskContext) => Promise<Output>;

/**
 * Makes the `handler` export of a task's Lambda function.
 *
 * What `run` returns is the task's output: JSON, at most 5 MiB. What it throws fails the attempt: the error's `name`
 * becomes the task's error type, its message and stack are kept.
 * With `ORCHESTRA_LEDGER` naming a file, each execution is written there before any of its work.
 *
 * ```ts
 * export const handler = defineTask({ name: 'resize' }, async ({ input }) => resize(input));
 * ```
 */
export function defineTask<
  Output,
  Input = unknown,
  Dependencies = Readonly<Record<string, unknown>>,
>(
  options: TaskOptions<Input, Dependencies>,
  run: (
    payload: TaskPayload<Input, Dependencies>,
    context: TaskContext,
  ) => Output | Promise<Output>,
  env: TaskEnv = readEnv(),
): TaskHandler<Output> {
  const { name, input = asIs<Input>, dependencies = asIs<Dependencies> } = options;
  return async (event, context) => {
    const payload = readPayload(name, event);
    if (env.ledgerPath !== undefined) recordExecution(env.ledgerPath, payload, context);
    return run(
      {
        ...payload,
        input: input(payload.input),
        dependencies: dependencies(payload.dependencies),
      },
      context,
    );
  };
}

const asIs = <T>(value: unknown) => value as T;

function recordExecution(path: string, payload: TaskPayload, context: TaskContext): void {
  appendToLedger(path, {
    workflowId: payload.workflowId,
    taskId: payload.taskId,
    attempt: payload.attempt,
    requestId: context.awsRequestId,
    at: new Date().toISOString(),
  });
}
