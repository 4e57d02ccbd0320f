/** One workflow from its start to its end, and what it took. Storing its definition is left out. */
import type { MeterReading } from '@orchestra/local';
import type { Definition, WorkflowStatus } from '@orchestra/workflow-core';
import { invoke, type Stack } from './open-stack.js';
import { watchProcesses, type Usage } from './processes.js';

export interface Run {
  readonly workflowId: string;
  readonly tasks: number;
  readonly edges: number;
  readonly status: WorkflowStatus;
  /** From before the start is asked for to the end that META names. */
  readonly seconds: number;
  readonly reading: MeterReading;
  /** Invocations by the function's short name. */
  readonly passes: Readonly<Record<string, number>>;
  readonly usage: Usage;
}

export interface RunOptions {
  readonly input: unknown;
  /** Seconds after which waiting is given up. */
  readonly withinSeconds: number;
  /** Default: the definition's name. */
  readonly workflowId?: string;
}

export const edgesOf = ({ tasks }: Definition): number =>
  tasks.reduce((sum, { dependsOn = [] }) => sum + dependsOn.length, 0);

/** @throws Error when it is not over in time, or was not begun */
export async function runWorkflow(
  stack: Stack,
  definition: Definition,
  { input, withinSeconds, workflowId = definition.name }: RunOptions,
): Promise<Run> {
  const { name } = definition;
  const { revision } = await stack.repository.putDefinition(definition, new Date().toISOString());
  const passesBefore = stack.invocations();
  stack.running.meter.reset();
  const watch = watchProcesses(stack.running);
  const begunAt = Date.now();
  const order = { mode: 'start', workflowId, definition: { name, revision }, input };
  try {
    await invoke(stack, 'Orchestrator', order);
    const { status, endedAt } = await over(stack, workflowId, withinSeconds);
    await quiet(stack);
    return {
      ...{ workflowId, status, tasks: definition.tasks.length, edges: edgesOf(definition) },
      seconds: (Date.parse(endedAt) - begunAt) / 1_000,
      reading: stack.running.meter.read(),
      passes: since(passesBefore, stack.invocations()),
      usage: watch.stop(),
    };
  } finally {
    watch.stop();
  }
}

const LOOK_MS = 50;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function over({ repository }: Stack, workflowId: string, withinSeconds: number) {
  const deadline = performance.now() + withinSeconds * 1_000;
  while (performance.now() < deadline) {
    const workflow = await repository.getWorkflow(workflowId);
    if (workflow?.endedAt !== undefined)
      return { status: workflow.status, endedAt: workflow.endedAt };
    await pause(LOOK_MS);
  }
  throw new Error(`${workflowId} is not over after ${withinSeconds} s`);
}

const QUIET_WITHIN_MS = 10_000;

/** What the last pass still has to do is part of the bill. */
async function quiet({ running }: Stack): Promise<void> {
  const deadline = performance.now() + QUIET_WITHIN_MS;
  while (performance.now() < deadline) {
    const { functions, asyncPending } = running.functions.stats();
    if (asyncPending === 0 && functions.every((fn) => fn.running + fn.waiting === 0)) return;
    await pause(LOOK_MS);
  }
}

const since = (before: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)]),
  );
