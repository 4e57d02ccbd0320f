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

/** What of the payloads is shown, and what is left out because it would not fit. */
export interface Shown<Name extends string> {
  readonly kept: Readonly<Partial<Record<Name, unknown>>>;
  readonly omitted: readonly Name[];
}

export function workflowView(
  workflow: Workflow,
  { kept, omitted }: Shown<'input'>,
): Omit<contract.Workflow, 'taskCounts' | 'tasks' | 'nextCursor'> {
  const { epoch, reason, note, tags } = workflow;
  return {
    ...summaryView(workflow),
    epoch,
    ...defined({ reason, note, tags: tags && [...tags] }),
    ...kept,
    ...omittedView(omitted),
  };
}

/** @param taskIds of the definition, in the order in which they are shown */
export function taskViews(
  graph: Graph,
  { workflow, tasks }: WorkflowWithTasks,
  taskIds: readonly string[],
): contract.Task[] {
  const items = itemsOf(graph, { workflow, tasks });
  return taskIds.flatMap((id) => {
    const task = graph.tasks.get(id);
    return task ? [taskView(task, workflow, items.get(id))] : [];
  });
}

export function taskCounts(
  graph: Graph,
  found: WorkflowWithTasks,
): contract.Workflow['taskCounts'] {
  const items = itemsOf(graph, found);
  const counts: contract.Workflow['taskCounts'] = {};
  for (const id of graph.tasks.keys()) {
    const status = statusOf(found.workflow, items.get(id));
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

const itemsOf = (graph: Graph, { workflow, tasks }: WorkflowWithTasks) =>
  new Map(presentTasks(graph, workflow, tasks).map((task) => [task.taskId, task] as const));

const omittedView = <Name extends string>(omitted: readonly Name[]) =>
  omitted.length === 0 ? {} : { omitted: [...omitted] };

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
    continueOnFailure: definition.continueOnFailure,
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
  { kept, omitted }: Shown<'input' | 'output'>,
): contract.TaskDetail {
  const attempts = item ? [...pastAttempts, asPast(item)] : [];
  const template = defined({ input: definition.input, when: definition.when });
  return {
    ...taskView(definition, workflow, present),
    ...defined(kept),
    ...omittedView(omitted),
    ...(Object.keys(template).length > 0 && { template }),
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
