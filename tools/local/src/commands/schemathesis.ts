/** The API of a stack of its own, under schemathesis: a fuzzer of another make that knows nothing of ours but the OpenAPI document. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startStack } from '../stack.js';
import { ALONE, stackOptionsOf } from './stack-flags.js';
import { assemblyOf } from './synthesise.js';
import type { Termination } from './termination.js';
import { WORKSPACE } from './workspace.js';

export interface SchemathesisFlags {
  readonly seed?: number;
  /** Drawn for each operation and phase. */
  readonly examples: number;
  readonly assembly?: string;
}

/** It found something, or could not look. */
export class SchemathesisError extends Error {
  override readonly name = 'SchemathesisError';
}

const CONFIG = join(WORKSPACE, 'apps', 'api', 'schemathesis.toml');

/** Where schemathesis is not on the PATH it says so and is content. @throws SchemathesisError */
export async function schemathesis(
  flags: SchemathesisFlags,
  { signal }: Termination,
): Promise<void> {
  if ((await run(['--version'], signal)) === undefined)
    return console.log(
      'Skipped: there is no "schemathesis" on the PATH. `pip install schemathesis` brings it; nothing else needs it.',
    );
  const assemblyDirectory = await assemblyOf(flags, signal);
  const stack = await startStack({ ...stackOptionsOf(ALONE), assemblyDirectory });
  try {
    const code = await run(argumentsOf(stack.apiUrl, flags), signal);
    signal.throwIfAborted();
    if (code !== 0) throw new SchemathesisError(`schemathesis ended with ${code}`);
  } finally {
    await stack.stop();
  }
}

const argumentsOf = (apiUrl: string, { seed, examples }: SchemathesisFlags): readonly string[] => [
  ...['--config-file', CONFIG, 'run', `${apiUrl}openapi.json`],
  ...['--url', apiUrl.replace(/\/$/, ''), '--checks', 'all'],
  // What a schema cannot tell: a cursor is opaque, and a definition has the name of its address.
  ...['--exclude-checks', 'positive_data_acceptance'],
  ...['--max-examples', String(examples), '--continue-on-failure'],
  ...(seed === undefined ? [] : ['--seed', String(seed)]),
];

/** Its exit code; undefined where there is no such program. */
async function run(args: readonly string[], signal: AbortSignal): Promise<number | undefined> {
  const child = spawn('schemathesis', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? 1;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
