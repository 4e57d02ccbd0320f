/** Data that does not meet a task's contract: it would not the next time either, so neither is retried. */
import type * as z from 'zod';

export interface DataIssue {
  /** Such as `input.items[0].url`. */
  readonly path: string;
  readonly message: string;
}

/** What was wired, or given at the start, is not what the function takes. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  constructor(
    functionName: string,
    readonly issues: readonly DataIssue[],
  ) {
    super(`${functionName} does not take this input: ${sentence(issues)}`);
  }
}

/** The function answered something other than it promises. */
export class InvalidOutput extends Error {
  override readonly name = 'InvalidOutput';
  constructor(
    functionName: string,
    readonly issues: readonly DataIssue[],
  ) {
    super(`${functionName} does not keep to its output: ${sentence(issues)}`);
  }
}

const sentence = (issues: readonly DataIssue[]) =>
  issues.map(({ path, message }) => `${path}: ${message}`).join('; ');

/** @param root the first word of every path */
export function issuesOf(error: z.ZodError, root: 'input' | 'output'): DataIssue[] {
  return error.issues.map(({ path, message }) => ({
    path: path.reduce<string>(
      (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`),
      root,
    ),
    message,
  }));
}
