/** Workflows wired in TypeScript: the types of a task's contract hold where its values go. */
import * as z from 'zod';
import type { Definition, Json, Retry, TaskDefinition, TriggerRule } from './definition.js';
import type { TaskContract } from './define-task.js';
import { withoutMarks } from './expression.js';
import { referTo, sourceOf, taskPath, type Ref, type Reference, type Wired } from './reference.js';
import { marked, templateOf } from './template.js';

export interface WorkflowOptions<Input extends z.ZodType> {
  readonly name: string;
  readonly description?: string;
  /** What a workflow is started with: checked before anything is written; anything without it. */
  readonly input?: Input;
  /** Once a task has failed nothing more is started; what runs may end. */
  readonly failFast?: boolean;
  readonly timeoutSeconds?: number;
}

/** A task of the workflow, for the tasks that come after it. */
export interface Task<Output> {
  readonly id: string;
  readonly output: Ref<Output>;
  readonly status: Ref<'SUCCEEDED' | 'FAILED' | 'SKIPPED' | 'CANCELLED'>;
  /** Missing unless it failed. */
  readonly error: Ref<{ type: string; message: string } | undefined>;
}

interface Rules {
  /** Besides the tasks that `input` and `when` take from. */
  readonly dependsOn?: readonly { readonly id: string }[];
  readonly triggerRule?: TriggerRule;
  /** The task is skipped when this gives false. A text is JSONata. */
  readonly when?: Reference<boolean> | string;
  readonly retry?: Retry;
  readonly onLostWorker?: 'rerun' | 'fail';
  readonly timeoutSeconds?: number;
  readonly continueOnFailure?: boolean;
}

/** Without `input` the function receives the workflow's, so that has to be what it takes. */
type TaskArguments<Input, WorkflowInput> = [WorkflowInput] extends [Input]
  ? [options?: Rules & { readonly input?: Wired<Input> }]
  : [options: Rules & { readonly input: Wired<Input> }];

export interface WorkflowParts<WorkflowInput> {
  /** As the workflow is started: defaults of the schema are not in it. */
  readonly input: Ref<WorkflowInput>;
  readonly workflow: { readonly id: Ref<string>; readonly tags: Ref<string[]> };
  /** Adds a task. */
  readonly task: <Input extends z.ZodType, Output extends z.ZodType>(
    id: string,
    contract: TaskContract<Input, Output>,
    ...options: TaskArguments<z.input<Input>, WorkflowInput>
  ) => Task<z.output<Output>>;
}

/**
 * A definition for `orchestra definitions push` or `PUT /definitions/{name}`. A task depends on those its `input` and
 * `when` take from, and on those in `dependsOn`.
 *
 * ```ts
 * export default defineWorkflow(
 *   { name: 'images', input: z.object({ url: z.url() }) },
 *   ({ input, task }) => {
 *     const small = task('small', resize, { input: { url: input.url } });
 *     task('publish', publish, { input: { width: small.output.width } });
 *   },
 * );
 * ```
 * @throws TypeError for an id that is taken, for a task of another workflow, and for what is no JSON
 */
export function defineWorkflow<Input extends z.ZodType = z.ZodUnknown>(
  { input, ...options }: WorkflowOptions<Input>,
  wire: (parts: WorkflowParts<z.input<Input>>) => void,
): Definition {
  const tasks = new Map<string, TaskDefinition>();
  const ofWorkflow = <T>(text: string) =>
    referTo<T>({ text: `workflow.${text}`, isAtom: true, tasks: new Set() });
  wire({
    input: ofWorkflow('input'),
    workflow: { id: ofWorkflow('id'), tags: ofWorkflow('tags') },
    task: (id, contract, ...[wiring]) => {
      if (tasks.has(id)) throw new TypeError(`there is a task "${id}" already`);
      tasks.set(id, taskOf(id, contract.function, wiring, tasks));
      return handleOf(id);
    },
  });
  return {
    ...options,
    ...(input === undefined ? {} : { inputSchema: jsonSchemaOf(input) }),
    tasks: [...tasks.values()],
  };
}

function taskOf(
  id: string,
  functionName: string,
  wiring: (Rules & { readonly input?: unknown }) | undefined,
  known: ReadonlyMap<string, unknown>,
): TaskDefinition {
  const { dependsOn = [], input, when, ...rules } = wiring ?? {};
  const taken = new Set(dependsOn.map((task) => task.id));
  const wired = {
    ...(when === undefined ? {} : { when: conditionOf(when, taken) }),
    ...(input === undefined ? {} : { input: templateOf(input, taken) }),
  };
  const stranger = [...taken].find((task) => !known.has(task));
  if (stranger !== undefined)
    throw new TypeError(`"${id}" takes from "${stranger}", which is no task of this workflow`);
  return {
    id,
    function: functionName,
    ...(taken.size === 0 ? {} : { dependsOn: [...taken] }),
    ...rules,
    ...wired,
  };
}

function conditionOf(when: Reference<boolean> | string, taken: Set<string>): string {
  const source = sourceOf(when);
  if (source !== undefined) return marked(source, taken);
  return `{% ${withoutMarks(when as string)} %}`;
}

function handleOf<Output>(id: string): Task<Output> {
  const part = <T>(name: string) =>
    referTo<T>({ text: `${taskPath(id)}.${name}`, isAtom: true, tasks: new Set([id]) });
  return { id, output: part('output'), status: part('status'), error: part('error') };
}

/** What a caller sends, before the schema's defaults; JSON alone, without zod's own extras. */
function jsonSchemaOf(input: z.ZodType): { readonly [name: string]: Json } {
  return JSON.parse(JSON.stringify(z.toJSONSchema(input, { io: 'input' }))) as {
    readonly [name: string]: Json;
  };
}
