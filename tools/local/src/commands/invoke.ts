/** Runs one function once, on the stack that runs in the data directory or else on one of its own. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { readAll } from '../aws-endpoint/http-body.js';
import { OPERATOR } from '../aws-endpoint/identities.js';
import { logFileOf } from '../function-logs.js';
import { readLocalFile, type LocalFile } from '../local-file.js';
import type { FunctionModel } from '../model.js';
import { startStack } from '../stack.js';
import { ENVIRONMENT } from '../stack-model.js';
import { readAssembly } from '../template/read-assembly.js';
import { followLog } from './follow-log.js';
import { functionOfProject } from './project-function.js';
import { ASSEMBLY } from './synthesise.js';

export interface InvokeFlags {
  /** A file, or `-` for standard input; without it the event is `{}`. */
  readonly event?: string;
  readonly dataDir: string;
  /** Default: the workspace's, as it was synthesised last. */
  readonly assembly?: string;
}

/** The event cannot be read or is no JSON. */
export class EventError extends Error {
  override readonly name = 'EventError';
}

/** The function ran and failed, or could not be run; its own words are printed already. */
export class InvocationError extends Error {
  override readonly name = 'InvocationError';
}

interface Outcome {
  readonly payload: string;
  readonly isError: boolean;
}

/**
 * Prints the function's log to standard error and its result to standard output.
 * @param project the project whose bundle the function runs, or the function's own name
 * @throws EventError, UnknownProjectError, InvocationError
 */
export async function invoke(project: string, flags: InvokeFlags): Promise<void> {
  const event = await readEvent(flags.event);
  const { assembly = ASSEMBLY } = flags;
  const running = readLocalFile(flags.dataDir);
  const outcome = await (running
    ? invokeRunning(running, assembly, project, event)
    : invokeAlone(assembly, project, event));
  process.stdout.write(`${outcome.payload}\n`);
  if (outcome.isError) throw new InvocationError(`${project} failed`);
}

async function readEvent(file: string | undefined): Promise<string> {
  if (file === undefined) return '{}';
  const content =
    file === '-' ? await text(process.stdin) : await readFile(pathOf(file), 'utf8').catch(refuse);
  try {
    JSON.parse(content);
  } catch (error) {
    throw new EventError(`the event in ${file} is no JSON: ${(error as Error).message}`);
  }
  return content;

  function refuse(error: Error): never {
    throw new EventError(`the event cannot be read: ${error.message}`);
  }
}

/** nx runs this in the repository; a relative path is meant from where the person is. */
function pathOf(file: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), file);
}

/** A stack without events or addresses: the function, its table and what it invokes. */
async function invokeAlone(
  assemblyDirectory: string,
  project: string,
  event: string,
): Promise<Outcome> {
  const stack = await startStack({
    assemblyDirectory,
    ephemeral: true,
    isServing: false,
    // What this machine lacks for the rest of the stacks is of no matter to one function.
    onNotice: () => undefined,
  });
  try {
    const { name } = functionOfProject(stack.model.functions, project);
    stack.logs.subscribe((line) => process.stderr.write(`${line.text}\n`));
    const { payload, functionError } = await stack.functions.invoke(name, event);
    return { payload, isError: functionError !== undefined };
  } finally {
    await stack.stop();
  }
}

/** The assembly names the function; the stack that runs may be of an earlier one, which has the same names. */
async function invokeRunning(
  stack: LocalFile,
  assemblyDirectory: string,
  project: string,
  event: string,
): Promise<Outcome> {
  const { name } = functionOfProject(functionsOf(assemblyDirectory), project);
  const log = followLog(logFileOf(stack.logDirectory, name));
  const { requestId, ...outcome } = await post(stack, name, event);
  for (const line of await log.linesOf(requestId)) process.stderr.write(`${line}\n`);
  return outcome;
}

function functionsOf(assemblyDirectory: string): readonly FunctionModel[] {
  const stagingDirectory = mkdtempSync(join(tmpdir(), 'orchestra-invoke-'));
  try {
    return readAssembly(assemblyDirectory, {
      ...ENVIRONMENT,
      localApiUrl: () => 'http://localhost',
      stagingDirectory,
    }).functions;
  } finally {
    rmSync(stagingDirectory, { recursive: true, force: true });
  }
}

/** Without a client of the SDK, whose own time-outs are shorter than the longest function. */
async function post(
  { lambdaEndpoint = '' }: LocalFile,
  functionName: string,
  event: string,
): Promise<Outcome & { readonly requestId: string }> {
  const call = request(
    `${lambdaEndpoint}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`,
    {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${OPERATOR.accessKeyId}/local` },
    },
  );
  call.end(event);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const payload = (await readAll(response)).toString('utf8');
  return {
    payload,
    requestId: String(response.headers['x-amzn-requestid']),
    isError: response.statusCode !== 200 || 'x-amz-function-error' in response.headers,
  };
}
