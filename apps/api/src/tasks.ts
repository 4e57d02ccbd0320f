/** Showing one task, and why it is as it is. */
import {
  explain,
  overridesOf,
  parseItemId,
  presentTasks,
  readPastAttempts,
  type Graph,
  type Payload,
  type Task,
  type Workflow,
  type WorkflowRepository,
} from '@orchestra/workflow-core';
import { ANSWER_BYTES, withoutWhatDoesNotFit } from './answer-size.js';
import { isExpanded, readEntries, readWholeMap, requireItem } from './map-items.js';
import { idFrom, noTask, noWorkflow, type Route, type RouteDependencies } from './route.js';
import { definedTask, taskDetailView } from './view.js';

export const showTask =
  ({ repository, graphOf }: RouteDependencies): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const taskId = idFrom(request, 'taskId');
    const map = parseItemId(taskId)?.taskId;
    const found = await repository.getWorkflowAndTasks(workflowId, [...(map ? [map] : []), taskId]);
    if (!found) throw noWorkflow(workflowId);
    const { workflow, tasks } = found;
    const graph = await graphOf(workflow.definition);
    const task = definedTask(graph, taskId);
    if (!task) throw noTask(workflowId, taskId);
    const item = tasks.find((each) => each.taskId === taskId);
    const present = presentTasks(graph, workflow, tasks);
    const counting = present.find((each) => each === item);
    const [input, pastAttempts, { label, items, omitted, ...own }] = await Promise.all([
      // What a callback or a child was given stands in its item.
      repository.getPayload(workflowId, counting?.input ?? inputOf(workflow, taskId)),
      item ? readPastAttempts(repository, item) : [],
      readOwn(repository, { graph, workflow, present, taskId }),
    ]);
    const fitting = withoutWhatDoesNotFit({ input, ...own }, ANSWER_BYTES);
    return request.json(
      taskDetailView(
        { ...task, label },
        workflow,
        { item, present: counting, pastAttempts, items },
        { kept: fitting.kept, omitted: [...fitting.omitted, ...omitted] },
      ),
    );
  };

/** What an operator gave instead is what the task's input is made of no more. */
function inputOf(workflow: Workflow, taskId: string): Payload {
  const override = overridesOf(workflow).get(taskId);
  return override?.kind === 'input' ? override.input : workflow.input;
}

interface Asked {
  readonly graph: Graph;
  readonly workflow: Workflow;
  /** Those of the task, and of its map if it is an item, that count. */
  readonly present: readonly Task[];
  readonly taskId: string;
}

/** What lies outside the task's own item in the table. */
interface Own {
  readonly output?: unknown;
  readonly item?: unknown;
  readonly label?: string | undefined;
  readonly items?: Awaited<ReturnType<typeof readWholeMap>>['items'];
  readonly omitted: readonly 'output'[];
}

async function readOwn(repository: WorkflowRepository, asked: Asked): Promise<Own> {
  const { graph, workflow, present, taskId } = asked;
  const task = present.find((each) => each.taskId === taskId);
  if (isExpanded(task)) {
    const { output, items, isTooLarge } = await readWholeMap(repository, graph, workflow, task);
    return { output, items, omitted: isTooLarge ? ['output'] : [] };
  }
  const [output, entry] = await Promise.all([
    task?.output && repository.getPayload(workflow.workflowId, task.output),
    readEntry(repository, asked),
  ]);
  return { output, ...entry, omitted: [] };
}

/** Of an item of a map what it runs for. @throws ProblemError when the map has no such item */
async function readEntry(repository: WorkflowRepository, { present, taskId }: Asked) {
  const id = parseItemId(taskId);
  if (!id) return undefined;
  const map = present.find((each) => each.taskId === id.taskId);
  requireItem(map, id);
  const [entry] = await readEntries(repository, map, { first: id.index, last: id.index });
  return entry;
}

/** Why a task was skipped may lie anywhere above it, so the whole workflow is read. */
export const explainTask =
  ({ repository, graphOf }: RouteDependencies): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const taskId = idFrom(request, 'taskId');
    const found = await repository.getWorkflowWithTasks(workflowId);
    if (!found) throw noWorkflow(workflowId);
    const { workflow, tasks } = found;
    const graph = await graphOf(workflow.definition);
    if (!definedTask(graph, taskId)) throw noTask(workflowId, taskId);
    const item = parseItemId(taskId);
    if (item) {
      const present = presentTasks(graph, workflow, tasks);
      requireItem(
        present.find((each) => each.taskId === item.taskId),
        item,
      );
    }
    return request.json(explain(graph, found, taskId));
  };
