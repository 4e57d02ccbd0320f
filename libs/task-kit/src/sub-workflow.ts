/** A stored definition that a task runs, with what it takes and gives. */
import type * as z from 'zod';

export interface SubWorkflowOptions<Input extends z.ZodType, Output extends z.ZodType> {
  /** Of the definition. */
  readonly name: string;
  /** The newest one when the task starts, without it. */
  readonly revision?: number;
  /** What it takes as its input; anything without it. */
  readonly input?: Input;
  /** The outputs of its tasks on which no other depends, by their ids; any JSON without it. */
  readonly output?: Output;
}

export interface SubWorkflowContract<
  Input extends z.ZodType = z.ZodUnknown,
  Output extends z.ZodType = z.ZodUnknown,
> {
  readonly workflow: { readonly name: string; readonly revision?: number };
  readonly input?: Input;
  readonly output?: Output;
}

/**
 * Stands for another workflow wherever a task's contract can.
 *
 * ```ts
 * const report = subWorkflow({ name: 'region-report', input: z.object({ region: z.string() }) });
 * ```
 */
export function subWorkflow<
  Input extends z.ZodType = z.ZodUnknown,
  Output extends z.ZodType = z.ZodUnknown,
>({
  name,
  revision,
  input,
  output,
}: SubWorkflowOptions<Input, Output>): SubWorkflowContract<Input, Output> {
  return {
    workflow: { name, ...(revision === undefined ? {} : { revision }) },
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
  };
}
