import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** A process as a file names it. The start time keeps a reused process id from being taken for it. */
export const processIdentitySchema = z.object({
  pid: z.int().positive(),
  startedAt: z.string().optional(),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** `startedAt` is left out where the system does not tell it (anything but Linux). */
export function identityOf(pid: number): ProcessIdentity {
  const startedAt = startOf(pid);
  return startedAt === undefined ? { pid } : { pid, startedAt };
}

export function isRunning(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: there is such a process, somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return identity.startedAt === undefined || startOf(identity.pid) === identity.startedAt;
}

/** Boot and clock ticks since then; undefined for a process that has ended but was not waited for. */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in brackets and may hold spaces and brackets itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${boot}:${fields[19]}`;
  } catch {
    return undefined;
  }
}
