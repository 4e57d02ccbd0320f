/** What must hold when nothing moves any more. */
import {
  historyOf,
  type HistoryEvent,
  type PastAttempt,
  type Task,
  type Workflow,
} from '@orchestra/workflow-core';
import type { World } from '../world/world.js';
import { hasEnded, isOver, shouldEnd } from './oracle.js';
import { Violation, expect } from './violation.js';
import type { Moment } from './view.js';

export function atTheEnd(world: World, isAtRest: boolean): void {
  const { table, scenario } = world;
  for (const { workflowId } of scenario.plans)
    expect(table.workflow(workflowId) !== undefined, 'I09', `${workflowId} was never started`);
  for (const workflowId of table.workflowIds()) {
    const workflow = table.workflow(workflowId);
    if (!workflow) throw new Violation('I16', `${workflowId} has items and no META`);
    if (!hasEnded(workflow) || workflow.nextCheckAt !== undefined) throw whyStuck(world, workflow);
    statusAtRest(world, workflow);
    history(world, workflow);
  }
  world.watch.atRest();
  expect(isAtRest, 'I09', 'something never ends');
  quiet(world);
}

/** Named after what should have happened and did not. */
function whyStuck({ table, watch: { view } }: World, workflow: Workflow): Violation {
  const { workflowId, definition, status } = workflow;
  if (status === 'PENDING') return new Violation('PLACE', `${workflowId} waits for ever`);
  const graph = view.graphOf(definition);
  const items = [...view.counting(graph, workflow).values()];
  const ready = items.find((task) => task.status === 'READY');
  if (ready) return new Violation('I10', `${workflowId} ${ready.taskId} stays READY`);
  const running = items.find((task) => task.status === 'RUNNING');
  if (running) return new Violation('I09', `${workflowId} ${running.taskId} stays RUNNING`);
  const ended = table.tasks(workflowId).filter(isOver).length;
  return ended > 0
    ? new Violation('I11', `${workflowId} stays ${status} after ${ended} ended tasks`)
    : new Violation('I09', `${workflowId} stays ${status}`);
}

function statusAtRest({ watch: { view } }: World, workflow: Workflow): void {
  const { workflowId, status, reason } = workflow;
  const graph = view.graphOf(workflow.definition);
  const items = view.counting(graph, workflow);
  for (const { taskId, status: is } of items.values())
    expect(is !== 'RUNNING', 'I09', `${workflowId} ${taskId} stays RUNNING`);
  if (status === 'CANCELLED' || reason !== undefined) return;
  const open = [...graph.tasks.keys()].filter((id) => {
    const task = items.get(id);
    return !task || !isOver(task);
  });
  expect(open.length === 0, 'I08', `${workflowId} is ${status}, ${open.join(', ')} never ended`);
  const should = shouldEnd(graph, items.values());
  expect(status === should, 'I08', `${workflowId} is ${status} and should be ${should}`);
}

function history({ table, watch: { view } }: World, workflow: Workflow): void {
  const { workflowId } = workflow;
  const tasks = table.tasks(workflowId);
  const past = new Map(tasks.map((task) => [task.taskId, pastOf(table, task)]));
  const events = historyOf(view.graphOf(workflow.definition), { workflow, tasks }, past);
  events.forEach(({ sequence }, index) =>
    expect(
      sequence === index + 1,
      'I15',
      `${workflowId}: event ${index + 1} is numbered ${sequence}`,
    ),
  );
  const last = events.findLast(({ taskId }) => taskId === undefined);
  expect(last?.status === workflow.status, 'I15', `${workflowId}: the history ends ${last?.type}`);
  for (const task of tasks) {
    const log = view.log.get(`${workflowId} ${task.taskId}`) ?? [];
    replay(
      log,
      task,
      events.filter(({ taskId }) => taskId === task.taskId),
    );
  }
}

function replay(log: readonly Moment[], task: Task, events: readonly HistoryEvent[]): void {
  const name = `${task.workflowId} ${task.taskId}`;
  // Heartbeats and waits for a place are told together.
  const told = events.flatMap((event) => Array.from({ length: event.count ?? 1 }, () => event));
  expect(
    told.length === task.version,
    'I15',
    `${name} has ${told.length} events and version ${task.version}`,
  );
  log.forEach(({ status, epoch }, index) => {
    const event = told[index];
    expect(
      event?.status === status && event.epoch === epoch,
      'I15',
      `${name}: transition ${index + 1} was ${status}, the history says ${event?.type}`,
    );
  });
  events.reduce((before, { transition = 0, count = 1, type }) => {
    expect(transition === before + count, 'I15', `${name}: ${type} is numbered ${transition}`);
    return transition;
  }, 0);
}

function pastOf(table: World['table'], { workflowId, pastAttempts }: Task): readonly PastAttempt[] {
  if (!pastAttempts) return [];
  const list =
    pastAttempts.kind === 'inline'
      ? JSON.parse(pastAttempts.json)
      : table.payload(workflowId, pastAttempts.key);
  return list as PastAttempt[];
}

function quiet(world: World): void {
  const { faults, stream, counted } = world;
  if (faults.mix === 'swarm' || stream.dropped > 0) return;
  const repairs = counted.get('SweeperRepairs') ?? 0;
  expect(repairs === 0, 'I21', `${repairs} repairs in a run that is ${faults.mix}`);
  if (faults.mix !== 'healthy') return;
  for (const { workflowId, actions } of world.scenario.plans)
    cost(world, workflowId, actions.length);
  const isPlain = world.scenario.plans.every(({ actions }) => actions.length === 0);
  if (isPlain && world.hasOneMemory && stream.laneCount === 1) messages(world);
}

/** Each change of a task once, META twice and once more per look of the sweep and per redrive; nothing tried in vain but for retries. */
function cost({ table, stream, hasOneMemory }: World, workflowId: string, actions: number): void {
  const workflow = table.workflow(workflowId) as Workflow;
  const changes = table.tasks(workflowId).reduce((sum, { version }) => sum + version, 0);
  const written = table.written.get(workflowId) ?? 0;
  expect(written === changes + workflow.version, 'I24', `${workflowId}: ${written} writes`);
  const isPlain = hasOneMemory && stream.laneCount === 1 && workflow.version === 2 && actions === 0;
  const refused = table.refused.get(workflowId) ?? 0;
  const retries = table
    .tasks(workflowId)
    .reduce((sum, task) => sum + Math.max(0, task.attempt - 1), 0);
  if (isPlain) expect(refused <= retries, 'I24', `${workflowId}: ${refused} writes in vain`);
}

/** No task is told of more often than it became READY. */
function messages({ dispatched, watch }: World): void {
  const ready = [...watch.view.log.values()]
    .flat()
    .filter(({ status }) => status === 'READY').length;
  expect(dispatched <= ready, 'I24', `${dispatched} messages for ${ready} READYs`);
}
