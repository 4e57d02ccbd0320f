/** What a task does, and which of its fields go together. Pure. */
import type { Definition, TaskDefinition } from './definition.js';
import type { Issue } from './errors.js';
import { LIMITS } from './limits.js';

export const TASK_KINDS = ['function', 'wait', 'callback', 'workflow'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

export const kindOf = (task: Pick<TaskDefinition, TaskKind>): TaskKind =>
  TASK_KINDS.find((kind) => task[kind] !== undefined) ?? 'function';

/** A task or hook and where it stands in the definition, such as `tasks[3]`. */
export interface PlacedTask {
  readonly path: string;
  readonly task: TaskDefinition;
}

export const placedTasks = ({
  tasks,
  onSuccess = [],
  onFailure = [],
  finally: last = [],
}: Pick<Definition, 'tasks' | 'onSuccess' | 'onFailure' | 'finally'>): readonly PlacedTask[] =>
  Object.entries({ tasks, onSuccess, onFailure, finally: last }).flatMap(([name, list]) =>
    list.map((task, index) => ({ path: `${name}[${index}]`, task })),
  );

/** Fields that mean nothing without another. */
const ONLY_WITH = {
  retry: 'function',
  onLostWorker: 'function',
  timeoutSeconds: 'function',
  maxConcurrency: 'forEach',
  toleratedFailures: 'forEach',
  label: 'forEach',
} as const satisfies Partial<Record<keyof TaskDefinition, keyof TaskDefinition>>;

const LISTED_KINDS = '"function", "wait", "callback" and "workflow"';

/** @param timeoutSeconds of the workflow */
export function taskKindIssues(
  tasks: readonly PlacedTask[],
  timeoutSeconds: number = LIMITS.workflowTimeoutSeconds.default,
): Issue[] {
  return tasks.flatMap(({ path, task }) => [
    ...kindIssues(path, task),
    ...companionIssues(path, task),
    ...durationIssues(path, task, timeoutSeconds),
  ]);
}

function kindIssues(path: string, task: TaskDefinition): Issue[] {
  const given = TASK_KINDS.filter((kind) => task[kind] !== undefined);
  if (given.length === 1) return [];
  const has = given.length === 0 ? 'none' : given.join(' and ');
  return [{ path, message: `must have one of ${LISTED_KINDS}, and has ${has}` }];
}

function companionIssues(path: string, task: TaskDefinition): Issue[] {
  const lonely = Object.entries(ONLY_WITH).filter(
    ([field, other]) =>
      task[field as keyof typeof ONLY_WITH] !== undefined && task[other] === undefined,
  );
  const issues = lonely.map(([field, other]) => ({
    path: `${path}.${field}`,
    message: `is only for a task with "${other}"`,
  }));
  if (task.wait && task.input !== undefined)
    issues.push({ path: `${path}.input`, message: 'is not for a task that only waits' });
  return issues;
}

/** What would still wait when the workflow is over. */
function durationIssues(path: string, { wait, callback }: TaskDefinition, most: number): Issue[] {
  const given = [
    ...(wait && 'seconds' in wait ? [[`${path}.wait.seconds`, wait.seconds] as const] : []),
    ...(callback ? [[`${path}.callback.timeoutSeconds`, callback.timeoutSeconds] as const] : []),
  ];
  return given
    .filter(([, seconds]) => seconds >= most)
    .map(([place, seconds]) => ({
      path: place,
      message: `${seconds} s do not end before the workflow's timeoutSeconds, ${most} s`,
    }));
}
