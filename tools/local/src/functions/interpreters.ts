import { execFile } from 'node:child_process';

/** What runs the functions of one Lambda runtime on this machine. */
export interface Interpreter {
  readonly kind: 'node' | 'python';
  /** An absolute path. */
  readonly path: string;
  readonly version: string;
}

export type InterpreterSearch =
  { readonly found: Interpreter } | { readonly found?: undefined; readonly sought: string };

/**
 * @param runtime Lambda's name of it, such as `python3.13`
 * @param searchPath directories parted by colons, as in `PATH`
 */
export async function findInterpreter(
  runtime: string,
  searchPath: string,
): Promise<InterpreterSearch> {
  if (runtime.startsWith('nodejs')) {
    const { execPath, versions } = process;
    return { found: { kind: 'node', path: execPath, version: versions.node } };
  }
  if (!runtime.startsWith('python')) return { sought: runtime };
  const candidates = [...new Set([runtime, 'python3'])];
  for (const command of candidates) {
    const found = await askPython(command, searchPath);
    if (found) return { found };
  }
  return { sought: candidates.join(', ') };
}

/** A line for the user when the function will meet another version on AWS; nothing when it will not. */
export function versionNote(runtime: string, { kind, version }: Interpreter): string | undefined {
  const wanted = /\d+(\.\d+)?/.exec(runtime)?.[0] ?? '';
  const parts = kind === 'node' ? 1 : 2;
  const here = version.split('.').slice(0, parts).join('.');
  if (wanted === here) return undefined;
  return `${runtime} functions run on ${kind === 'node' ? 'Node' : 'Python'} ${version} here`;
}

const question = 'import sys; print(sys.executable); print(sys.version.split()[0])';

function askPython(command: string, searchPath: string): Promise<Interpreter | undefined> {
  return new Promise((resolve) => {
    const options = { env: { PATH: searchPath }, timeout: 10_000 };
    execFile(command, ['-c', question], options, (error, stdout) => {
      const [path, version] = stdout.trim().split('\n');
      if (error || !path || !version) resolve(undefined);
      else resolve({ kind: 'python', path, version });
    });
  });
}
