import { spawn } from 'node:child_process';

/**
 * The last line against orphans. A stopped (frozen) process cannot notice that the runtime died, and a runtime killed by
 * SIGKILL cannot clean up, so a tiny shell in a session of its own does: it is told of every process group, and when the
 * pipe to it breaks, however that came about, it kills those that are left and removes the directory.
 */
export interface Reaper {
  watch(processGroup: number): void;
  forget(processGroup: number): void;
  /** Breaks the pipe: whatever is still watched dies. Resolves when the reaper is gone. */
  close(): Promise<void>;
}

const script = `
groups=" "
while read -r op group; do
  case $op in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
rm -rf -- "$1"
`;

export function startReaper(directory: string): Reaper {
  const shell = spawn('/bin/sh', ['-c', script, 'reaper', directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
  });
  const gone = new Promise<void>((resolve) => {
    shell.once('close', () => resolve());
    shell.once('error', () => resolve());
  });
  // Somebody may have killed it; then only the runtime's own clean-up is left.
  shell.stdin.on('error', () => undefined);
  return {
    watch: (group) => void shell.stdin.write(`+ ${group}\n`),
    forget: (group) => void shell.stdin.write(`- ${group}\n`),
    close: () => {
      shell.stdin.end();
      return gone;
    },
  };
}
