/** What a task does, in a word or two. Pure. */
import type { Task } from '@orchestra/api-contract';
import { HOOKS, kindOf, type Definition, type TaskDefinition } from '@orchestra/workflow-core';
import type { MapProgress } from './map-progress.js';

/** `A`, `wait`, `onFailure: A`; of a map `A 3/10`, `A x10` or, before it has a list, `A forEach`. */
export function doesText(
  { kind, function: name, hook, forEach, items }: Task,
  progress?: MapProgress,
): string {
  const does = `${hook ? `${hook}: ` : ''}${name ?? kind}`;
  if (!forEach) return does;
  if (progress) return `${does} ${progress.ended}/${progress.count}`;
  return `${does} ${items ? `x${items.count}` : 'forEach'}`;
}

/** The tasks of a definition with their hooks, each with what it does. */
export function definedTasks(definition: Definition): (readonly [TaskDefinition, string])[] {
  const hooks = HOOKS.flatMap((hook) =>
    (definition[hook] ?? []).map((task) => [task, `${hook}: ${nameOf(task)}`] as const),
  );
  const tasks = definition.tasks.map(
    (task) => [task, `${nameOf(task)}${task.forEach === undefined ? '' : ' forEach'}`] as const,
  );
  return [...tasks, ...hooks];
}

const nameOf = (task: TaskDefinition): string =>
  task.function ?? (task.workflow ? `workflow ${task.workflow.name}` : kindOf(task));
