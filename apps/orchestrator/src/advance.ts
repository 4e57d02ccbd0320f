/**
 * Decides what follows from the finished tasks of one workflow. A pass takes the facts of a stream batch, adds what
 * it remembers and asks the planner about the dependents of the tasks in the batch, and about nothing else. Where a
 * wait is not proved (planner, P3) it reads what is missing: one task first, since one unfinished task is proof
 * enough, then the rest; a small workflow at once and whole. Above epoch 1 it begins with a whole read, because
 * what counts of older epochs stands in no record.
 */
import {
  factsOf,
  plan,
  presentTasks,
  type Graph,
  type Knowledge,
  type Plan,
  type Question,
  type Task,
} from '@orchestra/workflow-core';
import { carryOut, originOfTask } from './carry-out.js';
import type { Remembered } from './memory.js';
import type { Ports } from './ports.js';

/** Reading the whole workflow costs a unit per 4 KB, about a dozen tasks; reading tasks by name a unit each. */
const TASKS_PER_READ_UNIT = 12;

/** @param finished tasks of one workflow and epoch that became SUCCEEDED or FAILED */
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
    const decided = await decide(pass);
    if (!decided) return ports.memory.forget(workflowId, epoch);
    const { older } = remembered;
    const origin = originOfTask(finished[0]);
    await carryOut(ports, { origin, by: 'stream', ...(older ? { older } : {}) }, decided);
    if (decided.finish) ports.memory.forget(workflowId, epoch);
    else remember(remembered, decided);
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

type Unfinished = Knowledge['unfinished'];

/** Undefined: the workflow is not running in this epoch any more. */
async function decide(pass: Pass): Promise<Plan | undefined> {
  const { graph, remembered, finished } = pass;
  const changed = finished.map(({ taskId }) => taskId);
  const redriven = finished[0].epoch > 1;
  const planWith = (unfinished: Unfinished) =>
    plan({ graph, ...remembered, unfinished, redriven }, changed);
  let unfinished: Unfinished | undefined = new Set(
    finished.flatMap(({ witnesses }) => witnesses ?? []).filter((id) => !remembered.facts.has(id)),
  );
  let next = planWith(unfinished);
  for (const depth of ['first', 'all', 'whole'] as const) {
    if (next.questions.length === 0) return next;
    unfinished = await read(pass, unfinished, next.questions, depth);
    if (!unfinished) return undefined;
    next = planWith(unfinished);
  }
  return next;
}

/** What is proved unfinished afterwards. */
async function read(
  pass: Pass,
  unfinished: ReadonlySet<string> | 'rest',
  questions: readonly Question[],
  depth: 'first' | 'all' | 'whole',
): Promise<Unfinished | undefined> {
  const { ports, graph, remembered, finished } = pass;
  const everything = questions.flatMap(({ unknown }) => unknown);
  if (depth === 'whole' || everything.length * TASKS_PER_READ_UNIT > graph.tasks.size)
    return (await readWhole(pass)) ? 'rest' : undefined;
  const asked = new Set(
    questions.flatMap(({ about, unknown }) => [
      ...(about === undefined ? [] : [about]),
      ...(depth === 'first' ? unknown.slice(0, 1) : unknown),
    ]),
  );
  const { workflowId, epoch } = finished[0];
  const tasks = await ports.repository.getTasks(workflowId, [...asked]);
  learn(
    remembered,
    tasks.filter((task) => task.epoch === epoch),
  );
  const known = unfinished === 'rest' ? [] : unfinished;
  return new Set([...known, ...asked].filter((id) => !remembered.facts.has(id)));
}

/** False: the workflow is not running in this epoch any more. */
async function readWhole({ ports, graph, remembered, finished }: Pass): Promise<boolean> {
  const { workflowId, epoch } = finished[0];
  const whole = await ports.repository.getWorkflowWithTasks(workflowId);
  if (whole?.workflow.status !== 'RUNNING' || whole.workflow.epoch !== epoch) return false;
  const present = new Set(presentTasks(graph, whole.workflow, whole.tasks));
  learn(remembered, [...present]);
  remembered.older = new Map(
    whole.tasks.filter((task) => !present.has(task)).map((task) => [task.taskId, task]),
  );
  return true;
}

/** A task found READY is not taken for dispatched: the pass that wrote it may have died before it told a worker. */
function learn({ facts, started }: Remembered, tasks: readonly Task[]): void {
  for (const [taskId, fact] of factsOf(tasks)) facts.set(taskId, fact);
  for (const { taskId, status } of tasks) if (status === 'RUNNING') started.add(taskId);
}
