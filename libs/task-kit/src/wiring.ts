/** What can be said of a task when it is wired, and how that is written into its definition. */
import * as z from 'zod';
import type { TaskContract } from './define-task.js';
import type { Json, Retry, TaskDefinition, ToleratedFailures, TriggerRule } from './definition.js';
import { withoutMarks } from './expression.js';
import { referTo, sourceOf, taskPath, type Ref, type Reference, type Wired } from './reference.js';
import type { SubWorkflowContract } from './sub-workflow.js';
import { marked, templateOf } from './template.js';

/** What a task calls or runs. */
export type Contract<Input extends z.ZodType, Output extends z.ZodType> =
  TaskContract<Input, Output> | SubWorkflowContract<Input, Output>;

/** A task of the workflow, for the tasks that come after it. */
export interface Task<Output> {
  readonly id: string;
  readonly output: Ref<Output>;
  readonly status: Ref<'SUCCEEDED' | 'FAILED' | 'SKIPPED' | 'CANCELLED'>;
  /** Missing unless it failed. */
  readonly error: Ref<{ type: string; message: string } | undefined>;
}

/** Of any task. */
export interface Rules {
  /** Besides the tasks that `input` and `when` take from. */
  readonly dependsOn?: readonly { readonly id: string }[];
  readonly triggerRule?: TriggerRule;
  /** The task is skipped when this gives false. A text is JSONata. */
  readonly when?: Reference<boolean> | string;
  readonly continueOnFailure?: boolean;
}

/** Of the calls of a function; another workflow has none. */
export interface CallRules {
  readonly retry?: Retry;
  readonly onLostWorker?: 'rerun' | 'fail';
  readonly timeoutSeconds?: number;
}

/** Without `input` the function receives `Default`, so that has to be what it takes. */
export type WithInput<Options, Input, Default> = [Default] extends [Input]
  ? [options?: Options & { readonly input?: Wired<Input> }]
  : [options: Options & { readonly input: Wired<Input> }];

/** Made for each item. */
type OfItem<Item, Value> = (item: Ref<Item>, index: Ref<number>) => Value;

/** Without `input` an item's function receives `{ item }`. */
export type MapOptions<Item, Input> = Rules &
  CallRules & {
    /** What it runs over, in order. */
    readonly forEach: Reference<readonly Item[]> | readonly Item[];
    /** How many run at once; all of them without it. */
    readonly maxConcurrency?: number;
    /** What an item is called. */
    readonly label?: OfItem<Item, Reference<unknown> | string>;
  } & ([{ item: Item }] extends [Input]
    ? { readonly input?: OfItem<Item, Wired<Input>> }
    : { readonly input: OfItem<Item, Wired<Input>> });

export interface Tolerant {
  /** Items that may fail until the task itself does; of each of them the output is null. */
  readonly toleratedFailures: ToleratedFailures;
}

export type WaitOptions = Rules &
  ({ readonly seconds: number } | { readonly until: Wired<string> });

export type CallbackOptions<Output extends z.ZodType> = Rules & {
  /** Without an answer until then the task fails. */
  readonly timeoutSeconds: number;
  /** What an answer has to be; any JSON without it. */
  readonly output?: Output;
  /** What whoever answers is shown. */
  readonly input?: Wired<unknown>;
};

/** What a hook is told of the tasks. */
export interface Ending {
  readonly status: Ref<EndingInput<unknown>['status']>;
  readonly failedTasks: Ref<EndingInput<unknown>['failedTasks']>;
}

/** What a hook receives without an input of its own. */
interface EndingInput<WorkflowInput> {
  status: 'SUCCESS' | 'FAILED';
  failedTasks: { taskId: string; error?: { type: string; message: string } | undefined }[];
  input: WorkflowInput;
}

/** How the tasks ended is known to a hook alone. */
export type HookArguments<Input, WorkflowInput> = [EndingInput<WorkflowInput>] extends [Input]
  ? [options?: CallRules & { readonly input?: HookInput<Input> }]
  : [options: CallRules & { readonly input: HookInput<Input> }];
type HookInput<Input> = Wired<Input> | ((ending: Ending) => Wired<Input>);

const bare = <T>(text: string): Ref<T> => referTo<T>({ text, isAtom: true, tasks: new Set() });

export const ofWorkflow = <T>(name: string): Ref<T> => bare(`workflow.${name}`);

/** A concurrency key sees the input by itself. */
export const inputRef = <T>(): Ref<T> => bare('input');

export const ENDING: Ending = {
  status: ofWorkflow('status'),
  failedTasks: ofWorkflow('failedTasks'),
};

export function handleOf<Output>(id: string): Task<Output> {
  const part = <T>(name: string) =>
    referTo<T>({ text: `${taskPath(id)}.${name}`, isAtom: true, tasks: new Set([id]) });
  return { id, output: part('output'), status: part('status'), error: part('error') };
}

export const calls = (
  contract: Contract<z.ZodType, z.ZodType>,
): Pick<TaskDefinition, 'function'> | Pick<TaskDefinition, 'workflow'> =>
  'workflow' in contract ? { workflow: contract.workflow } : { function: contract.function };

/** What is wired as any value; everything that is not among these is copied as it is. */
type Wiring = Omit<Rules, 'when'> & {
  readonly when?: Rules['when'] | undefined;
  readonly input?: unknown;
};

/**
 * @param known the ids of the tasks before it
 * @throws TypeError for a task of another workflow, and for what is no JSON
 */
export function wiredTask(
  id: string,
  does: Partial<TaskDefinition>,
  { dependsOn = [], input, when, ...rules }: Wiring,
  known: ReadonlyMap<string, unknown>,
  taken = new Set<string>(),
): TaskDefinition {
  for (const task of dependsOn) taken.add(task.id);
  const wired = {
    ...(when === undefined ? {} : { when: conditionOf(when, taken) }),
    ...(input === undefined ? {} : { input: templateOf(input, taken) }),
  };
  const stranger = [...taken].find((task) => !known.has(task));
  if (stranger !== undefined)
    throw new TypeError(`"${id}" takes from "${stranger}", which is no task of this workflow`);
  return {
    id,
    ...does,
    ...(taken.size === 0 ? {} : { dependsOn: [...taken] }),
    ...rules,
    ...wired,
  };
}

/** Whatever its items are. */
export type MapWiring = Wiring & {
  readonly forEach: unknown;
  readonly label?: unknown;
};

/** What the items take is written in terms of `item` and `index`. */
export function wiredMap(
  id: string,
  contract: Contract<z.ZodType, z.ZodType>,
  { forEach, label, input, ...rules }: MapWiring,
  known: ReadonlyMap<string, unknown>,
): TaskDefinition {
  const taken = new Set<string>();
  const ofItem = (make: unknown) =>
    (make as OfItem<unknown, unknown> | undefined)?.(bare('item'), bare('index'));
  const does = {
    ...calls(contract),
    forEach: templateOf(forEach, taken, 'forEach') as string | readonly Json[],
    ...(label === undefined ? {} : { label: templateOf(ofItem(label), taken, 'label') as string }),
  };
  return wiredTask(id, does, { ...rules, input: ofItem(input) }, known, taken);
}

function conditionOf(when: Reference<boolean> | string, taken: Set<string>): string {
  const source = sourceOf(when);
  if (source !== undefined) return marked(source, taken);
  return `{% ${withoutMarks(when as string)} %}`;
}

/** What a caller sends, before the schema's defaults; JSON alone, without zod's own extras. */
export function jsonSchemaOf(schema: z.ZodType): { readonly [name: string]: Json } {
  return JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))) as {
    readonly [name: string]: Json;
  };
}
