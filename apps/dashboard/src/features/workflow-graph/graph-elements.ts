/** Tasks and their places as what React Flow draws. */
import { Position as Side, type Edge, type Node } from '@xyflow/react';
import type { Task, TaskStatus } from '@orchestra/api-contract';
import { TASK_LOOK } from '../status/status-look.js';
import { NODE_SIZE, type Direction, type Position } from './layout.js';

export type TaskNodeType = Node<{ task: Task; direction: Direction }, 'task'>;

/** How far an edge has come; `flowing` is what moves. */
export type EdgeState = 'waiting' | 'flowing' | 'done' | 'broken';

export function taskNodes(
  tasks: readonly Task[],
  places: ReadonlyMap<string, Position>,
  direction: Direction,
  selectedId: string | undefined,
): TaskNodeType[] {
  const right = direction === 'right';
  return tasks.map((task) => ({
    id: task.taskId,
    type: 'task',
    position: places.get(task.taskId) ?? { x: 0, y: 0 },
    ...NODE_SIZE[direction],
    sourcePosition: right ? Side.Right : Side.Bottom,
    targetPosition: right ? Side.Left : Side.Top,
    selected: task.taskId === selectedId,
    data: { task, direction },
    ariaRole: 'button',
    ariaLabel: `Task ${task.taskId}, ${TASK_LOOK[task.status].label}`,
    domAttributes: { 'aria-roledescription': 'task', 'aria-pressed': task.taskId === selectedId },
  }));
}

export function taskEdges(tasks: readonly Task[]): Edge[] {
  const statuses = new Map(tasks.map(({ taskId, status }) => [taskId, status]));
  return tasks.flatMap(({ taskId, dependsOn, status }) =>
    dependsOn.map((upstream) => {
      const state = edgeState(statuses.get(upstream), status);
      return {
        id: `${upstream}->${taskId}`,
        source: upstream,
        target: taskId,
        className: state,
        animated: state === 'flowing',
        focusable: false,
        selectable: false,
      };
    }),
  );
}

export function edgeState(source: TaskStatus | undefined, target: TaskStatus): EdgeState {
  if (target === 'RUNNING' || target === 'READY') return 'flowing';
  if (target === 'SKIPPED' || target === 'CANCELLED') return 'broken';
  if (target === 'PENDING') return source === 'SUCCEEDED' ? 'done' : 'waiting';
  return 'done';
}
