/**
 * Carries a plan out, in the one order that loses nothing: READY and SKIPPED are written, then workers are told,
 * then the workflow is finished; only after that may whoever asked acknowledge. A crash in between costs a
 * duplicate message, never a task.
 */
import {
  LIMITS,
  type FinishTransition,
  type Graph,
  type ReadyTransition,
  type SkipReason,
  type Task,
  type TaskOrigin,
  type TransitionResult,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Ports } from './ports.js';

export interface WorkToDo {
  readonly run: readonly string[];
  readonly skip: readonly { readonly taskId: string; readonly reason: SkipReason }[];
  readonly finish?: FinishTransition['status'];
}

type Dispatchable = Pick<Task, 'taskId' | 'version' | 'attempt'>;

/** How many of its steps this call itself took; others may have been faster. */
export async function carryOut(
  ports: Ports,
  origin: TaskOrigin,
  { run, skip, finish }: WorkToDo,
): Promise<number> {
  const at = new Date(ports.now()).toISOString();
  const results = await ports.repository.apply([
    ...run.map((taskId): ReadyTransition => ({ kind: 'ready', origin, taskId, at })),
    ...skip.map(({ taskId, reason }) => ({ kind: 'skip' as const, origin, taskId, reason, at })),
  ]);
  await dispatchTasks(
    ports,
    origin,
    run.flatMap((taskId, index) => dispatchable(taskId, results[index])),
  );
  const taken = results.filter(({ kind }) => kind === 'applied').length;
  return finish ? taken + (await finishWorkflow(ports, origin, finish, at)) : taken;
}

/** A READY that is there already was written by a pass that may have died before it told a worker. */
function dispatchable(taskId: string, result: TransitionResult | undefined): Dispatchable[] {
  if (result?.kind === 'applied') return [{ taskId, version: 1, attempt: 1 }];
  const current = result?.current as Task | undefined;
  return current?.status === 'READY' ? [current] : [];
}

/** Up to 25 tasks ride in one message. @throws DispatchError */
export async function dispatchTasks(
  ports: Ports,
  { workflowId, epoch, definition }: TaskOrigin,
  tasks: readonly Dispatchable[],
): Promise<void> {
  const messages: Promise<void>[] = [];
  for (let start = 0; start < tasks.length; start += LIMITS.tasksPerMessage) {
    const part = tasks.slice(start, start + LIMITS.tasksPerMessage);
    messages.push(
      ports.dispatch({
        workflowId,
        epoch,
        definition,
        tasks: part.map(({ taskId, version, attempt }) => ({ taskId, version, attempt })),
      }),
    );
  }
  await Promise.all(messages);
}

async function finishWorkflow(
  ports: Ports,
  { workflowId, epoch, definition, workflowStartedAt }: TaskOrigin,
  status: FinishTransition['status'],
  at: string,
): Promise<0 | 1> {
  const [result] = await ports.repository.apply([
    { kind: 'finish', workflowId, epoch, definition, status, at },
  ]);
  if (result?.kind !== 'applied') return 0;
  ports.count(status === 'SUCCESS' ? 'WorkflowsSucceeded' : 'WorkflowsFailed');
  ports.observe('WorkflowDurationMs', Date.parse(at) - Date.parse(workflowStartedAt));
  return 1;
}

/** What the items of a workflow's tasks copy from one of them. */
export const originOfTask = (task: Task): TaskOrigin => {
  const { workflowId, epoch, definition, workflowStartedAt, expiresAt } = task;
  return { workflowId, epoch, definition, workflowStartedAt, expiresAt };
};

/** What they copy from META. */
export const originOfWorkflow = (workflow: Omit<Workflow, 'input'>): TaskOrigin => {
  const { workflowId, epoch, definition, createdAt, startedAt, expiresAt } = workflow;
  return { workflowId, epoch, definition, workflowStartedAt: startedAt ?? createdAt, expiresAt };
};

/** Makes the roots of a new workflow READY and tells workers of them. */
export const startRoots = (ports: Ports, origin: TaskOrigin, graph: Graph): Promise<number> =>
  carryOut(ports, origin, { run: graph.roots, skip: [] });
