/** What a task does or waits for while it runs, and why an item of a map has not begun. Pure. */
import type { Graph } from './definition.js';
import type { Why } from './explanation.js';
import { parseItemId } from './map-items.js';
import { hasFailedFast } from './planner.js';
import { isTerminalTask } from './state-machines.js';
import { factsOf } from './sweep.js';
import type { Task } from './workflow.js';

/** @param present all items of the workflow that count */
export function whyRunning(task: Task, present: readonly Task[]): Why {
  const { attempt, startedAt, leaseUntil, suspendedAt } = task;
  if (suspendedAt !== undefined) return whySuspended(task, present);
  const text = `Attempt ${attempt} runs since ${startedAt}; its lease ends at ${leaseUntil}.`;
  return { code: 'RUNS', text, ...(leaseUntil === undefined ? {} : { until: leaseUntil }) };
}

function whySuspended(task: Task, present: readonly Task[]): Why {
  const { wakeAt: until, callback, child, items } = task;
  if (callback)
    return {
      code: 'WAITS_FOR_ANSWER',
      text: `It waits for an answer to its callback since ${callback.openedAt}; without one it fails at ${until}.`,
      ...(until === undefined ? {} : { until }),
    };
  if (until !== undefined)
    return { code: 'WAITS_UNTIL', text: `It waits until ${until}; nothing runs meanwhile.`, until };
  if (items) return whyItemsRun(task, items.count, present);
  return { code: 'WAITS_FOR_CHILD', text: `It waits for its sub-workflow ${child} to end.` };
}

function whyItemsRun({ taskId }: Task, count: number, present: readonly Task[]): Why {
  const ended = itemsOf(taskId, present).filter(({ status }) => isTerminalTask(status));
  const failed = ended.flatMap((item) => (item.status === 'FAILED' ? item.taskId : []));
  const text = [
    `${ended.length} of its ${count} items have ended`,
    ...(failed.length > 0 ? [`; ${listed(failed)} failed`] : []),
    '.',
  ];
  return { code: 'RUNS_ITEMS', text: text.join(''), because: failed };
}

/** @param map runs its items, of which this one has not begun */
export function whyItemWaits(
  graph: Graph,
  map: Task,
  present: readonly Task[],
  itemId: string,
): Why {
  const items = itemsOf(map.taskId, present);
  const active = items.filter(({ status }) => !isTerminalTask(status)).map(({ taskId }) => taskId);
  const { maxConcurrency = Infinity } = graph.tasks.get(map.taskId) ?? {};
  if (hasFailedFast({ graph, facts: factsOf(present) }))
    return {
      code: 'ABOUT_TO_BE_DECIDED',
      text: 'A task has failed, and the definition fails fast: it is skipped any moment.',
    };
  if (active.length < maxConcurrency)
    return {
      code: 'ABOUT_TO_BE_DECIDED',
      text: 'There is room for it: it becomes READY in its turn, any moment.',
    };
  return {
    code: 'WAITS_FOR_ITEMS',
    text: `At most ${maxConcurrency} items of ${map.taskId} run at once, in their order: ${itemId} waits for ${listed(active)}.`,
    because: active,
  };
}

const itemsOf = (mapId: string, tasks: readonly Task[]): readonly Task[] =>
  tasks.filter(({ taskId }) => parseItemId(taskId)?.taskId === mapId);

const SHOWN = 5;

export function listed(ids: readonly string[]): string {
  const shown = ids.slice(0, SHOWN).join(', ');
  return ids.length > SHOWN ? `${shown} and ${ids.length - SHOWN} more` : shown;
}
