/**
 * What the API shows of the records. A definition never changes, so a task needs no item before it is ready: the
 * definition is laid under the items that exist.
 */
import type * as contract from '@orchestra/api-contract';
import {
  asPast,
  presentTasks,
  statusOf,
  type Graph,
  type PastAttempt,
  type Task,
  type TaskDefinition,
  type Workflow,
  type WorkflowSummary,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';

export function workflowView(
  graph: Graph,
  { workflow, tasks }: WorkflowWithTasks,
  input: unknown,
): contract.Workflow {
  const { epoch, reason, note } = workflow;
  const items = new Map(
    presentTasks(graph, workflow, tasks).map((task) => [task.taskId, task] as const),
  );
  return {
    ...summaryView(workflow),
    epoch,
    ...defined({ reason, note }),
    input,
    tasks: [...graph.tasks.values()].map((task) => taskView(task, workflow, items.get(task.id))),
  };
}

export function summaryView(workflow: WorkflowSummary): contract.WorkflowSummary {
  const { workflowId, status, definition, createdAt, startedAt, endedAt } = workflow;
  return defined({
    workflowId,
    status,
    definition,
    createdAt,
    startedAt,
    endedAt,
    durationMs: duration(startedAt, endedAt),
  });
}

/** @param task its item, if it counts in the present epoch */
export function taskView(
  definition: TaskDefinition,
  workflow: Workflow,
  task: Task | undefined,
): contract.Task {
  const status = statusOf(workflow, task);
  return defined({
    taskId: definition.id,
    function: definition.function,
    status,
    reason: task?.reason,
    dependsOn: [...(definition.dependsOn ?? [])],
    triggerRule: definition.triggerRule,
    attempt: task?.attempt ?? 0,
    readyAt: task?.readyAt,
    notBefore: status === 'READY' ? task?.notBefore : undefined,
    startedAt: task?.startedAt,
    endedAt: task?.endedAt,
    durationMs: duration(task?.startedAt, task?.endedAt),
    error: task?.error && errorView(task.error),
  });
}

export interface TaskHistory {
  readonly item: Task | undefined;
  /** The item, if it counts in the present epoch. */
  readonly present: Task | undefined;
  readonly pastAttempts: readonly PastAttempt[];
}

/** `payloads` are read by the caller: they may lie outside the items. */
export function taskDetailView(
  definition: TaskDefinition,
  workflow: Workflow,
  { item, present, pastAttempts }: TaskHistory,
  payloads: { readonly input?: unknown; readonly output?: unknown },
): contract.TaskDetail {
  const attempts = item ? [...pastAttempts, asPast(item)] : [];
  return {
    ...taskView(definition, workflow, present),
    ...defined(payloads),
    attempts: attempts.flatMap(attemptView),
  };
}

/** What no worker ever claimed was no attempt. */
function attemptView(attempt: PastAttempt): contract.TaskDetail['attempts'] {
  const { startedAt, endedAt, error, requestId, epoch } = attempt;
  if (startedAt === undefined) return [];
  return [
    defined({
      attempt: attempt.attempt,
      epoch,
      startedAt,
      endedAt,
      error: error && errorView(error),
      requestId,
    }),
  ];
}

function errorView({ type, message, trace }: NonNullable<Task['error']>): contract.TaskError {
  return { type, message, trace: [...trace] };
}

/** Milliseconds; two machines' clocks may differ, so never below 0. */
function duration(startedAt: string | undefined, endedAt: string | undefined): number | undefined {
  if (startedAt === undefined || endedAt === undefined) return undefined;
  return Math.max(0, Date.parse(endedAt) - Date.parse(startedAt));
}

/** Without the fields that have no value, as JSON leaves them out. */
function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
