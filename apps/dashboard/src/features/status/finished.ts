import type { TaskStatus, WorkflowStatus } from '@orchestra/api-contract';

/** A record, not a list: a status that is new in the contract does not compile until it is decided here. */
const WORKFLOW_IS_FINISHED: Record<WorkflowStatus, boolean> = {
  PENDING: false,
  RUNNING: false,
  SUCCESS: true,
  FAILED: true,
  CANCELLED: true,
};

const TASK_IS_FINISHED: Record<TaskStatus, boolean> = {
  PENDING: false,
  READY: false,
  RUNNING: false,
  SUCCEEDED: true,
  FAILED: true,
  SKIPPED: true,
  CANCELLED: true,
};

export const isFinishedWorkflow = (status: WorkflowStatus): boolean => WORKFLOW_IS_FINISHED[status];
export const isFinishedTask = (status: TaskStatus): boolean => TASK_IS_FINISHED[status];
