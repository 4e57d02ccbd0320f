/** Tasks and their places as what React Flow draws. */
import { Position as Side, type Edge, type Node } from '@xyflow/react';
import type { Task, TaskStatus } from '@orchestra/api-contract';
import { HOOK_TEXT, isWaiting } from '../status/kind.js';
import { TASK_LOOK } from '../status/status-look.js';
import type { MapProgress } from '../workflow/map-progress.js';
import { connectionsOf } from './connections.js';
import { NODE_SIZE, type Direction, type Position } from './layout.js';

export type TaskNodeType = Node<
  { task: Task; direction: Direction; progress: MapProgress | undefined },
  'task'
>;

/** How far an edge has come; `flowing` is what moves. */
export type EdgeState = 'waiting' | 'flowing' | 'done' | 'broken';

export function taskNodes(
  tasks: readonly Task[],
  places: ReadonlyMap<string, Position>,
  direction: Direction,
  selectedId: string | undefined,
  progress: ReadonlyMap<string, MapProgress> = new Map(),
): TaskNodeType[] {
  const right = direction === 'right';
  return tasks.map((task) => ({
    id: task.taskId,
    type: 'task',
    position: places.get(task.taskId) ?? { x: 0, y: 0 },
    ...NODE_SIZE[direction],
    sourcePosition: right ? Side.Right : Side.Bottom,
    targetPosition: right ? Side.Left : Side.Top,
    selected: isSelected(task, selectedId),
    data: { task, direction, progress: progress.get(task.taskId) },
    ariaRole: 'button',
    ariaLabel: ['Task ' + task.taskId, statusText(task), itemsText(progress.get(task.taskId))]
      .filter((part) => part !== undefined)
      .join(', '),
    domAttributes: {
      'aria-roledescription': 'task',
      'aria-pressed': isSelected(task, selectedId),
    },
  }));
}

/** With an item of a map its map is. */
const isSelected = ({ taskId, forEach }: Task, selectedId: string | undefined): boolean =>
  taskId === selectedId || (forEach === true && selectedId?.startsWith(`${taskId}[`) === true);

export const statusText = (task: Task): string =>
  isWaiting(task) ? 'Waiting' : TASK_LOOK[task.status].label;

const itemsText = (progress: MapProgress | undefined): string | undefined =>
  progress &&
  (progress.ended === undefined
    ? progressText(progress)
    : `${progress.ended} of ${progress.count} items`);

/** `3/10`. */
export const progressText = ({ ended, count }: MapProgress): string =>
  ended === undefined ? `${count} items` : `${ended}/${count}`;

export function taskEdges(tasks: readonly Task[]): Edge[] {
  const statuses = new Map(tasks.map(({ taskId, status }) => [taskId, status]));
  const labelled = new Set<string>();
  return connectionsOf(tasks).map(({ from, to, hook }) => {
    const state = edgeState(statuses.get(from), statuses.get(to) ?? 'PENDING');
    const isFirst = hook !== undefined && !labelled.has(to);
    labelled.add(to);
    return {
      id: `${from}->${to}`,
      source: from,
      target: to,
      className: hook ? `${state} hook` : state,
      ...(isFirst && { label: HOOK_TEXT[hook] }),
      animated: state === 'flowing',
      focusable: false,
      selectable: false,
    };
  });
}

export function edgeState(source: TaskStatus | undefined, target: TaskStatus): EdgeState {
  if (target === 'RUNNING' || target === 'READY') return 'flowing';
  if (target === 'SKIPPED' || target === 'CANCELLED') return 'broken';
  if (target === 'PENDING') return source === 'SUCCEEDED' ? 'done' : 'waiting';
  return 'done';
}
