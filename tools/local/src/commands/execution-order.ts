/** What the times of a finished workflow say about the order its tasks ran in. Pure. */
import type { Task } from '@orchestra/api-contract';

type Timed = Pick<Task, 'taskId' | 'dependsOn' | 'startedAt' | 'endedAt'>;

/** One line for each task that began before something it depends on had ended. */
export function orderBreaches(tasks: readonly Timed[]): readonly string[] {
  const byId = new Map(tasks.map((task) => [task.taskId, task]));
  return tasks.flatMap((task) =>
    task.dependsOn.flatMap((upstreamId) => {
      const ended = byId.get(upstreamId)?.endedAt;
      // ISO times of one zone and precision compare as text.
      const holds = ended !== undefined && task.startedAt !== undefined && ended <= task.startedAt;
      return holds
        ? []
        : [`${task.taskId} began at ${task.startedAt}, ${upstreamId} ended at ${ended}`];
    }),
  );
}

/** `A < B1, B2, B3 < C`: the tasks by their distance from the start. */
export function orderLine(tasks: readonly Timed[]): string {
  const byId = new Map(tasks.map((task) => [task.taskId, task]));
  const depths = new Map<string, number>();
  const depthOf = (task: Timed): number => {
    const known = depths.get(task.taskId);
    if (known !== undefined) return known;
    const upstream = task.dependsOn.flatMap((id) => byId.get(id) ?? []);
    const depth = Math.max(0, ...upstream.map((one) => depthOf(one) + 1));
    depths.set(task.taskId, depth);
    return depth;
  };
  const levels: string[][] = [];
  for (const task of tasks) (levels[depthOf(task)] ??= []).push(task.taskId);
  return levels.map((level) => level.join(', ')).join(' < ');
}
