/**
 * Carries a plan out, in the one order that loses nothing: READY and SKIPPED are written, then workers are told,
 * then the workflow is finished; only after that may whoever asked acknowledge. A crash in between costs a
 * duplicate message, never a task.
 */
import {
  LIMITS,
  attemptAfter,
  hasDuties,
  itemsFailedError,
  putAway,
  type Actor,
  type FinishTransition,
  type Graph,
  type ItemsView,
  type OrderedOverride,
  type Overwritten,
  type SkipReason,
  type Task,
  type TaskOrigin,
  type Transition,
  type TransitionResult,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Ports } from './ports.js';

export interface WorkToDo {
  readonly run: readonly string[];
  readonly skip: readonly { readonly taskId: string; readonly reason: SkipReason }[];
  readonly finish?: FinishTransition['status'];
}

export interface Carrier {
  readonly origin: TaskOrigin;
  readonly graph: Graph;
  readonly by: Actor;
  /** Items of older epochs that do not count any more; read ones, as far as there are any. */
  readonly older?: ReadonlyMap<string, Task>;
  /** What an operator says of tasks of this epoch: they are begun as ended so. From META, which has to be read above epoch 1. */
  readonly overrides?: ReadonlyMap<string, OrderedOverride>;
  /** Tasks read READY a moment ago: they are begun, and a worker is told of them once more. */
  readonly ready?: ReadonlyMap<string, Task>;
}

export interface CarriedOut {
  /** How many of the steps this call itself took; others may have been faster. */
  readonly taken: number;
  /** The tasks as they are now. */
  readonly begun: readonly BegunTask[];
  /** Whether the workflow has ended, as the plan said. */
  readonly finished: boolean;
}

export type BegunTask = Pick<Task, 'taskId' | 'status' | 'reason' | 'notBefore'>;

type Dispatchable = Pick<Task, 'taskId' | 'version' | 'attempt'>;

export async function carryOut(
  ports: Ports,
  carrier: Carrier,
  { run, skip, finish }: WorkToDo,
): Promise<CarriedOut> {
  const at = new Date(ports.now()).toISOString();
  const begun = await beginInOrder(ports, carrier, { run, skip }, at);
  const tasks = begun.flatMap(({ task }) => task ?? []);
  await dispatchTasks(ports, carrier.origin, tasks.filter(isForWorkers));
  const taken = begun.filter(({ taken }) => taken).length;
  // (P5) A skip that came too late is none: what was concluded from it does not follow.
  const written = new Set(
    tasks.flatMap(({ taskId, status }) => (status === 'SKIPPED' ? taskId : [])),
  );
  if (!finish || !skip.every(({ taskId }) => written.has(taskId)))
    return { taken, begun: tasks, finished: false };
  const ended = await finishWorkflow(ports, carrier, finish, at);
  return { taken: taken + ended, begun: tasks, finished: true };
}

/** A READY that waits for its retry is a waiting worker's, or the sweep's to dispatch. */
const isForWorkers = ({ status, notBefore }: BegunTask): boolean =>
  status === 'READY' && notBefore === undefined;

interface Begun {
  /** The item as it is now: ours, or one that another pass wrote which may have died before it told a worker. */
  readonly task?: Dispatchable & BegunTask;
  readonly taken: boolean;
}

/**
 * What follows from a skip of this very plan begins after it, and only if it is there as it was decided: an operator may
 * have skipped the same task for a reason of their own. Then whoever asked decides again.
 */
async function beginInOrder(
  ports: Ports,
  carrier: Carrier,
  { run, skip }: WorkToDo,
  at: string,
): Promise<readonly Begun[]> {
  const reasons = new Map<string, string>(skip.map(({ taskId, reason }) => [taskId, reason]));
  const later = run.filter((taskId) => followsFrom(carrier.graph, taskId, reasons));
  const now = run.filter((taskId) => !later.includes(taskId));
  const begun = await begin(ports, carrier, { run: now, skip }, at);
  if (later.length === 0) return begun;
  const asDecided = new Set(
    begun.flatMap(({ task }) =>
      task?.status === 'SKIPPED' && task.reason === reasons.get(task.taskId) ? task.taskId : [],
    ),
  );
  if (skip.some(({ taskId }) => !asDecided.has(taskId))) return begun;
  return [...begun, ...(await begin(ports, carrier, { run: later, skip: [] }, at))];
}

/** A hook follows from whatever becomes of the tasks. */
const followsFrom = (
  graph: Graph,
  taskId: string,
  skipped: ReadonlyMap<string, string>,
): boolean =>
  graph.hooks.has(taskId)
    ? [...skipped.keys()].some((id) => graph.upstream.has(id))
    : (graph.upstream.get(taskId) ?? []).some((up) => skipped.has(up));

