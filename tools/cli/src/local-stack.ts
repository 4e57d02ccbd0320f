/** What a running local stack tells about itself, in `local.json` of its data directory. */
import * as z from 'zod';
import { CliError, EXIT } from './exit-code.js';
import type { System } from './system.js';

/** Written once all is up, so that whoever reads it can use it at once. */
export const localStackSchema = z.object({
  /** With the stage: `http://localhost:3000/prod/`. */
  apiUrl: z.url(),
  dashboardUrl: z.url(),
  /** The process that runs the stack: where it is gone, the file is a left-over. */
  pid: z.int().positive(),
  /** Speaks Lambda's Invoke API; whoever calls with the operator's access key may invoke every function. */
  lambdaEndpoint: z.url().optional(),
  /** `Stack.OutputName` -> value, of every stack: `OrchestrationStack.OrchestratorArn`, ... */
  outputs: z.record(z.string(), z.string()).optional(),
});
export type LocalStack = z.infer<typeof localStackSchema>;

export const LOCAL_STACK_FILE = 'local.json';

/** @throws CliError when no stack is running from that directory */
export function readLocalStack(directory: string, system: System): LocalStack {
  const path = `${directory.replace(/\/+$/, '')}/${LOCAL_STACK_FILE}`;
  const stack = parse(textOf(path, system), path);
  if (!system.isRunning(stack.pid)) throw noStack(`the one of ${path} has ended`);
  return stack;
}

function textOf(path: string, system: System): string {
  try {
    return system.readFile(path);
  } catch (cause) {
    throw noStack(`there is no ${path}`, cause);
  }
}

function parse(text: string, path: string): LocalStack {
  try {
    return localStackSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw noStack(`${path} cannot be read`, cause);
  }
}

const noStack = (why: string, cause?: unknown) =>
  new CliError(EXIT.noAnswer, `no local stack is running (${why}): start it with \`npm start\``, {
    cause,
  });
