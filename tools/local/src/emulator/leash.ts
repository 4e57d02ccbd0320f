import { spawn } from 'node:child_process';

export interface Leash {
  /** The process ended by itself: its id may be another's soon. */
  drop(): void;
}

/**
 * `cat` ends when this process does, however it dies, since nobody else holds the other end of the pipe. Then the engine is
 * ended and, for an ephemeral stack, its folder is removed.
 */
const SCRIPT = `
cat >/dev/null
kill -TERM "$1" 2>/dev/null
if [ -n "$2" ]; then
  n=0
  while kill -0 "$1" 2>/dev/null && [ "$n" -lt 60 ]; do sleep 0.05; n=$((n + 1)); done
  rm -rf -- "$2"
fi`;

/** Ends the process `pid` when this one is gone, even by SIGKILL. @param folder removed after it */
export function leash(pid: number, folder?: string): Leash {
  // Its own group: Ctrl-C in a terminal reaches this process alone, which then stops things in their order.
  const watcher = spawn('sh', ['-c', SCRIPT, 'leash', String(pid), folder ?? ''], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell there is no leash: a stack that is killed hard leaves its engine to the next start.
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  watcher.unref();
  (watcher.stdin as unknown as { unref?: () => void }).unref?.();
  return {
    drop() {
      watcher.kill('SIGKILL');
      watcher.stdin.destroy();
    },
  };
}
