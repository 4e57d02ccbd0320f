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
  plan,
  type Graph,
  type Knowledge,
  type Plan,
  type Question,
  type Task,
} from '@orchestra/workflow-core';
import { carryOut, originOfTask } from './carry-out.js';
import type { Remembered } from './memory.js';
import type { Ports } from './ports.js';

/** @param finished tasks of one workflow and epoch that became SUCCEEDED or FAILED, in the order of their records */
export async function advanceWorkflow(
  ports: Ports,
  finished: readonly [Task, ...Task[]],
): Promise<void> {
  const [{ workflowId, epoch, definition }] = finished;
  try {
    const graph = await ports.graph(definition);
    const remembered = ports.memory.recall(workflowId, epoch);
    const pass: Pass = { ports, graph, remembered, finished };
    if (epoch > 1 && !remembered.older && !(await readWhole(pass)))
      return ports.memory.forget(workflowId, epoch);
    for (const [taskId, fact] of factsOf(finished)) remembered.facts.set(taskId, fact);
    const origin = originOfTask(finished[0]);
    let decided = await decide(pass, firstAsk(pass));
    while (decided) {
      const { older } = remembered;
      await carryOut(ports, { origin, by: 'stream', ...(older ? { older } : {}) }, decided);
      if (decided.finish) break;
      remember(remembered, decided);
      if (decided.skip.length === 0) return;
      // (P4) What follows from a skip is only known once it is written.
      const changed = decided.skip.map(({ taskId }) => taskId);
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
}

function remember({ facts, started }: Remembered, { run, skip }: Plan): void {
  for (const taskId of run) started.add(taskId);
  for (const { taskId, reason } of skip) facts.set(taskId, { status: 'SKIPPED', reason });
}

/** One unfinished task is proof enough; a few are looked at before all are. */
const DEPTHS = ['first', 'few', 'all', 'whole'] as const;
type Depth = (typeof DEPTHS)[number];
const ASKED = { first: 1, few: 25, all: Infinity } as const;

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
  for (const id of remembered.facts.keys()) unfinished.delete(id);
  return { changed: finished.map(({ taskId }) => taskId), unfinished };
}

/** Undefined: the workflow is not running in this epoch any more. */
async function decide(pass: Pass, { changed, unfinished }: Ask): Promise<Plan | undefined> {
  const { graph, remembered, finished } = pass;
  const redriven = finished[0].epoch > 1;
  let proved: Unfinished | undefined = unfinished;
  for (const depth of [...DEPTHS, 'done'] as const) {
    const next = plan({ graph, ...remembered, unfinished: proved, redriven }, changed);
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
      // Those dispatched last are the likeliest to be unfinished.
      ...(depth === 'whole' ? unknown : unknown.slice(-ASKED[depth])),
    ]),
  );
  if (depth === 'whole' || asked.size * TASKS_PER_READ_UNIT >= graph.tasks.size)
    return (await readWhole(pass)) ? 'rest' : undefined;
  const { workflowId, epoch } = finished[0];
  const tasks = await ports.repository.getTasks(workflowId, [...asked]);
  learn(
    remembered,
    tasks.filter((task) => task.epoch === epoch),
  );
  const proved = new Map(unfinished === 'rest' ? [] : unfinished);
  for (const id of asked) proved.set(id, READ);
  for (const id of remembered.facts.keys()) proved.delete(id);
  return proved;
}

/** False: the workflow is not running in this epoch any more. */
async function readWhole({ ports, graph, remembered, finished }: Pass): Promise<boolean> {
  const { workflowId, epoch } = finished[0];
  const whole = await ports.repository.getWorkflowWithTasks(workflowId);
  if (whole?.workflow.status !== 'RUNNING' || whole.workflow.epoch !== epoch) return false;
  const { present, older, isTorn } = byEpoch(graph, whole.workflow, whole.tasks);
  if (isTorn) return false;
  learn(remembered, present);
  remembered.older = older;
  return true;
}

/**
 * A task found READY is not taken for dispatched: the pass that wrote it may have died before it told a worker. One that
 * waits for its retry has been.
 */
function learn({ facts, started }: Remembered, tasks: readonly Task[]): void {
  for (const [taskId, fact] of factsOf(tasks)) facts.set(taskId, fact);
  for (const { taskId, status, notBefore } of tasks)
    if (status === 'RUNNING' || (status === 'READY' && notBefore !== undefined))
      started.add(taskId);
}
