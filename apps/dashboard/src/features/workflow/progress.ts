import type { Task, TaskStatus } from '@orchestra/api-contract';

/** From done to not begun, the order of the progress bar. */
const ORDER: readonly TaskStatus[] = [
  'SUCCEEDED',
  'FAILED',
  'SKIPPED',
  'CANCELLED',
  'RUNNING',
  'READY',
  'PENDING',
];

export interface Share {
  readonly status: TaskStatus;
  readonly count: number;
}

/** How many tasks have which status; statuses without a task are left out. */
export function progressOf(tasks: readonly Pick<Task, 'status'>[]): Share[] {
  return ORDER.map((status) => ({
    status,
    count: tasks.filter((task) => task.status === status).length,
  })).filter(({ count }) => count > 0);
}

/** The failed task that ended first: what to look at. One whose failure counts as a success is none. */
export function firstFailure(tasks: readonly Task[]): Task | undefined {
  return tasks
    .filter(({ status, continueOnFailure }) => status === 'FAILED' && !continueOnFailure)
    .sort((a, b) => (a.endedAt ?? '').localeCompare(b.endedAt ?? ''))[0];
}
