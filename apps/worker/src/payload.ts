/**
 * What a task's function receives: by default the workflow's input and the outputs of the tasks it depends on; what the
 * definition's `input` says where it says something. Expressions are evaluated here, after the claim.
 */
import {
  CorruptItemError,
  PayloadTooLargeError,
  definedId,
  isItemId,
  parseItemId,
  readOutput,
  statusOf,
  taskOf,
  type Graph,
  type MapItem,
  type Task,
  type TaskDefinition,
  type TaskError,
  type TaskPayload,
  type Workflow,
} from '@orchestra/workflow-core';
import {
  hasExpressions,
  type ExpressionContext,
  type Template,
} from '@orchestra/workflow-core/data';
import type { Claim, Ports } from './ports.js';

/** What can be read, or why it never can be. */
export type Value = { readonly value: unknown } | { readonly unreadable: string };

/** Of one message: the workflow and what its tasks depend on. */
export interface Values {
  readonly workflow: Workflow;
  /** Absent: none of the tasks takes it. */
  readonly input?: Value;
  /** By task: what stands upstream and has an item that counts. */
  readonly upstream: ReadonlyMap<string, { readonly task: Task; readonly output: Value }>;
  /** By task: what an operator gives in place of the input the definition says. */
  readonly givenInputs: ReadonlyMap<string, Value>;
  /** By its id: of each item of a map its entry in the map's list. */
  readonly items: ReadonlyMap<string, MapItem>;
  /** Of hooks: how the tasks ended. */
  readonly ending?: Ending;
}

export interface Ending {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly failedTasks: readonly { readonly taskId: string; readonly error?: TaskError }[];
}

/** Whether what a task does is made from the workflow's input and the outputs of the tasks it depends on. */
export function takesData(graph: Graph, taskId: string): boolean {
  const { when, input, forEach, wait, callback } = taskOf(graph, taskId) as TaskDefinition;
  if (isItemId(taskId)) return hasExpressions([input, wait]);
  if (forEach !== undefined) return when !== undefined || hasExpressions(forEach);
  if (wait || callback) return when !== undefined || hasExpressions([input, wait]);
  return when !== undefined || input === undefined || hasExpressions(input);
}

/** The tasks whose outputs it may take: those it depends on; a hook may name any. */
export function sourcesOf(graph: Graph, taskId: string): readonly string[] {
  if (!graph.hooks.has(taskId)) return graph.upstream.get(definedId(taskId)) ?? [];
  const { input } = graph.tasks.get(taskId) as TaskDefinition;
  if (!hasExpressions(input)) return [];
  const text = JSON.stringify(input);
  return [...graph.upstream.keys()].filter((id) => text.includes(id));
}

/** What will never be read is data; what may be read another time is thrown. */
export async function readable(value: Promise<unknown>): Promise<Value> {
  try {
    return { value: await value };
  } catch (error) {
    if (error instanceof CorruptItemError || error instanceof PayloadTooLargeError)
      return { unreadable: error.message };
    throw error;
  }
}

/** Each of them once per message, before anything is claimed: what cannot be read now can be tried again. */
export async function readValues(
  { repository }: Ports,
  workflow: Workflow,
  tasks: readonly Task[],
  takesInput: boolean,
): Promise<Pick<Values, 'workflow' | 'input' | 'upstream'>> {
  // Together: were one refused while another is awaited, nobody would handle it.
  const [input, ...outputs] = await Promise.all([
    takesInput ? readable(repository.getPayload(workflow.workflowId, workflow.input)) : undefined,
    ...tasks.map((task) => readable(readOutput(repository, task))),
  ]);
  const upstream = tasks.map((task, index) => {
    const output = outputs[index] as Value;
    return [task.taskId, { task, output }] as const;
  });
  return { workflow, ...(input ? { input } : {}), upstream: new Map(upstream) };
}

/** `conditionFalse`: the task is not to run; `items`: it is a map, which runs over these. */
export type Prepared =
  | {
      readonly kind: 'payload';
      readonly payload: TaskPayload;
      /** Of a wait until a moment. */
      readonly until?: string;
    }
  | { readonly kind: 'items'; readonly items: readonly MapItem[] }
  | { readonly kind: 'conditionFalse' }
  | { readonly kind: 'failed'; readonly error: TaskError };

