/** A pass over records of one workflow: what it knows, and how it learns more. */
import {
  byEpoch,
  factsOf,
  isRunningMap,
  isTerminalTask,
  overridesOf,
  parseItemId,
  viewOfMap,
  type Graph,
  type Task,
  type TaskOrigin,
} from '@orchestra/workflow-core';
import type { BegunTask, Carrier } from './carry-out.js';
import type { Remembered } from './memory.js';
import type { Ports } from './ports.js';

export interface Pass {
  readonly ports: Ports;
  readonly graph: Graph;
  readonly origin: TaskOrigin;
  readonly remembered: Remembered;
  /** Those that ended, but for the items of maps. */
  readonly finished: readonly Task[];
  /**
   * Tasks this pass read READY. Not taken for dispatched: the pass that wrote them may have died before it told a worker.
   * True for this pass only, since they may be claimed at any moment.
   */
  readonly ready: Map<string, Task>;
  /** It has read the items of every map that runs: of those that are READY nobody may have been told. */
  hasReadItems?: boolean;
}

export const carrierOf = ({ origin, graph, ready, remembered }: Pass): Carrier => ({
  origin,
  graph,
  by: 'stream',
  ready,
  ...(remembered.older ? { older: remembered.older } : {}),
  ...(remembered.overrides ? { overrides: remembered.overrides } : {}),
});

export function remember(
  { remembered: { facts, started }, ready }: Pass,
  begun: readonly BegunTask[],
) {
  for (const { taskId, status, reason } of begun) {
    ready.delete(taskId);
    if (isTerminalTask(status)) facts.set(taskId, { status, ...(reason ? { reason } : {}) });
    else started.add(taskId);
  }
}

/** False: the workflow is not running in this epoch any more. */
export async function readWhole(pass: Pass, { items = true } = {}): Promise<boolean> {
  const { ports, graph, origin, remembered } = pass;
  const { workflowId, epoch } = origin;
  const whole = await ports.repository.getWorkflowWithTasks(workflowId, { items });
  if (whole?.workflow.status !== 'RUNNING' || whole.workflow.epoch !== epoch) return false;
  const { present, older, isTorn } = byEpoch(graph, whole.workflow, whole.tasks);
  if (isTorn) return false;
  learn(pass, present);
  if (items) {
    learnMaps(remembered, present);
    pass.hasReadItems = true;
  }
  remembered.older = older;
  remembered.overrides = overridesOf(whole.workflow);
  return true;
}

/** One that waits for its retry has been dispatched. */
export function learn(
  { remembered: { facts, started }, ready }: Pass,
  tasks: readonly Task[],
): void {
  for (const [taskId, fact] of factsOf(tasks)) facts.set(taskId, fact);
  for (const task of tasks) {
    const { taskId, status, notBefore } = task;
    if (status === 'RUNNING' || (status === 'READY' && notBefore !== undefined))
      started.add(taskId);
    else if (status === 'READY') ready.set(taskId, task);
  }
}

/** From a whole read: the maps that run, and all of their items. */
function learnMaps(remembered: Remembered, present: readonly Task[]): void {
  remembered.maps.clear();
  for (const task of present)
    if (isRunningMap(task)) {
      const items = present.filter(({ taskId }) => parseItemId(taskId)?.taskId === task.taskId);
      remembered.maps.set(task.taskId, viewOfMap(task, items));
    }
}
