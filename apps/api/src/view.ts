/**
 * What the API shows of the records. A definition never changes, so a task needs no item before it is ready: the
 * definition is laid under the items that exist.
 */
import type * as contract from '@orchestra/api-contract';
import {
  asPast,
  isOpenCallback,
  isPaused,
  kindOf,
  overridesOf,
  parseItemId,
  presentTasks,
  statusOf,
  taskOf,
  tokenOf,
  type Graph,
  type Hook,
  type Parent,
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
  const { epoch, reason, who, note, tags, parent } = workflow;
  return {
    ...summaryView(workflow),
    epoch,
    ...defined({
      paused: showsPause(workflow),
      reason,
      who,
      note,
      tags: tags && [...tags],
      parent: parent && parentView(parent),
    }),
    ...kept,
    ...omittedView(omitted),
  };
}

const showsPause = (workflow: Workflow) =>
  workflow.status === 'RUNNING' && isPaused(workflow) ? (true as const) : undefined;

const parentView = ({ workflowId, taskId }: Parent) => ({ workflowId, taskId });

/** A task as its definition has it; an item of a map does what its map does. */
export interface DefinedTask {
  readonly taskId: string;
  readonly definition: TaskDefinition;
  readonly hook: Hook | undefined;
  /** Of an item: its map, and what it is called. */
  readonly map?: string;
  readonly label?: string | undefined;
}

/** Undefined: there is none, or no map that could have such an item. */
export function definedTask(graph: Graph, taskId: string): DefinedTask | undefined {
  const definition = taskOf(graph, taskId);
  if (!definition) return undefined;
  const item = parseItemId(taskId);
  return {
    taskId,
    definition,
    hook: graph.hooks.get(taskId),
    ...(item && { map: item.taskId }),
  };
}

/**
 * @param taskIds in the order in which they are shown
 * @param labels of those that are items of a map
 */
export function taskViews(
  graph: Graph,
  { workflow, tasks }: WorkflowWithTasks,
  taskIds: readonly string[],
  labels?: ReadonlyMap<string, string | undefined>,
): contract.Task[] {
  const items = itemsOf(graph, { workflow, tasks });
  return taskIds.flatMap((id) => {
    const task = definedTask(graph, id);
    return task ? [taskView({ ...task, label: labels?.get(id) }, workflow, items.get(id))] : [];
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
  { taskId, definition, hook, map, label }: DefinedTask,
  workflow: Workflow,
  task: Task | undefined,
): contract.Task {
  const status = statusOf(workflow, task);
  const isMap = definition.forEach !== undefined && map === undefined;
  return defined({
    taskId,
    kind: kindOf(definition),
    function: definition.function,
    forEach: isMap ? true : undefined,
    items: task?.items && { count: task.items.count },
    map,
    label,
    hook,
    status,
    reason: task?.reason,
    dependsOn: [...(definition.dependsOn ?? [])],
    triggerRule: definition.triggerRule,
    continueOnFailure: definition.continueOnFailure,
    attempt: task?.attempt ?? 0,
    readyAt: task?.readyAt,
    notBefore: status === 'READY' ? task?.notBefore : undefined,
    startedAt: task?.startedAt,
    suspendedAt: status === 'RUNNING' ? task?.suspendedAt : undefined,
    wakeAt: status === 'RUNNING' ? task?.wakeAt : undefined,
    // Before that it is the one of an older epoch.
    child: task?.suspendedAt === undefined ? undefined : task.child,
    endedAt: task?.endedAt,
    durationMs: duration(task?.startedAt, task?.endedAt),
    error: task?.error && errorView(task.error),
    who: task?.who,
    note: task?.note,
  });
}

export interface TaskHistory {
  readonly item: Task | undefined;
  /** The item, if it counts in the present epoch. */
  readonly present: Task | undefined;
  readonly pastAttempts: readonly PastAttempt[];
  /** Of a map that has been expanded. */
  readonly items: contract.TaskDetail['items'];
}

/** `payloads` are read by the caller: they may lie outside the items. */
export function taskDetailView(
  task: DefinedTask,
  workflow: Workflow,
  { item, present, pastAttempts, items }: TaskHistory,
  { kept, omitted }: Shown<'input' | 'item' | 'output'>,
): contract.TaskDetail {
  const attempts = item ? [...pastAttempts, asPast(item)] : [];
  const { input, when } = task.definition;
  const template = defined({ input, when });
  return defined({
    ...taskView(task, workflow, present),
    override: overridesOf(workflow).get(task.taskId)?.kind,
    callback: present && workflow.status === 'RUNNING' ? callbackView(present) : undefined,
    items,
    ...kept,
    ...omittedView(omitted),
    ...(Object.keys(template).length > 0 && { template }),
    attempts: attempts.flatMap(attemptView),
  });
}

function callbackView(task: Task): contract.TaskDetail['callback'] {
  if (!isOpenCallback(task)) return undefined;
  const { callback, wakeAt, heartbeats = 0 } = task;
  return { token: tokenOf(task), openedAt: callback.openedAt, deadline: wakeAt, heartbeats };
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
