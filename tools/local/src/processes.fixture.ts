import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Processes that were started here and have not ended; Linux tells, other systems say nothing. */
export function childrenOf(pid: number): readonly string[] {
  const isChild = (id: string) => {
    try {
      const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state !== 'Z' && Number(parent) === pid;
    } catch {
      return false;
    }
  };
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter(isChild)
    .map((id) => readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' '));
}
