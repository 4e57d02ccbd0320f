/**
 * What an operator says of a task instead of what it would do: that it is skipped, has an output, or runs with another
 * input. A redrive keeps it in META, so that whoever begins the task in that epoch knows.
 */
import { createHash } from 'node:crypto';
import {
  canonicalJson,
  kindOf,
  parseItemId,
  presentTasks,
  taskOf,
  type AskedOverride,
  type Graph,
  type Override,
  type Payload,
  type Redrive,
  type TaskDefinition,
  type Workflow,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import type { Ports } from './ports.js';

/** Why a redrive cannot say so of the task. */
export interface OverrideProblem {
  readonly kind: 'unknownTask' | 'notOverridable';
  readonly detail: string;
}

/** @param after the workflow as the redrive leaves it */
export function overrideProblem(
  graph: Graph,
  after: WorkflowWithTasks,
  { taskId, kind }: AskedOverride,
): OverrideProblem | undefined {
  const task = taskOf(graph, taskId);
  if (!task || !isItemThere(after, taskId))
    return { kind: 'unknownTask', detail: `it has no task "${taskId}"` };
  const refused = (detail: string): OverrideProblem => ({ kind: 'notOverridable', detail });
  if (!runsAgain(graph, after, taskId))
    return refused(`"${taskId}" does not run again: name it among the tasks that do`);
  return kind === 'input' ? inputProblem(task, taskId, refused) : undefined;
}

function inputProblem(
  task: TaskDefinition,
  taskId: string,
  refused: (detail: string) => OverrideProblem,
): OverrideProblem | undefined {
  if (kindOf(task) === 'wait') return refused(`"${taskId}" only waits, and takes no input`);
  if (task.forEach !== undefined && !parseItemId(taskId))
    return refused(`"${taskId}" is a map: each of its items, such as "${taskId}[0]", has an input`);
  return undefined;
}

/** Of any other task the definition has said so. An item is there where its map was expanded to it. */
export function isItemThere({ tasks }: Pick<WorkflowWithTasks, 'tasks'>, taskId: string): boolean {
  const item = parseItemId(taskId);
  if (!item) return true;
  const map = tasks.find((each) => each.taskId === item.taskId);
  return item.index < (map?.items?.count ?? 0);
}

/** An item does not where its map does not. */
function runsAgain(graph: Graph, { workflow, tasks }: WorkflowWithTasks, taskId: string): boolean {
  const kept = new Set(presentTasks(graph, workflow, tasks).map((task) => task.taskId));
  return [taskId, parseItemId(taskId)?.taskId ?? taskId].every((id) => !kept.has(id));
}

export async function storeOverrides(
  { repository }: Ports,
  { workflowId, expiresAt }: Workflow,
  { token }: Redrive,
  asked: readonly AskedOverride[],
): Promise<readonly Override[]> {
  const store = (taskId: string, value: unknown) =>
    repository.putPayload({ workflowId, key: `${taskId}#redrive-${token}`, expiresAt }, value);
  return Promise.all(
    asked.map(async (override): Promise<Override> => {
      const { taskId } = override;
      switch (override.kind) {
        case 'input':
          return { taskId, kind: 'input', input: await store(taskId, override.input) };
        case 'output':
          return { taskId, kind: 'output', output: await store(taskId, override.output) };
        case 'skip':
          return { taskId, kind: 'skip' };
      }
    }),
  );
}

/** Named by its content: the same order again names the same payload, and another order another. */
export function storeOutput(
  { repository }: Ports,
  { workflowId, expiresAt }: Workflow,
  taskId: string,
  output: unknown,
): Promise<Payload> {
  const hash = createHash('sha256').update(canonicalJson(output)).digest('base64url').slice(0, 22);
  return repository.putPayload({ workflowId, key: `${taskId}#set-${hash}`, expiresAt }, output);
}
