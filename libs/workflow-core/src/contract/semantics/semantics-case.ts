/**
 * How failures, skips and rules settle, as a table that any engine of ours has to meet: the planner alone, and the whole
 * product. Facts come from the tests and documents of Airflow, Argo Workflows and Step Functions, said in our words; where
 * these differ from each other the row says what Orchestra chooses.
 */
import type { Definition, TaskDefinition } from '../../definition.js';
import { parseDefinition } from '../../parse-definition.js';
import type { SkipReason } from '../../workflow.js';

/** How a task ends: SKIPPED as its reason. */
export type Ending = 'SUCCEEDED' | 'FAILED' | SkipReason;

export interface SemanticsCase {
  /** Whose rule it is. */
  readonly engine: 'Airflow' | 'Argo' | 'Step Functions' | 'Orchestra';
  readonly title: string;
  readonly failFast?: true;
  readonly tasks: readonly Omit<TaskDefinition, 'function'>[];
  /** How many of a task's first attempts fail. */
  readonly failAttempts?: Readonly<Record<string, number>>;
  /** Of the workflow, for what its conditions ask. */
  readonly input?: Readonly<Record<string, string | number>>;
  /** How many attempts a task takes, where that is more than the one of those that run and the none of those that do not. */
  readonly attempts?: Readonly<Record<string, number>>;
  readonly ends: 'SUCCESS' | 'FAILED';
  readonly tasksEnd: Readonly<Record<string, Ending>>;
}

/** More attempts than any task has. */
export const ALWAYS = 99;

/** A task named after those it depends on. */
export const task = (
  id: string,
  dependsOn: readonly string[] = [],
  more: Omit<Partial<TaskDefinition>, 'id' | 'dependsOn'> = {},
): SemanticsCase['tasks'][number] => ({ id, dependsOn: [...dependsOn], ...more });

/** @param functionName one that fails as `failAttempts` of its workflow's input says */
export const definitionOf = (
  name: string,
  { failFast, tasks }: Pick<SemanticsCase, 'failFast' | 'tasks'>,
  functionName: string,
): Definition =>
  parseDefinition({
    name,
    ...(failFast ? { failFast } : {}),
    tasks: tasks.map((each) => ({ ...each, function: functionName })),
  });
