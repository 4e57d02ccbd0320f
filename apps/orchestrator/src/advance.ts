/**
 * Decides what follows from the finished tasks of one workflow. A pass takes the facts of a stream batch, adds what
 * it remembers and asks the planner about the dependents of the tasks in the batch, and about nothing else. Where a
 * wait is not proved (planner, P3) it reads what is missing: one task first, since one unfinished task is proof
 * enough, then the rest; a small workflow at once and whole. Above epoch 1 it begins with a whole read, because
 * what counts of older epochs stands in no record.
 */
import {
  READ,
  TASKS_PER_READ_UNIT,
  byEpoch,
  factsOf,
  isTerminalTask,
  plan,
  type Graph,
  type Knowledge,
  type Plan,
  type Question,
  type Task,
} from '@orchestra/workflow-core';
import { carryOut, originOfTask, type BegunTask } from './carry-out.js';
import type { Remembered } from './memory.js';
import type { Ports } from './ports.js';

/** @param finished tasks of one workflow and epoch that became SUCCEEDED or FAILED, or SKIPPED by a worker, in the order of their records */
export async function advanceWorkflow(
  ports: Ports,
  finished: readonly [Task, ...Task[]],
): Promise<void> {
  const [{ workflowId, epoch, definition }] = finished;
  try {
    const graph = await ports.graph(definition);
    const remembered = ports.memory.recall(workflowId, epoch);
    if (remembered.isOver) return;
    const pass: Pass = { ports, graph, remembered, finished, ready: new Map() };
    if (epoch > 1 && !remembered.older && !(await readWhole(pass)))
      return ports.memory.forget(workflowId, epoch);
    for (const [taskId, fact] of factsOf(finished)) remembered.facts.set(taskId, fact);
    const origin = originOfTask(finished[0]);
    let decided = await decide(pass, firstAsk(pass));
    while (decided) {
      const { older } = remembered;
      const carrier = {
        origin,
        by: 'stream',
        ready: pass.ready,
        ...(older ? { older } : {}),
      } as const;
      const { begun, finished: isOver } = await carryOut(ports, carrier, decided);
      if (isOver) return ports.memory.end(workflowId, epoch);
      remember(pass, begun);
      // What had been begun before, and has ended since, may have been the last of all: its own record may lie behind us.
      if (!begun.some(({ status }) => isTerminalTask(status))) return;
      // (P4) What follows from a skip is only known once it is written.
      const changed = begun.flatMap(({ taskId, status }) => (status === 'SKIPPED' ? taskId : []));
      decided = await decide(pass, { changed, unfinished: new Map() });
    }
    ports.memory.forget(workflowId, epoch);
  } catch (error) {
    ports.memory.forget(workflowId, epoch);
    throw error;
  }
}

interface Pass {
  readonly ports: Ports;
  readonly graph: Graph;
  readonly remembered: Remembered;
  readonly finished: readonly [Task, ...Task[]];
  /**
   * Tasks this pass read READY. Not taken for dispatched: the pass that wrote them may have died before it told a worker.
   * True for this pass only, since they may be claimed at any moment.
   */
  readonly ready: Map<string, Task>;
}

function remember({ remembered: { facts, started }, ready }: Pass, begun: readonly BegunTask[]) {
  for (const { taskId, status, reason } of begun) {
    ready.delete(taskId);
    if (isTerminalTask(status)) facts.set(taskId, { status, ...(reason ? { reason } : {}) });
    else started.add(taskId);
  }
}

/** One unfinished task is proof enough; a few are looked at before all are. */
const DEPTHS = ['first', 'few', 'many', 'all', 'whole'] as const;
type Depth = (typeof DEPTHS)[number];
const ASKED = { first: 1, few: 25, many: 200, all: Infinity, whole: Infinity } as const;

type Unfinished = Knowledge['unfinished'];

/** About whose dependents, and what is proved unfinished so far. */
interface Ask {
  readonly changed: readonly string[];
  readonly unfinished: Unfinished;
}

function firstAsk({ finished, remembered }: Pass): Ask {
  const unfinished = new Map(
    finished.flatMap(({ witnesses = [] }, index) => witnesses.map((id) => [id, index] as const)),
  );
  for (const id of unfinished.keys()) if (remembered.facts.has(id)) unfinished.delete(id);
  return { changed: finished.map(({ taskId }) => taskId), unfinished };
}

/** Undefined: the workflow is not running in this epoch any more. */
async function decide(pass: Pass, { changed, unfinished }: Ask): Promise<Plan | undefined> {
  const { graph, remembered, finished, ready } = pass;
  const redriven = finished[0].epoch > 1;
  let proved: Unfinished | undefined = unfinished;
  for (const depth of [...DEPTHS, 'done'] as const) {
    const next = plan({ graph, ...remembered, ready, unfinished: proved, redriven }, changed);
    if (next.questions.length === 0 || depth === 'done') return next;
    proved = await read(pass, proved, next.questions, depth);
    if (!proved) return undefined;
  }
  return undefined;
}

/** What is proved unfinished afterwards. */
async function read(
  pass: Pass,
  unfinished: Unfinished,
  questions: readonly Question[],
  depth: Depth,
): Promise<Unfinished | undefined> {
  const { ports, graph, remembered, finished } = pass;
  const asked = new Set(
    questions.flatMap(({ about, unknown }) => [
      ...(about === undefined || unknown.length > 0 ? [] : [about]),
      ...spread(unknown, ASKED[depth]),
    ]),
  );
  if (depth === 'whole' || asked.size * TASKS_PER_READ_UNIT >= graph.tasks.size)
    return (await readWhole(pass)) ? 'rest' : undefined;
  const { workflowId, epoch } = finished[0];
  const tasks = await ports.repository.getTasks(workflowId, [...asked]);
  learn(
    pass,
    tasks.filter((task) => task.epoch === epoch),
  );
  const proved = new Map(unfinished === 'rest' ? [] : unfinished);
  for (const id of asked) proved.set(id, READ);
  for (const id of proved.keys()) if (remembered.facts.has(id)) proved.delete(id);
  return proved;
}

/**
 * So many of them, from all over: neighbours travel in one message and end together. The last is among them: those
 * dispatched last are the likeliest to be unfinished.
 */
function spread(ids: readonly string[], count: number): readonly string[] {
  if (ids.length <= count) return ids;
  const step = ids.length / count;
  return Array.from(
    { length: count },
    (_, n) => ids[ids.length - 1 - Math.floor(n * step)] as string,
  );
}

/** False: the workflow is not running in this epoch any more. */
async function readWhole(pass: Pass): Promise<boolean> {
  const { ports, graph, remembered, finished } = pass;
  const { workflowId, epoch } = finished[0];
  const whole = await ports.repository.getWorkflowWithTasks(workflowId);
  if (whole?.workflow.status !== 'RUNNING' || whole.workflow.epoch !== epoch) return false;
  const { present, older, isTorn } = byEpoch(graph, whole.workflow, whole.tasks);
  if (isTorn) return false;
  learn(pass, present);
  remembered.older = older;
  return true;
}

/** One that waits for its retry has been dispatched. */
function learn({ remembered: { facts, started }, ready }: Pass, tasks: readonly Task[]): void {
  for (const [taskId, fact] of factsOf(tasks)) facts.set(taskId, fact);
  for (const task of tasks) {
    const { taskId, status, notBefore } = task;
    if (status === 'RUNNING' || (status === 'READY' && notBefore !== undefined))
      started.add(taskId);
    else if (status === 'READY') ready.set(taskId, task);
  }
}
