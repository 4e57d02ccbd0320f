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
  factsOf,
  isItemId,
  isTerminalTask,
  plan,
  type Knowledge,
  type Plan,
  type Question,
  type Task,
} from '@orchestra/workflow-core';
import { advanceMaps } from './advance-maps.js';
import { carryOut, originOfTask } from './carry-out.js';
import { carrierOf, learn, readWhole, remember, type Pass } from './pass.js';
import type { Ports } from './ports.js';

/**
 * @param changed tasks of one workflow and epoch that became SUCCEEDED or FAILED, or SKIPPED by a worker or an operator, or maps that
 *   were expanded, in the order of their records
 */
export async function advanceWorkflow(
  ports: Ports,
  changed: readonly [Task, ...Task[]],
): Promise<void> {
  const [{ workflowId, epoch, definition }] = changed;
  try {
    const graph = await ports.graph(definition);
    const remembered = ports.memory.recall(workflowId, epoch);
    if (remembered.isOver) return;
    const finished = changed.filter(
      ({ taskId, status }) => isTerminalTask(status) && !isItemId(taskId),
    );
    const origin = originOfTask(changed[0]);
    const pass: Pass = { ports, graph, origin, remembered, finished, ready: new Map() };
    if (epoch > 1 && !remembered.older && !(await readWhole(pass)))
      return ports.memory.forget(workflowId, epoch);
    const isOver = finished.length > 0 && (await advanceTasks(pass));
    if (isOver === 'over') return ports.memory.end(workflowId, epoch);
    if (isOver === 'gone') return ports.memory.forget(workflowId, epoch);
    await advanceMaps(pass, changed);
  } catch (error) {
    ports.memory.forget(workflowId, epoch);
    throw error;
  }
}

/** `over`: the workflow has ended, and this pass knows; `gone`: it is not running in this epoch any more. */
async function advanceTasks(pass: Pass): Promise<'over' | 'gone' | false> {
  const { ports, remembered } = pass;
  for (const [taskId, fact] of factsOf(pass.finished)) remembered.facts.set(taskId, fact);
  let decided = await decide(pass, firstAsk(pass));
  while (decided) {
    const { begun, finished: isOver } = await carryOut(ports, carrierOf(pass), decided);
    if (isOver) return 'over';
    remember(pass, begun);
    // What had been begun before, and has ended since, may have been the last of all: its own record may lie behind us.
    if (!begun.some(({ status }) => isTerminalTask(status))) return false;
    // (P4) What follows from a skip is only known once it is written.
    const skipped = begun.flatMap(({ taskId, status }) => (status === 'SKIPPED' ? taskId : []));
    decided = await decide(pass, { changed: skipped, unfinished: new Map() });
  }
  return 'gone';
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
  const { graph, origin, remembered, ready } = pass;
  const redriven = origin.epoch > 1;
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
  const { ports, graph, origin, remembered } = pass;
  const asked = new Set(
    questions.flatMap(({ about, unknown }) => [
      ...(about === undefined || unknown.length > 0 ? [] : [about]),
      ...spread(unknown, ASKED[depth]),
    ]),
  );
  const { workflowId, epoch } = origin;
  if (depth === 'whole' || asked.size * TASKS_PER_READ_UNIT >= graph.tasks.size)
    // What is asked about the tasks of a definition no item of a map tells.
    return (await readWhole(pass, { items: epoch > 1 })) ? 'rest' : undefined;
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
