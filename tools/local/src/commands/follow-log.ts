import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

export interface LogTail {
  /** What was written since the tail was taken on behalf of one request, once the log has come to rest. */
  linesOf(requestId: string): Promise<readonly string[]>;
}

/** A function's words travel by a pipe of their own and may come after its answer. */
const REST_MS = 150;
const RESTED_WITHIN_MS = 2_000;

export function followLog(file: string): LogTail {
  const from = sizeOf(file);
  return {
    async linesOf(requestId) {
      await rested(file);
      const prefix = ` ${requestId} `;
      return (await textFrom(file, from))
        .split('\n')
        .filter((line) => line.includes(prefix))
        .map((line) => line.slice(line.indexOf(prefix) + prefix.length));
    },
  };
}

async function rested(file: string): Promise<void> {
  const giveUpAt = performance.now() + RESTED_WITHIN_MS;
  for (let size = -1; size !== sizeOf(file) && performance.now() < giveUpAt;) {
    size = sizeOf(file);
    await pause(REST_MS);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

async function textFrom(file: string, from: number): Promise<string> {
  if (sizeOf(file) <= from) return '';
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(sizeOf(file) - from),
      0,
      undefined,
      from,
    );
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
