import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { WORKSPACE } from './workspace.js';

export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

/** Characters of a failed build's output that are shown; its end holds the reason. */
const SHOWN = 20_000;

/** Where the stacks of this workspace are synthesised to. */
export const ASSEMBLY = join(WORKSPACE, 'infra', 'cdk.out');

/** The assembly that is named, or else the one of this workspace, built and synthesised. @throws as `synthesise` */
export async function assemblyOf(
  { assembly }: { readonly assembly?: string },
  signal: AbortSignal,
): Promise<string> {
  return assembly ?? synthesise(signal);
}

/**
 * Builds the apps and synthesises the stacks, as far as something changed.
 * @returns the assembly's folder
 * @throws SynthesisError with what was printed @throws AbortError when aborted
 */
export async function synthesise(signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const nx = createRequire(import.meta.url).resolve('nx/bin/nx.js');
  const child = spawn(process.execPath, [nx, 'run', 'infra:synth', '--outputStyle=stream'], {
    cwd: WORKSPACE,
    // A group of its own: a build that is given up must not leave the compilers it started.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0' },
  });
  let output = '';
  const keep = (chunk: string) => {
    output = (output + chunk).slice(-SHOWN);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const abort = () => child.pid !== undefined && process.kill(-child.pid, 'SIGTERM');
  signal.addEventListener('abort', abort, { once: true });
  const [code] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', abort);
  signal.throwIfAborted();
  if (code !== 0) throw new SynthesisError(`the build failed:\n${output.trim()}`);
  return ASSEMBLY;
}
