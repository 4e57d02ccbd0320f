import type { RedriveResponse, Task, Workflow } from '@orchestra/api-contract';

/**
 * The workflow as it is from the redrive on. Shown at once: a read that trails behind would say that it is finished,
 * and nobody would ask again.
 */
export function redriven(workflow: Workflow, answer: RedriveResponse): Workflow {
  if (answer.epoch <= workflow.epoch) return workflow;
  const { workflowId, createdAt, startedAt, tags, input, tasks } = workflow;
  const { status, epoch, definition } = answer;
  const again = new Set(answer.run);
  return {
    workflowId,
    status,
    epoch,
    definition,
    createdAt,
    startedAt,
    tags,
    input,
    taskCounts: { PENDING: answer.run.length, SUCCEEDED: answer.keep.length },
    tasks: tasks.map((task) => (again.has(task.taskId) ? unbegun(task) : task)),
  };
}

/** What its definition says of it. */
function unbegun(task: Task): Task {
  const { taskId, kind, forEach, hook, dependsOn, triggerRule, continueOnFailure } = task;
  return {
    taskId,
    kind,
    function: task.function,
    forEach,
    hook,
    status: 'PENDING',
    dependsOn,
    triggerRule,
    continueOnFailure,
    attempt: 0,
  };
}
