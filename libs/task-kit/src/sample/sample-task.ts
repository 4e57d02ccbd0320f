/** What the five sample tasks have in common: they take visible time, fail on demand and tell who ran them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineTask, type InvocationContext, type TaskHandler } from '../define-task.js';
import { readEnv } from '../env.js';
import type { TaskPayload } from '../payload.js';
import { countOf, readSampleInput, type SampleInput } from './sample-input.js';

/**
 * The output of a sample task. As JSON it stays under 450 bytes, so that it rides inside the task's item and its
 * state change costs one write unit; `result` has to be small.
 */
export interface SampleOutput<Result> {
  readonly functionName: string;
  readonly requestId: string;
  /** `nodejs24.x`, `nodejs24.x (container)`, `python3.13`. */
  readonly runtime: string;
  readonly task: string;
  /** ISO 8601 UTC with milliseconds, like `endTime`. */
  readonly startTime: string;
  readonly endTime: string;
  readonly durationMs: number;
  readonly result: Result;
  /** As much as `outputBytes` asks for. */
  readonly padding?: string;
}

/** The failure that `failAttempts` asks for. */
export class SampleFailure extends Error {
  override readonly name = 'SampleFailure';
}

/** The world around a sample task. */
export interface SampleSystem {
  now(): Date;
  /** From 0 to below 1. */
  random(): number;
  sleep(milliseconds: number): Promise<void>;
  readonly nodeVersion: string;
  readonly executionEnvironment: string | undefined;
  readonly isContainer: boolean;
}

const { executionEnvironment, isContainer } = readEnv();
const thisMachine: SampleSystem = {
  now: () => new Date(),
  random: Math.random,
  sleep: async (milliseconds) => sleep(milliseconds),
  nodeVersion: process.version,
  executionEnvironment,
  isContainer,
};

export interface SampleTask<Result> {
  readonly name: string;
  readonly compute: (payload: TaskPayload<SampleInput>) => Result;
}

export function defineSampleTask<Result>(
  task: SampleTask<Result>,
  system: SampleSystem = thisMachine,
): TaskHandler<SampleOutput<Result>> {
  // Without a schema for it, so that zod stays out of the bundle; hence the cast.
  return defineTask({ function: task.name }).handler(async (input, context) => {
    const payload: TaskPayload<SampleInput> = { ...context, input: readSampleInput(input) };
    const startedAt = system.now();
    await system.sleep(payload.input.delayMs ?? 300 + Math.floor(system.random() * 1201));
    failIfAsked(payload);
    const result = task.compute(payload);
    const output = describe(task, system, context, { startedAt, endedAt: system.now(), result });
    const padding = countOf(payload.input.outputBytes, payload.taskId);
    return padding > 0 ? { ...output, padding: 'x'.repeat(padding) } : output;
  }) as TaskHandler<SampleOutput<Result>>;
}

function failIfAsked({ taskId, attempt, input }: TaskPayload<SampleInput>): void {
  const failing = countOf(input.failAttempts, taskId);
  if (attempt <= failing)
    throw new SampleFailure(
      `task ${taskId} fails on attempt ${attempt}, as the input asks for the first ${failing}`,
    );
}

function describe<Result>(
  task: SampleTask<Result>,
  system: SampleSystem,
  context: InvocationContext,
  done: { readonly startedAt: Date; readonly endedAt: Date; readonly result: Result },
): SampleOutput<Result> {
  return {
    functionName: context.functionName,
    requestId: context.awsRequestId,
    runtime: `${nodeRuntime(system)}${system.isContainer ? ' (container)' : ''}`,
    task: task.name,
    startTime: done.startedAt.toISOString(),
    endTime: done.endedAt.toISOString(),
    durationMs: done.endedAt.getTime() - done.startedAt.getTime(),
    result: done.result,
  };
}

/** Lambda's name of the runtime; container images have to be asked for Node's version instead. */
function nodeRuntime({ executionEnvironment, nodeVersion }: SampleSystem): string {
  return (
    executionEnvironment?.replace(/^AWS_Lambda_/, '') ??
    nodeVersion.replace(/^v(\d+).*$/, 'nodejs$1.x')
  );
}
