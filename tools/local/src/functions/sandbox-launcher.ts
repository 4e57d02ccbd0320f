import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionModel } from '../model.js';
import type { Interpreter } from './interpreters.js';
import type { Reaper } from './reaper.js';
import type { SandboxSpec } from './sandbox.js';
import { sandboxEnvironment } from './sandbox-environment.js';
import type { Staging } from './staging.js';

/** MB a Node process holds with an SDK in it: a lower bound would kill healthy functions. */
const smallestMemoryMb = 192;

/** About a third of the time that a foreground process gets of a busy core. */
const backgroundNiceness = 5;

const bootFiles = {
  node: fileURLToPath(new URL('./boot-node.mjs', import.meta.url)),
  python: fileURLToPath(new URL('./boot.py', import.meta.url)),
};

/** How the sandboxes of a function are started on this machine. */
export function sandboxLauncher(parts: {
  readonly interpreterOf: (fn: FunctionModel) => Interpreter | undefined;
  readonly environment: (fn: FunctionModel) => Readonly<Record<string, string>>;
  readonly isForeground: (fn: FunctionModel) => boolean;
  readonly staging: Staging;
  readonly reaper: Reaper;
}): (fn: FunctionModel) => SandboxSpec {
  const { interpreterOf, environment, isForeground, staging, reaper } = parts;
  return (fn) => {
    const interpreter = interpreterOf(fn);
    if (!interpreter) throw new Error(`Nothing runs ${fn.runtime}`);
    const taskRoot = staging.directoryOf(fn.codeDirectory);
    const logStreamName = newLogStreamName();
    return {
      fn,
      command: commandOf(fn, interpreter, join(staging.root, 'compiled')),
      taskRoot,
      environment: (runtimeApiAddress) =>
        sandboxEnvironment(fn, {
          provided: environment(fn),
          interpreter,
          taskRoot,
          runtimeApiAddress,
          logStreamName,
        }),
      niceness: isForeground(fn) ? 0 : backgroundNiceness,
      maxResidentBytes: Math.max(fn.memoryMb, smallestMemoryMb) * 1024 * 1024,
      reaper,
    };
  };
}

function commandOf(fn: FunctionModel, { kind, path }: Interpreter, compiled: string): string[] {
  // `-s`: packages the user installed for himself are not there on AWS.
  if (kind === 'python') return [path, '-s', bootFiles.python];
  return [path, `--max-old-space-size=${fn.memoryMb}`, bootFiles.node, compiled];
}

/** CloudWatch's pattern: the day, the version, and what makes the sandbox unique. */
function newLogStreamName(): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[$LATEST]${randomBytes(16).toString('hex')}`;
}
