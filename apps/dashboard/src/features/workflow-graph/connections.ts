/** Which tasks follow which: those that depend on others, and hooks, which follow the end of all tasks. Pure. */
import type { Task } from '@orchestra/api-contract';

export type ConnectedTask = Pick<Task, 'taskId' | 'dependsOn' | 'hook'>;

export interface Connection {
  readonly from: string;
  readonly to: string;
  /** It leads to a hook, which runs then. */
  readonly hook?: Task['hook'];
}

/** More lines into one hook would say nothing more. */
const LINES_INTO_A_HOOK = 25;

export function connectionsOf(tasks: readonly ConnectedTask[]): readonly Connection[] {
  const known = new Set(tasks.map(({ taskId }) => taskId));
  const edges = tasks.flatMap(({ taskId, dependsOn }) =>
    dependsOn.filter((id) => known.has(id)).map((from) => ({ from, to: taskId })),
  );
  const inner = new Set(edges.map(({ from }) => from));
  const ends = tasks.filter(({ taskId, hook }) => hook === undefined && !inner.has(taskId));
  const last = tasks.filter(({ hook }) => hook === 'finally');
  const others = tasks.filter(({ hook }) => hook !== undefined && hook !== 'finally');
  return [...edges, ...into(others, ends), ...into(last, others.length > 0 ? others : ends)];
}

const into = (
  hooks: readonly ConnectedTask[],
  before: readonly ConnectedTask[],
): readonly Connection[] =>
  hooks.flatMap(({ taskId, hook }) =>
    before
      .slice(0, LINES_INTO_A_HOOK)
      .map((task) => ({ from: task.taskId, to: taskId, ...(hook && { hook }) })),
  );
