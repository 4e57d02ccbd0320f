/** Ends what waited for a moment that has come: a wait is over, a callback had no answer in time. A duty of the sweep, no repair. */
import type { FailTransition, SucceedTransition, Task } from '@orchestra/workflow-core';
import type { Ports } from './ports.js';

export async function wake(ports: Ports, tasks: readonly Task[]): Promise<void> {
  const at = new Date(ports.now()).toISOString();
  await ports.repository.apply(
    await Promise.all(
      tasks.map((task) => (task.callback ? tooLate(task, at) : over(ports, task, at))),
    ),
  );
}

const commonOf = ({ workflowId, taskId, claimId = '' }: Task, at: string) => ({
  workflowId,
  taskId,
  claimId,
  by: 'sweep' as const,
  at,
});

async function over({ repository }: Ports, task: Task, at: string): Promise<SucceedTransition> {
  const { workflowId, taskId, claimId = '', expiresAt, wakeAt } = task;
  const owner = { workflowId, key: `${taskId}#${claimId}`, expiresAt };
  const output = await repository.putPayload(owner, { until: wakeAt });
  return { ...commonOf(task, at), kind: 'succeed', output };
}

/** Not if a heartbeat has put its deadline off since it was read. */
const tooLate = (task: Task, at: string): FailTransition => ({
  ...commonOf(task, at),
  kind: 'fail',
  answers: true,
  version: task.version,
  error: { type: 'CallbackTimeout', message: `no answer came until ${task.wakeAt}`, trace: [] },
  reason: 'TIMEOUT',
});
