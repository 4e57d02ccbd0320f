/** `orchestra tasks`: the tasks of a workflow, or the items of one of its maps. */
import type { Task, TaskStatus } from '@orchestra/api-contract';
import { LIMITS } from '@orchestra/workflow-core';
import { print, type CommonOptions } from './commands.js';
import { EXIT, type ExitCode } from './exit-code.js';
import type { System } from './system.js';
import { itemTable, taskTable } from './tables.js';
import { findApi } from './target.js';

export interface TasksOptions extends CommonOptions {
  /** The items of this map. */
  readonly map?: string;
  readonly status?: TaskStatus;
  /** How many at most. */
  readonly limit: number;
  readonly all?: boolean;
}

export async function tasks(
  workflowId: string,
  options: TasksOptions,
  system: System,
): Promise<ExitCode> {
  const api = await findApi(options, system);
  const { map, status } = options;
  const wanted = options.all ? Infinity : options.limit;
  const found: Task[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(wanted - found.length, LIMITS.taskPageSize.max);
    const page = await api.listTasks({ workflowId, map, status, limit, cursor });
    found.push(...page.tasks);
    cursor = page.nextCursor;
  } while (cursor !== undefined && found.length < wanted);
  const more = cursor !== undefined;
  const lines = map === undefined ? taskTable : itemTable;
  print(options, system, { tasks: found, more }, () => [
    ...(found.length === 0 ? [`no ${map === undefined ? 'tasks' : 'items'}`] : lines(found)),
    ...(more ? ['there are more: --limit or --all shows them'] : []),
  ]);
  return EXIT.done;
}
