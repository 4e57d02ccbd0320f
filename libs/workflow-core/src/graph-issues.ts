/** What is wrong with the edges of a definition: duplicates, tasks that do not exist, cycles, too many. Pure. */
import type { Issue } from './errors.js';
import { LIMITS } from './limits.js';

/** A task and where it stands in the definition. */
export interface PlacedTask {
  /** Such as `tasks[3]`. */
  readonly path: string;
  readonly task: { readonly id: string; readonly dependsOn?: readonly string[] | undefined };
}

/** @param otherIds of tasks that are there too, but do not read: depending on them is no issue of its own */
export function graphIssues(
  tasks: readonly PlacedTask[],
  otherIds: ReadonlySet<string> = new Set(),
): Issue[] {
  const placeOf = new Map<string, string>();
  const issues: Issue[] = [];
  for (const { path, task } of tasks) {
    const first = placeOf.get(task.id);
    if (first === undefined) placeOf.set(task.id, path);
    else
      issues.push({
        path: `${path}.id`,
        message: `the id "${task.id}" is taken by ${first}`,
      });
  }
  // Hooks run after all others: nothing can depend on one.
  const exists = (id: string) => placeOf.get(id)?.startsWith('tasks[') || otherIds.has(id);
  issues.push(...tasks.flatMap((task) => edgeIssues(task, exists)));
  const edges = tasks.reduce((sum, { task }) => sum + (task.dependsOn?.length ?? 0), 0);
  if (edges > LIMITS.edgesPerWorkflow)
    issues.push({
      path: 'tasks',
      message: `${edges} edges are above the limit of ${LIMITS.edgesPerWorkflow}`,
    });
  for (const cycle of cyclesOf(tasks))
    issues.push({
      path: `${placeOf.get(cycle[0] as string)}.dependsOn`,
      message: `cycle: ${[...cycle, cycle[0]].join(' -> ')}`,
    });
  return issues;
}

function edgeIssues(
  { task, path: place }: PlacedTask,
  exists: (id: string) => boolean | undefined,
): Issue[] {
  const seen = new Set<string>();
  return (task.dependsOn ?? []).flatMap((upstream, position) => {
    const path = `${place}.dependsOn[${position}]`;
    if (!exists(upstream)) return [{ path, message: `there is no task "${upstream}"` }];
    if (seen.has(upstream)) return [{ path, message: `"${upstream}" stands here twice` }];
    seen.add(upstream);
    return [];
  });
}

/** One cycle through each tangle of tasks that depend on each other, its members in the order of their edges. */
function cyclesOf(tasks: readonly PlacedTask[]): string[][] {
  const upstream = new Map(tasks.map(({ task }) => [task.id, task.dependsOn ?? []]));
  const cycles: string[][] = [];
  const done = new Set<string>();
  for (const start of upstream.keys()) {
    const cycle = walkUp(upstream, start, done);
    if (cycle) cycles.push(cycle);
  }
  return cycles;
}

/** The first cycle met on the way up from `start`; what the walk has seen is `done`, so that no cycle is met again. */
function walkUp(
  upstream: ReadonlyMap<string, readonly string[]>,
  start: string,
  done: Set<string>,
): string[] | undefined {
  const path: string[] = [];
  const onPath = new Map<string, number>();
  const stack = [{ id: start, next: 0 }];
  let cycle: string[] | undefined;
  while (stack.length > 0) {
    const frame = stack.at(-1) as { id: string; next: number };
    if (frame.next === 0) {
      if (done.has(frame.id)) {
        stack.pop();
        continue;
      }
      onPath.set(frame.id, path.length);
      path.push(frame.id);
    }
    const into = upstream.get(frame.id)?.[frame.next];
    frame.next += 1;
    if (into === undefined) {
      done.add(frame.id);
      onPath.delete(frame.id);
      path.pop();
      stack.pop();
    } else if (onPath.has(into)) cycle ??= path.slice(onPath.get(into)).reverse();
    else if (upstream.has(into) && !done.has(into)) stack.push({ id: into, next: 0 });
  }
  return cycle;
}
