/**
 * The tasks' own account of what ran, apart from the engine's: with it anyone can check that no attempt ran twice.
 * One line is one append of less than a page, so lines of many processes never mix.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

export interface LedgerLine {
  readonly workflowId: string;
  readonly taskId: string;
  readonly attempt: number;
  /** Lambda's request id of this execution. */
  readonly requestId: string;
  /** ISO 8601 UTC with milliseconds. */
  readonly at: string;
}

/** Appends one line and returns once it is written. @throws when the file cannot be written. */
export function appendToLedger(path: string, line: LedgerLine): void {
  const file = openSync(path, 'a');
  try {
    writeSync(file, `${JSON.stringify(line)}\n`);
  } finally {
    closeSync(file);
  }
}
