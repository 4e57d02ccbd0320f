/**
 * Decides what follows from the finished tasks of one workflow. A pass takes the facts of a stream batch, adds what
 * it remembers and asks the planner about the dependents of the tasks in the batch, and about nothing else. Where a
 * wait is not proved (planner, P3) it reads what is missing: one task first, since one unfinished task is proof
 * enough, then the rest; a small workflow at once and whole.
 */
import {
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

/** Reading the whole workflow costs a unit per 4 KB, about a dozen tasks; reading tasks by name a unit each. */
const TASKS_PER_READ_UNIT = 12;

/** @param finished tasks of one workflow and epoch that became SUCCEEDED or FAILED */
export async function advanceWorkflow(
  ports: Ports,
  finished: readonly [Task, ...Task[]],
): Promise<void> {
  const [{ workflowId, epoch }] = finished;
  try {
    const graph = await ports.graph(finished[0].definition);
    const remembered = ports.memory.recall(workflowId, epoch);
    for (const [taskId, fact] of factsOf(finished)) remembered.facts.set(taskId, fact);
    const decided = await decide(ports, graph, remembered, finished);
    if (!decided) return ports.memory.forget(workflowId, epoch);
    await carryOut(ports, originOfTask(finished[0]), decided);
    if (decided.finish) ports.memory.forget(workflowId, epoch);
    else remember(remembered, decided);
  } catch (error) {
    ports.memory.forget(workflowId, epoch);
    throw error;
  }
}

function remember({ facts, started }: Remembered, { run, skip }: Plan): void {
  for (const taskId of run) started.add(taskId);
  for (const { taskId, reason } of skip) facts.set(taskId, { status: 'SKIPPED', reason });
}

/** Undefined: the workflow is not running in this epoch any more. */
async function decide(
  ports: Ports,
  graph: Graph,
  remembered: Remembered,
  finished: readonly Task[],
): Promise<Plan | undefined> {
  const changed = finished.map(({ taskId }) => taskId);
  const unfinished = new Set(
    finished.flatMap(({ witnesses }) => witnesses ?? []).filter((id) => !remembered.facts.has(id)),
  );
  let knowledge: Knowledge | undefined = { graph, ...remembered, unfinished };
  let next = plan(knowledge, changed);
  for (const depth of ['first', 'all'] as const) {
    if (next.questions.length === 0) return next;
    knowledge = await read(
      ports,
      knowledge,
      next.questions,
      depth,
      finished[0] as Task,
      remembered,
    );
    if (!knowledge) return undefined;
    next = plan(knowledge, changed);
  }
  return next;
}

async function read(
  ports: Ports,
  knowledge: Knowledge,
  questions: readonly Question[],
  depth: 'first' | 'all',
  { workflowId, epoch }: Task,
  remembered: Remembered,
): Promise<Knowledge | undefined> {
  const { graph } = knowledge;
  const everything = questions.flatMap(({ unknown }) => unknown);
  if (everything.length * TASKS_PER_READ_UNIT > graph.tasks.size) {
    const whole = await ports.repository.getWorkflowWithTasks(workflowId);
    if (whole?.workflow.status !== 'RUNNING' || whole.workflow.epoch !== epoch) return undefined;
    learn(remembered, whole.tasks);
    return { graph, ...remembered, unfinished: 'rest' };
  }
  const asked = new Set(
    questions.flatMap(({ about, unknown }) => [
      ...(about === undefined ? [] : [about]),
      ...(depth === 'first' ? unknown.slice(0, 1) : unknown),
    ]),
  );
  learn(remembered, await ports.repository.getTasks(workflowId, [...asked]));
  const known = knowledge.unfinished === 'rest' ? [] : knowledge.unfinished;
  const unfinished = new Set([...known, ...asked].filter((id) => !remembered.facts.has(id)));
  return { graph, ...remembered, unfinished };
}

/** A task found READY is not taken for dispatched: the pass that wrote it may have died before it told a worker. */
function learn({ facts, started }: Remembered, tasks: readonly Task[]): void {
  for (const [taskId, fact] of factsOf(tasks)) facts.set(taskId, fact);
  for (const { taskId, status } of tasks) if (status === 'RUNNING') started.add(taskId);
}
