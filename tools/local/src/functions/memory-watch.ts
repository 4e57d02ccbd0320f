import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Sandbox } from './sandbox.js';

/**
 * Kills sandboxes that hold more than their memory. A heap limit inside the process does not see buffers or native
 * memory, so the resident size is read from outside, every `everyMs` while something runs.
 */
export function watchMemory(running: () => readonly Sandbox[], everyMs = 200): { stop(): void } {
  const timer = setInterval(() => void check(running()), everyMs).unref();
  return { stop: () => clearInterval(timer) };
}

async function check(sandboxes: readonly Sandbox[]): Promise<void> {
  if (!sandboxes.length) return;
  const sizes = process.platform === 'linux' ? fromProc(sandboxes) : await fromPs(sandboxes);
  for (const sandbox of sandboxes)
    if ((sizes.get(sandbox.pid) ?? 0) > sandbox.maxResidentBytes) sandbox.killForMemory();
}

function fromProc(sandboxes: readonly Sandbox[]): Map<number | undefined, number> {
  return new Map(sandboxes.map(({ pid }) => [pid, residentBytes(pid)]));
}

function residentBytes(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it exited in the meantime
  }
}

function fromPs(sandboxes: readonly Sandbox[]): Promise<Map<number | undefined, number>> {
  const pids = sandboxes.map(({ pid }) => pid).join(',');
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'pid=,rss=', '-p', pids], (_error, stdout) => {
      const rows = stdout.trim().split('\n');
      resolve(new Map(rows.map((row) => residentOf(row))));
    });
  });
}

function residentOf(row: string): [number, number] {
  const [pid, kilobytes] = row.trim().split(/\s+/).map(Number);
  return [pid ?? 0, (kilobytes ?? 0) * 1024];
}
