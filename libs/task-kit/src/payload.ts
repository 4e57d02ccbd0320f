/** What a task function receives, and the check that it received it. */

/** The event of a task function: one attempt at one task of one workflow. */
export interface TaskPayload<Input = unknown, Dependencies = Readonly<Record<string, unknown>>> {
  readonly workflowId: string;
  readonly taskId: string;
  /** 1-based; grows with every retry and every rerun after a lost worker. */
  readonly attempt: number;
  /**
   * The same for every attempt of this task, until an operator redrives it. A task is invoked at least once and at
   * most once per attempt, so effects that must not happen twice are keyed by this.
   */
  readonly idempotencyKey: string;
  /** What the definition gives the task as its `input`; the workflow's input without one. */
  readonly input: Input;
  /** The outputs of the tasks this one depends on, by their ids; none when the definition gives it an `input`. */
  readonly dependencies: Dependencies;
}

/** An event that no worker sends: something other than the workflow engine invoked the function. */
export class InvalidTaskPayloadError extends Error {
  override readonly name = 'InvalidTaskPayloadError';
  constructor(
    taskName: string,
    /** Every problem, one sentence each. */
    readonly problems: readonly string[],
  ) {
    super(`task ${taskName} cannot read its payload: ${problems.join('; ')}`);
  }
}

/** @throws InvalidTaskPayloadError with every problem. */
export function readPayload(taskName: string, event: unknown): TaskPayload {
  if (!isRecord(event)) throw new InvalidTaskPayloadError(taskName, ['it must be an object']);
  const { workflowId, taskId, attempt, idempotencyKey, input, dependencies = {} } = event;
  const problems = [
    ...textProblem('workflowId', workflowId),
    ...textProblem('taskId', taskId),
    ...textProblem('idempotencyKey', idempotencyKey),
    ...(Number.isInteger(attempt) && Number(attempt) >= 1
      ? []
      : ['attempt must be a whole number from 1']),
    ...(isRecord(dependencies) ? [] : ['dependencies must be an object']),
  ];
  if (problems.length > 0) throw new InvalidTaskPayloadError(taskName, problems);
  return { workflowId, taskId, attempt, idempotencyKey, input, dependencies } as TaskPayload;
}

const textProblem = (field: string, value: unknown): string[] =>
  typeof value === 'string' && value !== '' ? [] : [`${field} must be a text`];

/** A JSON object: neither null nor an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
