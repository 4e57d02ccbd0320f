/** A child that goes on because its parent was redriven. Pure. */
import type { Graph } from '../definition.js';
import { isSettled } from '../duties.js';
import { deadlineOf, everyItemOf, selectedTasks } from '../epochs.js';
import { LIMITS } from '../limits.js';
import { parseItemId } from '../map-items.js';
import type { RedriveTransition } from '../repository.js';
import type { Parent, Redrive, Workflow } from '../workflow.js';
import type { Beginning } from './new-workflow.js';

export const isSameEpoch = (a: Parent | undefined, b: Parent): boolean =>
  a?.workflowId === b.workflowId && a.taskId === b.taskId && a.epoch === b.epoch;

/** Whether an operator has ordered the task to run again since an epoch: then nothing of what it did before goes on. */
export function wasSelectedSince(
  graph: Graph,
  { redrives = [] }: Pick<Workflow, 'redrives'>,
  { taskId, epoch: since }: Pick<Parent, 'taskId' | 'epoch'>,
): boolean {
  const item = parseItemId(taskId);
  const names = item ? [taskId, everyItemOf(item.taskId)] : [taskId];
  return redrives.some(({ epoch, selection }) => {
    if (epoch <= since) return false;
    const selected = selectedTasks(graph, selection);
    return names.some((name) => selected.has(name));
  });
}

/**
 * The order by which a child that ended badly goes on, for its parent's present epoch; undefined when it cannot, and another
 * has to take its place: it ended well, is not settled, was redriven too often, or would expire before its deadline.
 */
export function childRedrive(
  child: Workflow,
  graph: Graph,
  parent: Parent,
  { now, firstCheckMs }: Beginning,
): RedriveTransition | undefined {
  const { status, epoch, definition, redrives = [], endedAt, endedBy, reason, note, who } = child;
  if (status !== 'FAILED' && status !== 'CANCELLED') return undefined;
  if (!isSettled(child) || redrives.length >= LIMITS.redrives) return undefined;
  const end = { endedAt, endedBy, reason, note, who };
  const redrive: Redrive = {
    epoch: epoch + 1,
    at: new Date(now).toISOString(),
    token: `epoch ${parent.epoch} of its parent`,
    selection: { kind: 'unfinished' },
    fromRevision: definition.revision,
    from: { status, ...withoutAbsent(end) },
  };
  const deadline = deadlineOf(graph.definition, { ...child, redrives: [...redrives, redrive] });
  if (deadline > child.expiresAt * 1000) return undefined;
  const nextCheckAt = new Date(Math.min(now + firstCheckMs, deadline)).toISOString();
  return { kind: 'redrive', workflow: child, definition, redrive, nextCheckAt, parent };
}

const withoutAbsent = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
