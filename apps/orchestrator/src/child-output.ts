/** What a workflow gives to the task it ran for: the outputs of its end tasks, by their ids. */
import {
  CorruptItemError,
  LIMITS,
  PayloadTooLargeError,
  presentTasks,
  readOutput,
  type Graph,
  type Payload,
  type Task,
  type TaskError,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Ports } from './ports.js';

/** Stored as the task's own. */
export async function outputOfChild(
  ports: Ports,
  child: Workflow,
  { workflowId, taskId, claimId = '', expiresAt }: Task,
): Promise<Payload | { readonly error: TaskError }> {
  try {
    const output = await outputsOf(ports, child);
    const owner = { workflowId, key: `${taskId}#${claimId}`, expiresAt };
    return await ports.repository.putPayload(owner, output);
  } catch (error) {
    const type = ERRORS.find(([known]) => error instanceof known)?.[1];
    if (type === undefined) throw error;
    const message = `the outputs of workflow "${child.workflowId}": ${(error as Error).message}`;
    return { error: { type, message, trace: [] } };
  }
}

const ERRORS = [
  [PayloadTooLargeError, 'OutputTooLarge'],
  [CorruptItemError, 'OutputUnreadable'],
] as const;

/** Tasks on which no other depends; a task that was skipped gives null. */
const endsOf = (graph: Graph): string[] =>
  [...graph.downstream].flatMap(([taskId, dependents]) => (dependents.length === 0 ? taskId : []));

/** How many outputs that stand in parts are read at once. */
const AT_ONCE = 50;

async function outputsOf(ports: Ports, child: Workflow): Promise<Record<string, unknown>> {
  const graph = await ports.graph(child.definition);
  const ends = endsOf(graph);
  const tasks = await ports.repository.getTasks(child.workflowId, ends);
  const outputs = new Map<string, unknown>(ends.map((taskId) => [taskId, null]));
  const present = presentTasks(graph, child, tasks);
  let bytes = 0;
  for (let start = 0; start < present.length; start += AT_ONCE) {
    const some = present.slice(start, start + AT_ONCE);
    const values = await Promise.all(some.map((task) => readOutput(ports.repository, task)));
    some.forEach(({ taskId }, at) => outputs.set(taskId, values[at]));
    bytes += values.reduce<number>((sum, value) => sum + JSON.stringify(value ?? null).length, 0);
    if (bytes > LIMITS.payloadBytes) throw new PayloadTooLargeError(bytes, LIMITS.payloadBytes);
  }
  return Object.fromEntries(outputs);
}
