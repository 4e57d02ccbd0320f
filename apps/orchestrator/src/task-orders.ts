/**
 * An operator says how a task ends: it is skipped, or has this output. In a workflow that has ended this begins a new epoch.
 *
 * (T1) What a worker holds is not taken from it, and what a map or a child runs for is not cut off.
 * (T2) The workflow is due soon before the word is written: nobody else would see that its record got lost.
 * (T3) What has not begun is given no output: the end of a workflow is told by its last tasks alone (Graph.ends), and what
 *      follows from such an output could reach them while something above still runs. A skip shows in each of them.
 * (T4) An item of a map that has not begun is not skipped: items begin in their order, which is how the number of those that
 *      run at once is held (map-plan, M1).
 */
import {
  byEpoch,
  hasten,
  isTerminalTask,
  isTerminalWorkflow,
  parseItemId,
  putAway,
  taskOf,
  type Graph,
  type OverrideAnswer,
  type OverrideRequest,
  type Payload,
  type RedriveRequest,
  type Task,
  type Transition,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import { originOfWorkflow } from './carry-out.js';
import { isItemThere, storeOutput } from './overrides.js';
import type { Ports } from './ports.js';
import { redriveWorkflow } from './redrive.js';

type Refusal = Extract<OverrideAnswer, { detail: string }>;

/** Others move the task meanwhile. */
const TRIES = 5;
const CHECK_MS = 60_000;

/** Safe to repeat. */
export async function overrideTask(
  ports: Ports,
  request: OverrideRequest,
): Promise<OverrideAnswer> {
  const { workflowId, override } = request;
  const { taskId } = override;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const read = await ports.repository.getWorkflowAndTasks(workflowId, withMap(taskId));
    if (!read) return refusal('unknown', `there is no workflow "${workflowId}"`);
    const { status, definition } = read.workflow;
    const graph = await ports.graph(definition);
    if (!taskOf(graph, taskId)) return noTask(taskId);
    if (isTerminalWorkflow(status)) return redriven(ports, graph, read, request);
    if (status === 'PENDING')
      return refused(`"${workflowId}" waits for a place, and nothing of it has begun`);
    const answer = await overrideRunning(ports, graph, read, request);
    if (answer) return answer;
  }
  return refused(`"${taskId}" changes too fast: order again`);
}

const withMap = (taskId: string): string[] => {
  const mapId = parseItemId(taskId)?.taskId;
  return mapId === undefined ? [taskId] : [taskId, mapId];
};

/** Undefined: somebody else has moved the task meanwhile. */
async function overrideRunning(
  ports: Ports,
  graph: Graph,
  read: WorkflowWithTasks,
  request: OverrideRequest,
): Promise<OverrideAnswer | undefined> {
  const { override } = request;
  const { taskId } = override;
  const { workflow } = read;
  if (!isItemThere(read, taskId)) return noTask(taskId);
  const { present, older } = byEpoch(graph, workflow, read.tasks);
  const task = present.find((each) => each.taskId === taskId);
  const output =
    override.kind === 'output'
      ? await storeOutput(ports, workflow, taskId, override.output)
      : undefined;
  const done = { kind: 'done', status: workflow.status, epoch: workflow.epoch } as const;
  if (task && isSo(task, output)) return done;
  const problem = task ? whyNot(task) : whyNotBegun(taskId, output);
  if (problem) return refused(problem);
  const at = ports.now();
  // (T2)
  await hasten(ports, workflow, new Date(at + CHECK_MS).toISOString());
  const [result] = await ports.repository.apply([
    task
      ? overrideOf(ports, task, request, output)
      : await skipOf(ports, { ...read, workflow }, older.get(taskId), request, output),
  ]);
  return result?.kind === 'applied' ? done : undefined;
}

/** The same order was given before; also one that a redrive was told of. */
const isSo = ({ status, reason, output }: Task, asked: Payload | undefined): boolean =>
  reason === 'OPERATOR' &&
  (asked ? status === 'SUCCEEDED' && isSame(output, asked) : status === 'SKIPPED');

const isSame = (one: Payload | undefined, other: Payload) =>
  JSON.stringify(one) === JSON.stringify(other);

/** (T1) */
function whyNot({ taskId, status, suspendedAt, items, child }: Task): string | undefined {
  if (isTerminalTask(status))
    return `"${taskId}" is ${status}: it can be told so again once the workflow has ended`;
  if (status !== 'RUNNING') return undefined;
  if (suspendedAt === undefined)
    return `a worker runs "${taskId}" at this moment: order again once it has ended`;
  if (items) return `"${taskId}" runs its ${items.count} items: skip those, or set their outputs`;
  return child === undefined
    ? undefined
    : `"${taskId}" runs the workflow "${child}": cancel that one, or skip its tasks`;
}

/** (T3), (T4) */
function whyNotBegun(taskId: string, output: Payload | undefined): string | undefined {
  if (parseItemId(taskId)) return `"${taskId}" has not begun: items begin in their order`;
  return output
    ? `"${taskId}" has not begun: pause the workflow, and set its output once it is READY`
    : undefined;
}

function overrideOf(
  ports: Ports,
  task: Task,
  { who, note }: OverrideRequest,
  output: Payload | undefined,
): Transition {
  const at = new Date(ports.now()).toISOString();
  return { kind: 'override', task, ...present({ output, who, note }), at };
}

/** What has no item that counts is written as ended at once. */
async function skipOf(
  ports: Ports,
  { workflow }: WorkflowWithTasks,
  older: Task | undefined,
  { override: { taskId }, who, note }: OverrideRequest,
  output: Payload | undefined,
): Promise<Transition> {
  const at = new Date(ports.now()).toISOString();
  const over = older && {
    task: older,
    pastAttempts: await putAway(ports.repository, older, { at, by: 'operator' }),
  };
  return {
    ...{ kind: 'skip', origin: originOfWorkflow(workflow), taskId, reason: 'OPERATOR' },
    ...present({ output, over, who, note }),
    ...{ by: 'operator', at },
  };
}

/** It runs again, and so does all below it, but for what is said of it. */
async function redriven(
  ports: Ports,
  graph: Graph,
  read: WorkflowWithTasks,
  request: OverrideRequest,
): Promise<OverrideAnswer> {
  const { workflowId, token, override, who, note } = request;
  const answer = await redriveWorkflow(ports, {
    ...{ mode: 'redrive', workflowId, token },
    selection: selectionOf(graph, read, override.taskId),
    overrides: [override],
    ...present({ who, note }),
  });
  if (!('detail' in answer))
    return { kind: 'redriven', status: answer.status, epoch: answer.epoch };
  const { kind, detail } = answer;
  return kind === 'unknown' || kind === 'unknownTask' ? refusal(kind, detail) : refused(detail);
}

/** Hooks, and what never began, run again with whatever does. */
function selectionOf(
  graph: Graph,
  { tasks }: WorkflowWithTasks,
  taskId: string,
): RedriveRequest['selection'] {
  return graph.hooks.has(taskId) || !tasks.some((task) => task.taskId === taskId)
    ? { kind: 'unfinished' }
    : { kind: 'tasks', tasks: [taskId], downstream: true };
}

const refusal = (kind: Refusal['kind'], detail: string): Refusal => ({ kind, detail });
const refused = (detail: string) => refusal('refused', detail);
const noTask = (taskId: string) => refusal('unknownTask', `it has no task "${taskId}"`);

const present = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<Fields>;
