/** What the processes of a running stack take: looked at from outside, a few times a second. */
import { readFileSync } from 'node:fs';
import type { RunningStack } from '@orchestra/local';

export interface Usage {
  /** Bytes: the most that all of them together, and that any one orchestrator, held at one moment. */
  readonly peakBytes: number;
  readonly orchestratorPeakBytes: number;
  /** Seconds of CPU by who took them: `engine`, `runtime`, or the function's short name. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
}

const EVERY_MS = 250;
/** The process that runs the stack: it plays AWS, and is the one that measures. */
const RUNTIME = 'runtime';

/** The template's name of a function without what CloudFormation adds: `Orchestrator`, `TaskA`. */
export const shortName = (functionName: string): string =>
  functionName.replace(/^[A-Za-z]+Stack-/, '').replace(/Function[A-Z0-9].*$/, '');

interface Seen {
  readonly who: string;
  readonly cpuAtFirst: number;
  cpu: number;
}

/** Processes that come and go between two looks are not seen: sandboxes stay warm. */
export function watchProcesses(stack: RunningStack): { stop(): Usage } {
  const seen = new Map<number, Seen>();
  let peakBytes = 0;
  let orchestratorPeakBytes = 0;
  const look = (isFirst: boolean) => {
    let together = 0;
    for (const [pid, who] of processesOf(stack)) {
      const bytes = residentBytes(pid);
      if (who !== RUNTIME) together += bytes;
      if (who === 'Orchestrator') orchestratorPeakBytes = Math.max(orchestratorPeakBytes, bytes);
      const cpu = cpuSeconds(pid);
      const known = seen.get(pid);
      if (known) known.cpu = cpu;
      else seen.set(pid, { who, cpu, cpuAtFirst: isFirst ? cpu : 0 });
    }
    peakBytes = Math.max(peakBytes, together);
  };
  look(true);
  const timer = setInterval(() => look(false), EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      look(false);
      return { peakBytes, orchestratorPeakBytes, cpuSeconds: sumsOf([...seen.values()]) };
    },
  };
}

function processesOf({
  emulator,
  functions,
}: RunningStack): readonly (readonly [number, string])[] {
  const engine = emulator.pid();
  return [
    [process.pid, RUNTIME],
    ...(engine === undefined ? [] : [[engine, 'engine'] as const]),
    ...functions
      .sandboxes()
      .map(({ pid, functionName }) => [pid, shortName(functionName)] as const),
  ];
}

function sumsOf(seen: readonly Seen[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { who, cpu, cpuAtFirst } of seen) sums[who] = (sums[who] ?? 0) + cpu - cpuAtFirst;
  return sums;
}

/** 0 where it is gone, or where the system does not tell. */
function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1_024;
}

/** User and system time; the kernel counts in hundredths of a second. 0 where the system does not tell. */
export function cpuSeconds(pid: number | undefined): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
