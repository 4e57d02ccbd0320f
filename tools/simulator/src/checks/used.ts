/** What a run had of each feature, so that a campaign can show that it met all of them. */
import { isHeldOn } from './claims.js';
import { definitionOf, hasEnded, isMap, itemOf } from './oracle.js';
import type { Rules, TaskChange, WorkflowChange } from './view.js';

export const USES = [
  'map expanded',
  'map over nothing',
  'map succeeded',
  'map failed',
  'failure of an item tolerated',
  'item skipped',
  'wait over',
  'callback answered',
  'callback timed out',
  'heartbeat',
  'child begun',
  'child of a child',
  'child cancelled',
  'child redriven',
  'let in',
  'put off for a place',
  'hook run',
  'hook skipped',
  'paused',
  'resumed',
  'skipped by order',
  'output by order',
  'input by order',
  'started by a schedule',
] as const;
export type Use = (typeof USES)[number];

export class Used implements Rules {
  readonly counts = new Map<Use, number>();

  readonly task = (change: TaskChange): void => {
    for (const use of usesOfTask(change)) this.add(use);
  };

  readonly workflow = (change: WorkflowChange): void => {
    for (const use of usesOfWorkflow(change)) this.add(use);
  };

  private add(use: Use): void {
    this.counts.set(use, (this.counts.get(use) ?? 0) + 1);
  }
}

function usesOfTask(change: TaskChange): Use[] {
  const { before, after, graph } = change;
  const { taskId, status, reason } = after;
  const { wait, callback } = definitionOf(graph, taskId) ?? {};
  if (reason === 'OPERATOR') return [status === 'SKIPPED' ? 'skipped by order' : 'output by order'];
  if (isMap(graph, taskId)) return usesOfMap(change);
  if (isHeldOn(change)) return before?.suspendedAt && callback ? ['heartbeat'] : [];
  const isHook = graph.hooks.has(taskId);
  if (status === 'SKIPPED')
    return isHook ? ['hook skipped'] : itemOf(taskId) ? ['item skipped'] : [];
  if (status === 'RUNNING') return isHook ? ['hook run'] : [];
  if (status === 'READY')
    return before?.status === 'READY' && before.epoch === after.epoch
      ? ['put off for a place']
      : [];
  if (wait && status === 'SUCCEEDED') return ['wait over'];
  if (!callback || !before?.callback) return [];
  if (reason === 'TIMEOUT') return ['callback timed out'];
  return status === 'SUCCEEDED' || status === 'FAILED' ? ['callback answered'] : [];
}

function usesOfMap(change: TaskChange): Use[] {
  const { before, after, tasks } = change;
  if (isHeldOn(change)) return ['map expanded'];
  if (before?.status !== 'RUNNING') return [];
  if (after.status === 'FAILED' && before.suspendedAt) return ['map failed'];
  if (after.status !== 'SUCCEEDED') return [];
  if (!before.suspendedAt) return ['map over nothing'];
  const isBad = tasks().some(
    (task) =>
      itemOf(task.taskId)?.map === after.taskId &&
      task.epoch === after.epoch &&
      task.status === 'FAILED',
  );
  return isBad ? ['map succeeded', 'failure of an item tolerated'] : ['map succeeded'];
}

function usesOfWorkflow({ before, after }: WorkflowChange): Use[] {
  const { status, parent, depth = 0, tags = [], controls = [], redrives = [] } = after;
  if (!before)
    return [
      ...(parent ? (['child begun'] as const) : []),
      ...(depth > 1 ? (['child of a child'] as const) : []),
      ...(tags.some((tag) => tag.startsWith('schedule='))
        ? (['started by a schedule'] as const)
        : []),
    ];
  if (controls.length > (before.controls ?? []).length)
    return [controls.at(-1)?.kind === 'pause' ? 'paused' : 'resumed'];
  if (redrives.length > (before.redrives ?? []).length)
    return [
      ...(parent ? (['child redriven'] as const) : []),
      ...(redrives.at(-1)?.overrides?.some(({ kind }) => kind === 'input')
        ? (['input by order'] as const)
        : []),
    ];
  if (before.status === 'PENDING' && status === 'RUNNING') return ['let in'];
  return parent && status === 'CANCELLED' && !hasEnded(before) ? ['child cancelled'] : [];
}
