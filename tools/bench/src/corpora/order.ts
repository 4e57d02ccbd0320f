/**
 * Whether a workflow ran as its graph says, by the tasks' own account: each exactly once, and along each edge the one
 * below began after the one above had ended. Pure.
 */
import type { Definition } from '@orchestra/workflow-core';

/** One line of the tasks' ledger: an execution that began. */
export interface Execution {
  readonly taskId: string;
  readonly attempt: number;
  /** ISO 8601 UTC with milliseconds. */
  readonly at: string;
}

export interface Account {
  readonly edgesChecked: number;
  /** What does not hold, in words. */
  readonly breaches: readonly string[];
}

/**
 * @param executions in the order in which they were noted
 * @param endedAt ISO 8601, by task: when its outcome was there
 */
export function account(
  { tasks }: Pick<Definition, 'tasks'>,
  executions: readonly Execution[],
  endedAt: ReadonlyMap<string, string>,
): Account {
  const places = new Map<string, number>();
  const breaches: string[] = [];
  const known = new Set(tasks.map(({ id }) => id));
  executions.forEach(({ taskId, attempt }, place) => {
    if (!known.has(taskId)) breaches.push(`${taskId} ran and is no task`);
    if (places.has(taskId) || attempt !== 1) breaches.push(`${taskId} ran again`);
    else places.set(taskId, place);
  });
  for (const { id } of tasks) if (!places.has(id)) breaches.push(`${id} never ran`);
  let edgesChecked = 0;
  for (const { id, dependsOn = [] } of tasks)
    for (const upstream of dependsOn) {
      edgesChecked += 1;
      if (!isInOrder(upstream, id)) breaches.push(`${id} began before ${upstream} had ended`);
    }
  return { edgesChecked, breaches };

  function isInOrder(upstream: string, downstream: string): boolean {
    const [above, below] = [places.get(upstream), places.get(downstream)];
    if (above === undefined || below === undefined) return false;
    const ended = endedAt.get(upstream);
    const began = executions[below]?.at;
    return above < below && ended !== undefined && began !== undefined && ended <= began;
  }
}
