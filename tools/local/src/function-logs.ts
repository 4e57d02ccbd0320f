import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { LogLine, Stoppable } from './runtime.js';

/** Bytes beyond which a log of earlier runs is put aside at the start; one such is kept. */
const ROTATE_BYTES = 10 * 1024 * 1024;

export type LogListener = (line: LogLine) => void;

export interface FunctionLogs extends Stoppable {
  /** `<function>.log` for each function lies here; a line is its time, its request and its text. */
  readonly directory: string;
  append(line: LogLine): void;
  /** Told of each line from now on. @returns what ends it */
  subscribe(listener: LogListener): () => void;
}

/** What functions write, in a file for each and to whoever listens. */
export function openFunctionLogs(directory: string): FunctionLogs {
  mkdirSync(directory, { recursive: true });
  const files = new Map<string, WriteStream>();
  const listeners = new Set<LogListener>();
  let stopped = false;

  const fileOf = (functionName: string): WriteStream => {
    const path = logFileOf(directory, functionName);
    const file = files.get(functionName) ?? openFile(path);
    files.set(functionName, file);
    return file;
  };

  return {
    directory,
    append(line) {
      for (const listener of listeners) listener(line);
      // A sandbox that is being ended may still have words left.
      if (!stopped) fileOf(line.functionName).write(formatLogLine(line));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async stop() {
      stopped = true;
      await Promise.all([...files.values()].map(finished));
    },
  };
}

export function logFileOf(directory: string, functionName: string): string {
  return join(directory, `${functionName.replace(/[^\w.-]/g, '_')}.log`);
}

/** A line without a request was written before the first or between two. */
export function formatLogLine({ at, requestId, text }: LogLine): string {
  return `${at} ${requestId ?? '-'} ${text}\n`;
}

function openFile(path: string): WriteStream {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_BYTES) {
    renameSync(path, `${path}.1`);
  }
  const file = createWriteStream(path, { flags: 'a' });
  // A full disk must not take the stack down with it.
  file.on('error', () => undefined);
  return file;
}

function finished(file: WriteStream): Promise<void> {
  return new Promise((resolve) => {
    file.once('close', resolve);
    file.end();
    if (file.closed) resolve();
  });
}
