/** A task that waits for an answer. Pure. */
import { callbackToken } from './callback-token.js';
import type { Callback, Task } from './workflow.js';

export type OpenCallback = Task & { readonly callback: Callback; readonly wakeAt: string };

/** Whether an answer to it still counts, as far as its item tells; it does until its deadline. */
export const isOpenCallback = (task: Task): task is OpenCallback =>
  task.status === 'RUNNING' &&
  task.suspendedAt !== undefined &&
  task.callback !== undefined &&
  task.wakeAt !== undefined;

export const tokenOf = ({ workflowId, taskId, callback: { secret } }: OpenCallback): string =>
  callbackToken({ workflowId, taskId, secret });

/** The order in which they are listed: the oldest first. */
export const callbackKey = ({ callback, workflowId, taskId }: OpenCallback): string =>
  `${callback.openedAt}#${workflowId}#${taskId}`;
