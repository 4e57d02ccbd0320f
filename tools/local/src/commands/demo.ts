/** One sample workflow from its start to its end, on a stack of its own that is gone afterwards. */
import { setTimeout as pause } from 'node:timers/promises';
import { taskDetailSchema, type Workflow } from '@orchestra/api-contract';
import { createApiClient, duration, liveView, table, watchWorkflow } from '@orchestra/cli';
import * as z from 'zod';
import { startStack, type RunningStack } from '../stack.js';
import { orderBreaches, orderLine } from './execution-order.js';
import { ALONE, paceLine, stackOptionsOf } from './stack-flags.js';
import { synthesise } from './synthesise.js';
import { processTerminal } from './terminal.js';
import type { Termination } from './termination.js';

export class DemoError extends Error {
  override readonly name = 'DemoError';
}

/** The sample takes some 5 s; a slow machine's cold starts come on top. */
const END_WITHIN_MS = 120_000;

const outputSchema = z.object({ runtime: z.string() });

/** @throws DemoError when the workflow does not succeed, in order and in time */
export async function demo(termination: Termination): Promise<void> {
  console.log('Building and synthesising the stacks ...');
  const assemblyDirectory = await synthesise(termination.signal);
  const stack = await startStack({ ...stackOptionsOf(ALONE), assemblyDirectory });
  try {
    console.log(paceLine(stack.model, ALONE));
    console.log(`Dashboard ${stack.dashboardUrl}`);
    console.log(`API ${stack.apiUrl}\n`);
    const signal = AbortSignal.any([termination.signal, AbortSignal.timeout(END_WITHIN_MS)]);
    const workflow = await runSample(stack, signal).catch((error: unknown) => {
      if (termination.signal.aborted || !signal.aborted) throw error;
      throw new DemoError(`the workflow did not end within ${duration(END_WITHIN_MS)}`);
    });
    console.log(`\n${(await report(stack, workflow)).join('\n')}\n`);
    judge(workflow);
  } finally {
    await stack.stop();
  }
}

async function runSample(stack: RunningStack, signal: AbortSignal): Promise<Workflow> {
  const api = createApiClient(stack.apiUrl, signal);
  const { workflowId } = await api.startWorkflow({ body: {} });
  return watchWorkflow(
    {
      api,
      now: Date.now,
      sleep: async (milliseconds) => pause(milliseconds, undefined, { signal }),
    },
    workflowId,
    liveView(processTerminal()),
  );
}

async function report(stack: RunningStack, workflow: Workflow): Promise<readonly string[]> {
  const rows = await Promise.all(
    workflow.tasks.map(async (task) => [
      task.taskId,
      await runtimeOf(stack, workflow.workflowId, task.taskId),
      task.status,
      String(task.attempt),
      task.startedAt ?? '-',
      task.durationMs === undefined ? '-' : duration(task.durationMs),
    ]),
  );
  return table(['TASK', 'RUNTIME', 'STATUS', 'ATTEMPT', 'STARTED', 'DURATION'], rows);
}

/** What ran the task, in its own words; a task that did not succeed has none. */
async function runtimeOf(stack: RunningStack, workflowId: string, taskId: string): Promise<string> {
  const response = await fetch(`${stack.apiUrl}workflows/${workflowId}/tasks/${taskId}`);
  const { output } = taskDetailSchema.parse(await response.json());
  return outputSchema.safeParse(output).data?.runtime ?? '-';
}

function judge(workflow: Workflow): void {
  if (workflow.status !== 'SUCCESS') {
    throw new DemoError(`the workflow ended ${workflow.status}${failureOf(workflow)}`);
  }
  const breaches = orderBreaches(workflow.tasks);
  if (breaches.length > 0) throw new DemoError(`the order did not hold: ${breaches.join('; ')}`);
  const took = workflow.durationMs === undefined ? '' : ` in ${duration(workflow.durationMs)}`;
  console.log(`The order held: ${orderLine(workflow.tasks)}`);
  console.log(`${workflow.workflowId} ended SUCCESS${took}`);
}

function failureOf({ tasks }: Workflow): string {
  const failed = tasks.find((task) => task.error !== undefined);
  return failed?.error
    ? `: task ${failed.taskId} failed with ${failed.error.type}: ${failed.error.message}`
    : '';
}
