/** Workflows wired in TypeScript: the types of a task's contract hold where its values go. */
import type * as z from 'zod';
import type { Definition, HookDefinition, TaskDefinition } from './definition.js';
import { sourceOf, type Ref, type Reference } from './reference.js';
import { marked, templateOf } from './template.js';
import {
  ENDING,
  calls,
  handleOf,
  inputRef,
  jsonSchemaOf,
  ofWorkflow,
  wiredMap,
  wiredTask,
  type CallRules,
  type CallbackOptions,
  type Contract,
  type HookArguments,
  type MapOptions,
  type MapWiring,
  type Rules,
  type Task,
  type Tolerant,
  type WaitOptions,
  type WithInput,
} from './wiring.js';

export type { Ending, Task } from './wiring.js';

export interface WorkflowOptions<Input extends z.ZodType> {
  readonly name: string;
  readonly description?: string;
  /** What a workflow is started with: checked before anything is written; anything without it. */
  readonly input?: Input;
  /** Once a task has failed nothing more is started; what runs may end. */
  readonly failFast?: boolean;
  readonly timeoutSeconds?: number;
  /** So many run at once, for each key; the others wait in the order they came. */
  readonly concurrency?: {
    readonly limit: number;
    readonly key?: (input: Ref<z.input<Input>>) => Reference<string | number>;
  };
}

type AddTask<WorkflowInput> = <Input extends z.ZodType, Output extends z.ZodType>(
  id: string,
  contract: Contract<Input, Output>,
  ...options: WithInput<Rules & CallRules, z.input<Input>, WorkflowInput>
) => Task<z.output<Output>>;

interface AddMap {
  <Item, Input extends z.ZodType, Output extends z.ZodType>(
    id: string,
    contract: Contract<Input, Output>,
    options: MapOptions<Item, z.input<Input>> & Tolerant,
  ): Task<(z.output<Output> | null)[]>;
  <Item, Input extends z.ZodType, Output extends z.ZodType>(
    id: string,
    contract: Contract<Input, Output>,
    options: MapOptions<Item, z.input<Input>>,
  ): Task<z.output<Output>[]>;
}

type AddHook<WorkflowInput> = <Input extends z.ZodType, Output extends z.ZodType>(
  id: string,
  contract: Contract<Input, Output>,
  ...options: HookArguments<z.input<Input>, WorkflowInput>
) => void;

export interface WorkflowParts<WorkflowInput> {
  /** As the workflow is started: defaults of the schema are not in it. */
  readonly input: Ref<WorkflowInput>;
  readonly workflow: { readonly id: Ref<string>; readonly tags: Ref<string[]> };
  /** Adds a task. */
  readonly task: AddTask<WorkflowInput>;
  /** Adds a task that runs once for each item of a list; its output is the list of theirs, in the same order. */
  readonly map: AddMap;
  /** Adds a task that only lets time pass. */
  readonly wait: (id: string, options: WaitOptions) => Task<{ until: string }>;
  /** Adds a task that waits for an answer, which is its output. */
  readonly callback: <Output extends z.ZodType = z.ZodUnknown>(
    id: string,
    options: CallbackOptions<Output>,
  ) => Task<z.output<Output>>;
  /** Adds what runs once all tasks have ended and none has failed; no task comes after it. */
  readonly onSuccess: AddHook<WorkflowInput>;
  /** ... and one has failed. */
  readonly onFailure: AddHook<WorkflowInput>;
  /** Adds what runs after those, however the tasks ended. */
  readonly finally: AddHook<WorkflowInput>;
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
  { input, concurrency, ...options }: WorkflowOptions<Input>,
  wire: (parts: WorkflowParts<z.input<Input>>) => void,
): Definition {
  const { parts, added } = collecting<z.input<Input>>();
  wire(parts);
  return {
    ...options,
    ...(input === undefined ? {} : { inputSchema: jsonSchemaOf(input) }),
    ...(concurrency && { concurrency: concurrencyOf(concurrency) }),
    ...added(),
  };
}

type Hooks = Pick<Definition, 'onSuccess' | 'onFailure' | 'finally'>;

/** Parts that note what they are told to add. */
function collecting<WorkflowInput>(): {
  readonly parts: WorkflowParts<WorkflowInput>;
  readonly added: () => Pick<Definition, 'tasks'> & Hooks;
} {
  const tasks = new Map<string, TaskDefinition>();
  const hooks = new Map<keyof Hooks, HookDefinition[]>();
  const ids = new Set<string>();
  const take = (id: string) => {
    if (ids.has(id)) throw new TypeError(`there is a task "${id}" already`);
    ids.add(id);
  };
  const add = <Output>(id: string, make: () => TaskDefinition): Task<Output> => {
    take(id);
    tasks.set(id, make());
    return handleOf(id);
  };
  const hook =
    (when: keyof Hooks): AddHook<WorkflowInput> =>
    (id, contract, ...[wiring]) => {
      take(id);
      const { input, ...rules } = wiring ?? {};
      const given: unknown = typeof input === 'function' ? input(ENDING) : input;
      const made = wiredTask(id, calls(contract), { ...rules, input: given }, tasks);
      hooks.set(when, [...(hooks.get(when) ?? []), hookOf(made)]);
    };
  // The types of its callers are those of AddMap; what they give is written as it is.
  const map = ((id: string, contract: Contract<z.ZodType, z.ZodType>, options: MapWiring) =>
    add<unknown[]>(id, () => wiredMap(id, contract, options, tasks))) as unknown as AddMap;
  return {
    parts: {
      input: ofWorkflow('input'),
      workflow: { id: ofWorkflow('id'), tags: ofWorkflow('tags') },
      task: (id, contract, ...[wiring]) =>
        add(id, () => wiredTask(id, calls(contract), wiring ?? {}, tasks)),
      map,
      wait: (id, options) => add(id, () => waitOf(id, options, tasks)),
      callback: (id, options) => add(id, () => callbackOf(id, options, tasks)),
      onSuccess: hook('onSuccess'),
      onFailure: hook('onFailure'),
      finally: hook('finally'),
    },
    added: () => ({ tasks: [...tasks.values()], ...Object.fromEntries(hooks) }),
  };
}

/** A hook comes after all tasks, whichever it takes from. */
const hookOf = (task: TaskDefinition): HookDefinition =>
  Object.fromEntries(
    Object.entries(task).filter(([field]) => field !== 'dependsOn'),
  ) as unknown as HookDefinition;

function waitOf(
  id: string,
  options: WaitOptions,
  tasks: ReadonlyMap<string, unknown>,
): TaskDefinition {
  const taken = new Set<string>();
  if ('seconds' in options) {
    const { seconds, ...rules } = options;
    return wiredTask(id, { wait: { seconds } }, rules, tasks, taken);
  }
  const { until, ...rules } = options;
  const wait = { until: templateOf(until, taken, 'until') as string };
  return wiredTask(id, { wait }, rules, tasks, taken);
}

function callbackOf(
  id: string,
  { timeoutSeconds, output, ...wiring }: CallbackOptions<z.ZodType>,
  tasks: ReadonlyMap<string, unknown>,
): TaskDefinition {
  const schema = output === undefined ? {} : { schema: jsonSchemaOf(output) };
  return wiredTask(id, { callback: { timeoutSeconds, ...schema } }, wiring, tasks);
}

function concurrencyOf<Input extends z.ZodType>({
  limit,
  key,
}: NonNullable<WorkflowOptions<Input>['concurrency']>): NonNullable<Definition['concurrency']> {
  const source = key && sourceOf(key(inputRef()));
  return { limit, ...(source && { key: marked(source, new Set()) }) };
}
