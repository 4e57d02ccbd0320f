/** `local.json` in the data directory: where a running stack is, for scripts and for the other commands. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOCAL_STACK_FILE, localStackSchema } from '@orchestra/cli';
import * as z from 'zod';
import { identityOf, isRunning } from './emulator/process-identity.js';

const localFileSchema = localStackSchema.extend({
  /** Where the functions' logs are. */
  logDirectory: z.string(),
  startedAt: z.string().optional(),
});
export type LocalFile = z.infer<typeof localFileSchema>;

export function writeLocalFile(
  dataDirectory: string,
  content: Omit<LocalFile, 'pid' | 'startedAt'>,
): void {
  const path = pathIn(dataDirectory);
  const text = JSON.stringify({ ...content, ...identityOf(process.pid) }, undefined, 2);
  // Whoever waits for the file reads all of it or none.
  writeFileSync(`${path}.new`, `${text}\n`);
  renameSync(`${path}.new`, path);
}

export function removeLocalFile(dataDirectory: string): void {
  rmSync(pathIn(dataDirectory), { force: true });
}

/** @returns undefined where no stack runs, whatever one that was killed has left behind */
export function readLocalFile(dataDirectory: string): LocalFile | undefined {
  try {
    const content = localFileSchema.parse(JSON.parse(readFileSync(pathIn(dataDirectory), 'utf8')));
    return isRunning(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

function pathIn(dataDirectory: string): string {
  return join(dataDirectory, LOCAL_STACK_FILE);
}
