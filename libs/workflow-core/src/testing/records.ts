/** Records for tests: a workflow of the diamond that runs since `AT`, and tasks of it. */
import type { Task, Workflow } from '../workflow.js';

export const AT = '2026-01-02T03:04:05.000Z';

export const workflowIn = (changes: Partial<Workflow> = {}): Workflow => ({
  workflowId: 'w',
  status: 'RUNNING',
  version: 1,
  epoch: 1,
  definition: { name: 'diamond', revision: 1 },
  requestHash: 'h',
  input: { kind: 'inline', json: '{}' },
  createdAt: AT,
  startedAt: AT,
  expiresAt: 2_000_000_000,
  ...changes,
});

export const taskIn = (
  taskId: string,
  status: Task['status'],
  changes: Partial<Task> = {},
): Task => ({
  workflowId: 'w',
  taskId,
  status,
  epoch: 1,
  version: 3,
  attempt: 1,
  definition: { name: 'diamond', revision: 1 },
  workflowStartedAt: AT,
  expiresAt: 2_000_000_000,
  ...changes,
});