async function begin(
  ports: Ports,
  carrier: Carrier,
  { run, skip }: WorkToDo,
  at: string,
): Promise<readonly Begun[]> {
  const { origin, by, older, ready } = carrier;
  const first = async (taskId: string) => {
    const item = older?.get(taskId);
    return { origin, taskId, by, at, ...(item ? { over: await over(ports, item, at) } : {}) };
  };
  const transitions: Begin[] = await Promise.all([
    ...run
      .filter((taskId) => !ready?.has(taskId))
      .map(async (taskId) => ({
        ...(await first(taskId)),
        ...asOrdered(carrier.overrides?.get(taskId)),
      })),
    ...skip.map(async ({ taskId, reason }) => ({
      ...(await first(taskId)),
      kind: 'skip' as const,
      reason,
    })),
  ]);
  const results = await ports.repository.apply(transitions);
  const begun = await Promise.all(
    transitions.map((transition, index) =>
      settle(ports, transition, results[index] as TransitionResult, at),
    ),
  );
  const again = run.flatMap((taskId) => ready?.get(taskId) ?? []);
  return [...begun, ...again.map((task) => ({ task, taken: false }))];
}

type Begin = Extract<Transition, { kind: 'ready' | 'skip' }>;

/** How a task that is to run begins. Its record in the stream tells what follows from an end. */
function asOrdered(override: OrderedOverride | undefined) {
  if (!override || override.kind === 'input') return { kind: 'ready' as const };
  const { who, note } = override;
  return {
    ...({ kind: 'skip', reason: 'OPERATOR', by: 'operator' } as const),
    ...(override.kind === 'output' ? { output: override.output } : {}),
    ...(who === undefined ? {} : { who }),
    ...(note === undefined ? {} : { note }),
  };
}

/** Tries at an item that a pass of an epoch long gone changes meanwhile. */
const OVERWRITE_TRIES = 3;

async function settle(
  ports: Ports,
  transition: Begin,
  result: TransitionResult,
  at: string,
): Promise<Begun> {
  let next = result;
  for (let attempt = 0; attempt < OVERWRITE_TRIES; attempt += 1) {
    if (next.kind === 'applied') return { task: beginning(transition), taken: true };
    const current = next.current as Task | undefined;
    if (!current || current.epoch > transition.origin.epoch) return { taken: false };
    if (current.epoch === transition.origin.epoch) return { task: current, taken: false };
    // Of an older epoch, and not what was read of it: a pass that stalled has been there.
    const again = { ...transition, over: await over(ports, current, at) };
    next = (await ports.repository.apply([again]))[0] as TransitionResult;
  }
  return { taken: false };
}

/** The item that a transition of ours has just written. */
function beginning(transition: Begin): Begun['task'] {
  const { kind, taskId, over: older } = transition;
  if (kind === 'skip') {
    const status = transition.output ? 'SUCCEEDED' : 'SKIPPED';
    return { taskId, status, reason: transition.reason, version: 1, attempt: 0 };
  }
  if (!older) return { taskId, status: 'READY', version: 1, attempt: 1 };
  const { task } = older;
  return {
    taskId,
    status: 'READY',
    version: task.version + 1,
    attempt: attemptAfter(task),
  };
}

const over = async (ports: Ports, task: Task, at: string): Promise<Overwritten> => ({
  task,
  pastAttempts: await putAway(ports.repository, task, { at, by: 'orchestrator' }),
});

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
  { origin, by, graph }: Carrier,
  status: FinishTransition['status'],
  at: string,
): Promise<0 | 1> {
  const { workflowId, epoch, definition, workflowStartedAt } = origin;
  const staysDue = hasDuties(graph, workflowId) ? { staysDue: true as const } : {};
  const [result] = await ports.repository.apply([
    { kind: 'finish', workflowId, epoch, definition, status, by, at, ...staysDue },
  ]);
  if (result?.kind !== 'applied') return 0;
  ports.count(status === 'SUCCESS' ? 'WorkflowsSucceeded' : 'WorkflowsFailed');
  ports.observe('WorkflowDurationMs', Date.parse(at) - Date.parse(workflowStartedAt));
  return 1;
}

/** After the last of its items (map-plan, M3). Others may have been faster. */
export async function endMap(
  ports: Ports,
  { origin: { workflowId }, by }: Pick<Carrier, 'origin' | 'by'>,
  taskId: string,
  view: ItemsView,
  status: 'SUCCEEDED' | 'FAILED',
): Promise<0 | 1> {
  const at = new Date(ports.now()).toISOString();
  const common = { workflowId, taskId, claimId: view.claimId, by, at };
  const [result] = await ports.repository.apply([
    status === 'SUCCEEDED'
      ? { ...common, kind: 'succeed' }
      : { ...common, kind: 'fail', error: itemsFailedError(view, taskId) },
  ]);
  return result?.kind === 'applied' ? 1 : 0;
}

/** What the items of a workflow's tasks copy from one of them. */
export const originOfTask = (task: Task): TaskOrigin => {
  const { workflowId, epoch, definition, workflowStartedAt, expiresAt } = task;
  return { workflowId, epoch, definition, workflowStartedAt, expiresAt };
};

/** What they copy from META. */
export const originOfWorkflow = (workflow: Omit<Workflow, 'input' | 'requestHash'>): TaskOrigin => {
  const { workflowId, epoch, definition, createdAt, startedAt, expiresAt } = workflow;
  return { workflowId, epoch, definition, workflowStartedAt: startedAt ?? createdAt, expiresAt };
};

/** Makes the roots of a new workflow READY and tells workers of them. */
export const startRoots = (ports: Ports, origin: TaskOrigin, graph: Graph): Promise<CarriedOut> =>
  carryOut(ports, { origin, graph, by: 'start' }, { run: graph.roots, skip: [] });
