import { startStack } from '../stack.js';
import { paceLine, stackOptionsOf, type StackFlags } from './stack-flags.js';
import { assemblyOf } from './synthesise.js';
import type { Termination } from './termination.js';

/** Runs the stack until it is asked to end. @throws when it cannot start, or cannot go on */
export async function start(flags: StackFlags, termination: Termination): Promise<void> {
  const assemblyDirectory = await assemblyOf(flags, termination.signal).catch((error: unknown) => {
    // Ctrl-C is how this command ends, at whatever point it has come to.
    if (termination.signal.aborted) return undefined;
    throw error;
  });
  if (assemblyDirectory === undefined) return;
  const options = stackOptionsOf(flags);
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  const stack = await startStack({ ...options, assemblyDirectory, onFailure: fail });
  try {
    if (termination.signal.aborted) return;
    console.log(paceLine(stack.model, flags));
    console.log(`Dashboard ${stack.dashboardUrl}`);
    console.log(`API ${stack.apiUrl}`);
    await Promise.race([termination.requested, failed]);
  } finally {
    await stack.stop();
  }
}