export async function prepare(
  ports: Ports,
  graph: Graph,
  values: Values,
  claim: Claim,
): Promise<Prepared> {
  const definition = taskOf(graph, claim.taskId) as TaskDefinition;
  const upstream = takesData(graph, claim.taskId) ? sourcesOf(graph, claim.taskId) : [];
  const given = values.givenInputs.get(claim.taskId);
  const error = unreadable(values, upstream, given);
  if (error) return { kind: 'failed', error };
  const { input, ...others } = templateOf(definition, claim.taskId);
  const isGiven = input !== undefined;
  // What an operator gives takes the place of an input that may not even evaluate.
  const template = isGiven && !given ? { ...others, input } : others;
  const evaluated = await ports.evaluate(template, contextOf(values, upstream, claim.taskId));
  if (evaluated.kind === 'failed') return evaluated;
  if (evaluated.when === false) return { kind: 'conditionFalse' };
  if (evaluated.items) return { kind: 'items', items: evaluated.items };
  const { workflow } = values;
  const said = () => (isGiven ? evaluated.input : defaultInput(values, graph, claim.taskId));
  const payload: TaskPayload = {
    workflowId: workflow.workflowId,
    taskId: claim.taskId,
    attempt: claim.attempt,
    idempotencyKey: `${workflow.workflowId}/${claim.taskId}/${workflow.epoch}`,
    input: given ? valueOf(given) : said(),
    dependencies: isGiven
      ? {}
      : Object.fromEntries(upstream.map((id) => [id, outputOf(values, id)])),
  };
  return { kind: 'payload', payload, ...present({ until: evaluated.until }) };
}

/** Of a map first the list: its items have inputs of their own. */
function templateOf(definition: TaskDefinition, taskId: string): Template {
  const { when, forEach, label, input, wait } = definition;
  const until = wait && 'until' in wait ? wait.until : undefined;
  if (isItemId(taskId)) return present({ until, input });
  return forEach === undefined
    ? present({ when, until, input })
    : present({ when, forEach, label });
}

function defaultInput(values: Values, graph: Graph, taskId: string): unknown {
  const item = values.items.get(taskId);
  if (item) return { item: item.item };
  // Whoever answers is shown what the definition says, not all there is.
  if (taskOf(graph, taskId)?.callback) return undefined;
  if (!graph.hooks.has(taskId)) return valueOf(values.input);
  return { ...values.ending, input: valueOf(values.input) };
}

/** What an expression sees of the workflow. */
function contextOf(values: Values, upstream: readonly string[], taskId: string): ExpressionContext {
  const { workflowId, tags = [] } = values.workflow;
  const item = values.items.get(taskId);
  const index = parseItemId(taskId)?.index;
  return {
    workflow: { id: workflowId, input: valueOf(values.input), tags: [...tags], ...values.ending },
    tasks: Object.fromEntries(
      upstream.map((id) => {
        const task = values.upstream.get(id)?.task;
        const status = statusOf(values.workflow, task);
        const error = status === 'FAILED' ? task?.error : undefined;
        return [id, { output: outputOf(values, id), status, ...(error ? { error } : {}) }];
      }),
    ),
    ...(item && index !== undefined ? { item: item.item, index } : {}),
  };
}

function unreadable(
  { input, upstream }: Values,
  ids: readonly string[],
  given: Value | undefined,
): TaskError | undefined {
  const outputs = ids.map((id): [string, Value | undefined] => [id, upstream.get(id)?.output]);
  for (const [name, value] of [['the input', given ?? input] as const, ...outputs])
    if (value && 'unreadable' in value)
      return { type: 'InputUnreadable', message: `${name}: ${value.unreadable}`, trace: [] };
  return undefined;
}

const valueOf = (value: Value | undefined) => (value && 'value' in value ? value.value : null);

/** Null of a task that has not succeeded. */
const outputOf = ({ upstream }: Values, taskId: string) => valueOf(upstream.get(taskId)?.output);

const present = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
