/** What a task does, in words. */
import type { Task } from '@orchestra/api-contract';

export type DoingTask = Pick<Task, 'kind' | 'function' | 'forEach' | 'items'>;

export function whatItDoes(task: DoingTask): string {
  const { forEach, items } = task;
  if (!forEach) return doing(task);
  return `${doing(task)} for each of ${items ? `${items.count} items` : 'its items'}`;
}

function doing({ kind, function: name }: DoingTask): string {
  switch (kind) {
    case 'function':
      return `Calls ${name}`;
    case 'wait':
      return 'Waits';
    case 'callback':
      return 'Waits for an answer';
    case 'workflow':
      return 'Runs another workflow';
  }
}

export const HOOK_TEXT: Record<NonNullable<Task['hook']>, string> = {
  onSuccess: 'on success',
  onFailure: 'on failure',
  finally: 'finally',
};

/** Nothing runs, and that is as it should be. */
export const isWaiting = ({ kind, forEach, suspendedAt }: Task): boolean =>
  suspendedAt !== undefined && !forEach && (kind === 'wait' || kind === 'callback');
