/** Showing one task, and why it is as it is. */
import { explain, presentTasks, readPastAttempts } from '@orchestra/workflow-core';
import { ANSWER_BYTES, withoutWhatDoesNotFit } from './answer-size.js';
import { idFrom, noTask, noWorkflow, type Route, type RouteDependencies } from './route.js';
import { taskDetailView } from './view.js';

export const showTask =
  ({ repository, graphOf }: RouteDependencies): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const taskId = idFrom(request, 'taskId');
    const found = await repository.getWorkflowAndTasks(workflowId, [taskId]);
    if (!found) throw noWorkflow(workflowId);
    const { workflow, tasks } = found;
    const graph = await graphOf(workflow.definition);
    const definition = graph.tasks.get(taskId);
    if (!definition) throw noTask(workflowId, taskId);
    const item = tasks.find((each) => each.taskId === taskId);
    const [present] = item ? presentTasks(graph, workflow, [item]) : [];
    const [input, output, pastAttempts] = await Promise.all([
      repository.getPayload(workflowId, workflow.input),
      present?.output && repository.getPayload(workflowId, present.output),
      item ? readPastAttempts(repository, item) : [],
    ]);
    const payloads = withoutWhatDoesNotFit({ input, output }, ANSWER_BYTES);
    return request.json(
      taskDetailView(definition, workflow, { item, present, pastAttempts }, payloads),
    );
  };

/** Why a task was skipped may lie anywhere above it, so the whole workflow is read. */
export const explainTask =
  ({ repository, graphOf }: RouteDependencies): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const taskId = idFrom(request, 'taskId');
    const found = await repository.getWorkflowWithTasks(workflowId);
    if (!found) throw noWorkflow(workflowId);
    const graph = await graphOf(found.workflow.definition);
    if (!graph.tasks.has(taskId)) throw noTask(workflowId, taskId);
    return request.json(explain(graph, found, taskId));
  };
