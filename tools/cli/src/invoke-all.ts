/**
 * Tries a whole installation from its smallest part up: each task function by itself, in the order of the sample
 * workflow and each with the real outputs of those before it, then the workflow through the orchestrator.
 */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { Workflow } from '@orchestra/api-contract';
import {
  diamond,
  startAnswerSchema,
  type StartRequest,
  type TaskDefinition,
  type TaskPayload,
} from '@orchestra/workflow-core';
import { CliError, EXIT } from './exit-code.js';
import type { System } from './system.js';
import { duration, oneLine, table } from './tables.js';
import type { Functions } from './target.js';

/** One task function tried by itself. */
export interface Invocation {
  readonly task: string;
  readonly functionArn?: string;
  readonly ok: boolean;
  /** As the function tells it; undefined for a function that does not. */
  readonly runtime?: string;
  readonly durationMs?: number;
  readonly output?: unknown;
  readonly error?: string;
}

export interface InvokeAllReport {
  readonly functions: readonly Invocation[];
  readonly workflow: Workflow;
}

const outputSchema = z.object({ runtime: z.string() });
const errorSchema = z.object({ errorType: z.string(), errorMessage: z.string() });

/** Each function of the sample workflow once; one whose upstream failed is not invoked. */
export async function invokeTaskFunctions(
  { place, tasks }: Functions,
  input: unknown,
  system: System,
  onInvoked: (invocation: Invocation) => void,
): Promise<Invocation[]> {
  const client = system.lambda(place);
  const done = new Map<string, Invocation>();
  const runId = `invoke-all-${system.newId()}`;
  // The sample lists every task behind those it depends on.
  for (const task of diamond.tasks) {
    const invocation = await tryTask(task, {
      done,
      functionArn: tasks[task.function ?? task.id],
      invoke: (functionArn, dependencies) =>
        invoke(client, functionArn, payload(runId, task.id, input, dependencies), system),
      now: () => system.now(),
    });
    done.set(task.id, invocation);
    onInvoked(invocation);
  }
  return [...done.values()];
}

interface Attempt {
  readonly done: ReadonlyMap<string, Invocation>;
  readonly functionArn: string | undefined;
  invoke(functionArn: string, dependencies: Record<string, unknown>): Promise<unknown>;
  now(): number;
}

async function tryTask(task: TaskDefinition, attempt: Attempt): Promise<Invocation> {
  const { done, functionArn } = attempt;
  if (functionArn === undefined)
    return { task: task.id, ok: false, error: `no function is registered as ${task.function}` };
  const upstream = task.dependsOn ?? [];
  const failed = upstream.filter((id) => !done.get(id)?.ok);
  if (failed.length > 0)
    return { task: task.id, functionArn, ok: false, error: `not invoked: ${failed.join()} failed` };
  const startedAt = attempt.now();
  try {
    const dependencies = Object.fromEntries(upstream.map((id) => [id, done.get(id)?.output]));
    const output = await attempt.invoke(functionArn, dependencies);
    const durationMs = attempt.now() - startedAt;
    const runtime = outputSchema.safeParse(output).data?.runtime;
    return { task: task.id, functionArn, ok: true, runtime, durationMs, output };
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'AbortError') throw error;
    const durationMs = attempt.now() - startedAt;
    return { task: task.id, functionArn, ok: false, durationMs, error: error.message };
  }
}

const payload = (
  workflowId: string,
  taskId: string,
  input: unknown,
  dependencies: Record<string, unknown>,
): TaskPayload => ({
  workflowId,
  taskId,
  attempt: 1,
  idempotencyKey: `${workflowId}/${taskId}`,
  input,
  dependencies,
});

/** Answers the id of the workflow. @throws CliError when it was not started */
export async function startThroughOrchestrator(
  { place, orchestratorArn }: Functions,
  input: unknown,
  system: System,
): Promise<string> {
  const workflowId = `invoke-all-${system.newId()}`;
  const request = { mode: 'start', workflowId, input } as StartRequest;
  const answer = await invoke(system.lambda(place), orchestratorArn, request, system).catch(
    (cause: unknown) => {
      if (!(cause instanceof Error) || cause.name === 'AbortError') throw cause;
      throw new CliError(EXIT.notDone, `the orchestrator did not start it: ${cause.message}`, {
        cause,
      });
    },
  );
  const parsed = startAnswerSchema.safeParse(answer);
  if (parsed.success && parsed.data.kind === 'created') return workflowId;
  throw new CliError(EXIT.notDone, `the orchestrator answered ${JSON.stringify(answer)}`);
}

/** @throws Error with the function's own words when it failed */
async function invoke(
  client: LambdaClient,
  functionArn: string,
  event: unknown,
  { interrupted }: System,
): Promise<unknown> {
  const { Payload, FunctionError } = await client.send(
    new InvokeCommand({ FunctionName: functionArn, Payload: JSON.stringify(event) }),
    { abortSignal: interrupted },
  );
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString() || 'null') as unknown;
  if (FunctionError === undefined) return answer;
  const error = errorSchema.safeParse(answer).data;
  throw new Error(error ? `${error.errorType}: ${error.errorMessage}` : JSON.stringify(answer));
}

export function invocationLine({ task, ok, durationMs, error }: Invocation): string {
  const took = durationMs === undefined ? '' : ` after ${duration(durationMs)}`;
  return `function ${task} ${ok ? 'ok' : 'FAILED'}${took}${error ? `: ${oneLine(error)}` : ''}`;
}

export function invocationTable(invocations: readonly Invocation[]): string[] {
  return table(
    ['TASK', 'FUNCTION', 'RUNTIME', 'RESULT', 'DURATION', 'WHY'],
    invocations.map(({ task, functionArn, runtime, ok, durationMs, error }) => [
      task,
      functionArn?.split(':').at(-1) ?? '-',
      runtime ?? '-',
      ok ? 'ok' : 'FAILED',
      durationMs === undefined ? '-' : duration(durationMs),
      oneLine(error ?? ''),
    ]),
  );
}
