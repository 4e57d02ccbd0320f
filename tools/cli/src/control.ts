/** Commands that hold a workflow up, let it go on, or say how one of its tasks ends. */
import type { SetOutputRequest, TaskOrderResponse } from '@orchestra/api-contract';
import type { ApiClient } from './api-client.js';
import { print } from './commands.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { confirmation, wordsOf, type OrderOptions } from './orders.js';
import type { System } from './system.js';
import { findApi } from './target.js';

/** Neither asks: the other undoes it. */
export async function control(
  mode: 'pause' | 'resume',
  workflowId: string,
  options: OrderOptions,
  system: System,
): Promise<ExitCode> {
  const api = await findApi(options, system);
  const order = { workflowId, body: wordsOf(options) };
  const done = await (mode === 'pause' ? api.pauseWorkflow(order) : api.resumeWorkflow(order));
  print(options, system, done, () => [
    `${done.workflowId}  ${done.status}  ${done.paused ? 'paused' : 'goes on'}`,
  ]);
  return EXIT.done;
}

export const skip = (
  workflowId: string,
  taskId: string,
  options: OrderOptions,
  system: System,
): Promise<ExitCode> =>
  ordered(
    `Skip ${taskId} of ${workflowId}?`,
    (api) => api.skipTask({ workflowId, taskId, body: wordsOf(options) }),
    options,
    system,
  );

export function setOutput(
  workflowId: string,
  taskId: string,
  options: OrderOptions & { readonly output: SetOutputRequest['output'] },
  system: System,
): Promise<ExitCode> {
  const body = { output: options.output, ...wordsOf(options) };
  return ordered(
    `End ${taskId} of ${workflowId} with ${JSON.stringify(options.output)}?`,
    (api) => api.setTaskOutput({ workflowId, taskId, body }),
    options,
    system,
  );
}

async function ordered(
  question: string,
  send: (api: ApiClient) => Promise<TaskOrderResponse>,
  options: OrderOptions,
  system: System,
): Promise<ExitCode> {
  const confirmed = confirmation(options, system);
  const api = await findApi(options, system);
  if (!(await confirmed(async () => [question]))) return EXIT.notDone;
  const done = await send(api);
  print(options, system, done, () => [
    `${done.workflowId}  ${done.status}  epoch ${done.epoch}  ${done.taskId}  ${done.taskStatus}`,
  ]);
  return EXIT.done;
}
