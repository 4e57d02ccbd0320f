/**
 * What a task's function receives: by default the workflow's input and the outputs of the tasks it depends on; what the
 * definition's `input` says where it says something. Expressions are evaluated here, after the claim.
 */
import {
  CorruptItemError,
  statusOf,
  type Graph,
  type Task,
  type TaskDefinition,
  type TaskError,
  type TaskPayload,
  type Workflow,
} from '@orchestra/workflow-core';
import { hasExpressions, type ExpressionContext } from '@orchestra/workflow-core/data';
import type { Claim, Ports } from './ports.js';

/** What can be read, or why it never can be. */
type Value = { readonly value: unknown } | { readonly unreadable: string };

/** Of one message: the workflow and what its tasks depend on. */
export interface Values {
  readonly workflow: Workflow;
  /** Absent: none of the tasks takes it. */
  readonly input?: Value;
  /** By task: what stands upstream and has an item that counts. */
  readonly upstream: ReadonlyMap<string, { readonly task: Task; readonly output: Value }>;
}

/** Whether a task's payload or condition is made from the workflow's input and the outputs of the tasks it depends on. */
export const takesData = ({ when, input }: TaskDefinition): boolean =>
  when !== undefined || input === undefined || hasExpressions(input);

/** Each of them once per message, before anything is claimed: what cannot be read now can be tried again. */
export async function readValues(
  { repository }: Ports,
  workflow: Workflow,
  tasks: readonly Task[],
  takesInput: boolean,
): Promise<Values> {
  const read = async (payload: Task['output']): Promise<Value> => {
    try {
      return {
        value: payload ? await repository.getPayload(workflow.workflowId, payload) : null,
      };
    } catch (error) {
      if (error instanceof CorruptItemError) return { unreadable: error.message };
      throw error;
    }
  };
  // Together: were one refused while another is awaited, nobody would handle it.
  const [input, ...outputs] = await Promise.all([
    takesInput ? read(workflow.input) : undefined,
    ...tasks.map(({ output }) => read(output)),
  ]);
  const upstream = tasks.map((task, index) => {
    const output = outputs[index] as Value;
    return [task.taskId, { task, output }] as const;
  });
  return { workflow, ...(input ? { input } : {}), upstream: new Map(upstream) };
}

/** `conditionFalse`: the task is not to run. */
export type Prepared =
  | { readonly kind: 'payload'; readonly payload: TaskPayload }
  | { readonly kind: 'conditionFalse' }
  | { readonly kind: 'failed'; readonly error: TaskError };

export async function prepare(
  ports: Ports,
  graph: Graph,
  values: Values,
  claim: Claim,
): Promise<Prepared> {
  const definition = graph.tasks.get(claim.taskId) as TaskDefinition;
  const takes = takesData(definition);
  const upstream = takes ? (graph.upstream.get(claim.taskId) ?? []) : [];
  const error = takes ? unreadable(values, upstream) : undefined;
  if (error) return { kind: 'failed', error };
  const given = await givenInput(ports, definition, values, upstream);
  if ('kind' in given) return given;
  const { workflow, input } = values;
  const isGiven = 'input' in given;
  const payload: TaskPayload = {
    workflowId: workflow.workflowId,
    taskId: claim.taskId,
    attempt: claim.attempt,
    idempotencyKey: `${workflow.workflowId}/${claim.taskId}/${workflow.epoch}`,
    input: isGiven ? given.input : valueOf(input),
    dependencies: isGiven
      ? {}
      : Object.fromEntries(upstream.map((id) => [id, outputOf(values, id)])),
  };
  return { kind: 'payload', payload };
}

/** Without `input` where the definition has none. */
async function givenInput(
  ports: Ports,
  { when, input }: TaskDefinition,
  values: Values,
  upstream: readonly string[],
): Promise<Exclude<Prepared, { kind: 'payload' }> | { readonly input?: unknown }> {
  if (when === undefined && !hasExpressions(input)) return input === undefined ? {} : { input };
  const template = {
    ...(when === undefined ? {} : { when }),
    ...(input === undefined ? {} : { input }),
  };
  const evaluated = await ports.evaluate(template, contextOf(values, upstream));
  if (evaluated.kind === 'failed') return evaluated;
  if (evaluated.when === false) return { kind: 'conditionFalse' };
  return input === undefined ? {} : { input: evaluated.input };
}

/** What an expression sees of the workflow. */
function contextOf(values: Values, upstream: readonly string[]): ExpressionContext {
  const { workflowId, tags = [] } = values.workflow;
  return {
    workflow: { id: workflowId, input: valueOf(values.input), tags: [...tags] },
    tasks: Object.fromEntries(
      upstream.map((id) => {
        const task = values.upstream.get(id)?.task;
        const status = statusOf(values.workflow, task);
        const error = status === 'FAILED' ? task?.error : undefined;
        return [id, { output: outputOf(values, id), status, ...(error ? { error } : {}) }];
      }),
    ),
  };
}

function unreadable({ input, upstream }: Values, ids: readonly string[]): TaskError | undefined {
  const outputs = ids.map((id): [string, Value | undefined] => [id, upstream.get(id)?.output]);
  for (const [name, value] of [['the input', input] as const, ...outputs])
    if (value && 'unreadable' in value)
      return { type: 'InputUnreadable', message: `${name}: ${value.unreadable}`, trace: [] };
  return undefined;
}

const valueOf = (value: Value | undefined) => (value && 'value' in value ? value.value : null);

/** Null of a task that has not succeeded. */
const outputOf = ({ upstream }: Values, taskId: string) => valueOf(upstream.get(taskId)?.output);
