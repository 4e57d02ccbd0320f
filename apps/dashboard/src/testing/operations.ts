/** What orders do to a workflow, as far as the dashboard can tell. */
import type { RedriveResponse, Task, Workflow } from '@orchestra/api-contract';
import { isFinishedTask } from '../features/status/finished.js';
import { withTasks } from './samples.js';

export interface Rerun {
  readonly taskId: string;
  readonly downstream: boolean;
}

export function cancelled(workflow: Workflow, note: string | undefined, at: string): Workflow {
  return {
    ...workflow,
    status: 'CANCELLED',
    endedAt: at,
    ...(note === undefined ? {} : { note }),
    ...withTasks(
      workflow.tasks.map((task) =>
        isFinishedTask(task.status) ? task : { ...task, status: 'CANCELLED', endedAt: at },
      ),
    ),
  };
}

/** All that had not succeeded runs again, and what was asked for. */
export function redriveAnswer(
  { workflowId, status, epoch, definition, tasks }: Workflow,
  rerun: Rerun | undefined,
  dryRun: boolean,
): RedriveResponse {
  const asked = rerun ? askedFor(tasks, rerun) : new Set<string>();
  const runs = (task: Task) => task.status !== 'SUCCEEDED' || asked.has(task.taskId);
  return {
    workflowId,
    status: dryRun ? status : 'RUNNING',
    epoch: epoch + 1,
    definition,
    dryRun,
    run: tasks.filter(runs).map(({ taskId }) => taskId),
    keep: tasks.filter((task) => !runs(task)).map(({ taskId }) => taskId),
  };
}

function askedFor(tasks: readonly Task[], { taskId, downstream }: Rerun): Set<string> {
  const asked = new Set([taskId]);
  if (!downstream) return asked;
  for (const up of asked)
    for (const task of tasks) if (task.dependsOn.includes(up)) asked.add(task.taskId);
  return asked;
}
