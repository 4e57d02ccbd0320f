/**
 * What the API shows of the records. A definition never changes, so a task needs no item before it is ready: the
 * definition is laid under the items that exist.
 */
import type * as contract from '@orchestra/api-contract';
import type {
  Definition,
  PastAttempt,
  Task,
  TaskDefinition,
  Workflow,
  WorkflowSummary,
  WorkflowWithTasks,
} from '@orchestra/workflow-core';

export function workflowView(
  definition: Definition,
  { workflow, tasks }: WorkflowWithTasks,
  input: unknown,
): contract.Workflow {
  const items = new Map(tasks.map((task) => [task.taskId, task]));
  return {
    ...summaryView(workflow),
    input,
    tasks: definition.tasks.map((task) => taskView(task, workflow, items.get(task.id))),
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

export function taskView(
  definition: TaskDefinition,
  workflow: Workflow,
  task: Task | undefined,
): contract.Task {
  const startedAt = presentStart(task);
  return defined({
    taskId: definition.id,
    function: definition.function,
    status: task?.status ?? (workflow.status === 'CANCELLED' ? 'CANCELLED' : 'PENDING'),
    reason: task?.reason,
    dependsOn: [...(definition.dependsOn ?? [])],
    attempt: task?.attempt ?? 0,
    readyAt: task?.readyAt,
    startedAt,
    endedAt: task?.endedAt,
    durationMs: duration(startedAt, task?.endedAt),
    error: task?.error && errorView(task.error),
  });
}

/** `payloads` are read by the caller: they may lie outside the items. */
export function taskDetailView(
  definition: TaskDefinition,
  workflow: Workflow,
  task: Task | undefined,
  payloads: { readonly input?: unknown; readonly output?: unknown },
): contract.TaskDetail {
  return {
    ...taskView(definition, workflow, task),
    ...defined(payloads),
    attempts: attemptsOf(task),
  };
}

/** Those that are over, then the present one once a worker has it. */
function attemptsOf(task: Task | undefined): contract.TaskDetail['attempts'] {
  if (!task) return [];
  const startedAt = presentStart(task);
  const present = startedAt === undefined ? [] : [{ ...task, startedAt }];
  return [...(task.pastAttempts ?? []), ...present].map(attemptView);
}

function attemptView(
  attempt: Omit<PastAttempt, 'endedAt'> & { readonly endedAt?: string },
): contract.TaskDetail['attempts'][number] {
  return defined({
    attempt: attempt.attempt,
    startedAt: attempt.startedAt,
    endedAt: attempt.endedAt,
    error: attempt.error && errorView(attempt.error),
    requestId: attempt.requestId,
  });
}

/** When the present attempt started: until a worker claims it, the item still holds the start of the one before. */
function presentStart(task: Task | undefined): string | undefined {
  const isPast = task?.pastAttempts?.some(({ startedAt }) => startedAt === task.startedAt);
  return isPast ? undefined : task?.startedAt;
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
