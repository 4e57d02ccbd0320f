/**
 * What happened to a workflow, told from its items: no transition costs a write of its own for it. Pure.
 *
 * (H1) Each transition of a task leaves its trace in the task's item: the present attempt in its attributes, those
 *      before in `pastAttempts`. So the events of a task tell as many transitions as its version says, each once: nothing
 *      can be missing without a gap that shows. Heartbeats alone share an event, which says how many they are.
 * (H2) The order is that of time, except where clocks of two machines contradict what follows from what: a task's
 *      events stand in the order of its versions, and a decision never stands before what it was decided from. Items stand
 *      between the expansion of their map and its end, hooks after all other tasks.
 */
import { topologicalOrder, type Graph } from './definition.js';
import {
  eventsOfTask,
  eventsOfWorkflow,
  type Draft,
  type EventType,
  type HistoryEvent,
} from './history-events.js';
import { parseItemId } from './map-items.js';
import type { WorkflowWithTasks } from './repository.js';
import {
  isTerminalTask,
  isTerminalWorkflow,
  type TaskStatus,
  type WorkflowStatus,
} from './state-machines.js';
import { mayRunEarly } from './trigger-rules.js';
import type { PastAttempt } from './workflow.js';

export { EVENT_TYPES, type EventType, type HistoryEvent } from './history-events.js';

/** @param pastAttempts of every task that has some, by task id; oldest first */
export function historyOf(
  graph: Graph,
  { workflow, tasks }: WorkflowWithTasks,
  pastAttempts: ReadonlyMap<string, readonly PastAttempt[]>,
): readonly HistoryEvent[] {
  const byTask = new Map(
    tasks.map((task) => [task.taskId, eventsOfTask(task, pastAttempts.get(task.taskId) ?? [])]),
  );
  const drafts = inCausalOrder(graph, eventsOfWorkflow(workflow), byTask);
  return drafts.map((draft, index) => ({ sequence: index + 1, ...draft }));
}

type Events = readonly Draft[];

/** (H2): sorted by time, but never before what it follows from. */
function inCausalOrder(
  graph: Graph,
  workflow: Events,
  byTask: ReadonlyMap<string, Events>,
): Draft[] {
  const ranking = new Ranking(graph);
  const groups = groupsOf(graph, byTask);
  for (let epoch = 1; epoch <= (workflow.at(-1)?.epoch ?? 0); epoch += 1) {
    const ofEpoch = (events: Events = []) => events.filter((event) => event.epoch === epoch);
    const [begin, ...rest] = ofEpoch(workflow) as [Draft, ...Draft[]];
    const began = ranking.place(begin, ranking.latest);
    const end = rest.find(({ status }) => isTerminalWorkflow(status as WorkflowStatus));
    const lastOrder = rest
      .filter((event) => event !== end)
      .reduce((after, event) => ranking.place(event, after), began);
    // A stop comes before what it stops; an end by the tasks after all of them.
    if (end && isStop(end)) ranking.place(end, lastOrder);
    for (const { taskId, items } of groups) {
      const after = Math.max(began, ranking.afterTasks(taskId));
      ranking.placeMap(
        ofEpoch(byTask.get(taskId)),
        items.map((id) => ofEpoch(byTask.get(id))),
        after,
      );
    }
    if (end && !isStop(end)) ranking.place(end, ranking.latest);
    ranking.nextEpoch();
  }
  return ranking.sorted();
}

/** Each event with its place on the one line of time. */
class Ranking {
  /** Of the last event of all. */
  latest = 0;
  private readonly ranked: { readonly draft: Draft; readonly rank: number }[] = [];
  private readonly lastOf = new Map<string, number>();
  private readonly endOf = new Map<string, number>();
  /** Of the last event of a task of the present epoch: of those that are no hooks, and of hooks. */
  private readonly ended = { tasks: 0, hooks: 0 };

  constructor(private readonly graph: Graph) {}

  /** Its rank. */
  place(draft: Draft, after: number): number {
    const rank = Math.max(Date.parse(draft.at) || 0, after);
    this.ranked.push({ draft, rank });
    this.latest = Math.max(this.latest, rank);
    return rank;
  }

  /** Items between the expansion of their map and what follows it; any other task has none. */
  placeMap(events: Events, items: readonly Events[], after: number): void {
    const expanded = events.findIndex(({ waitsFor }) => waitsFor?.items !== undefined) + 1;
    const head = this.placeTask(events.slice(0, expanded || events.length), after);
    const last = items.reduce((latest, each) => Math.max(latest, this.placeTask(each, head)), head);
    this.placeTask(expanded > 0 ? events.slice(expanded) : [], last);
  }

  /** The rank of its last event. */
  private placeTask(events: Events, after: number): number {
    return events.reduce((last, event) => {
      const taskId = event.taskId ?? '';
      const decided = isDecided(event) ? this.decidedFrom(taskId) : [];
      const rank = this.place(event, Math.max(last, this.lastOf.get(taskId) ?? 0, ...decided));
      this.lastOf.set(taskId, rank);
      if (isTerminalTask(event.status as TaskStatus)) this.endOf.set(taskId, rank);
      const kind = this.graph.hooks.has(taskId) ? 'hooks' : 'tasks';
      this.ended[kind] = Math.max(this.ended[kind], rank);
      return rank;
    }, after);
  }

  private decidedFrom(taskId: string): number[] {
    const rule = this.graph.tasks.get(taskId)?.triggerRule ?? 'all_success';
    const upstream = mayRunEarly(rule) ? [] : (this.graph.upstream.get(taskId) ?? []);
    return upstream.map((up) => this.endOf.get(up) ?? 0);
  }

  /** What a hook follows: all other tasks, and the last hooks all others. */
  afterTasks(taskId: string): number {
    const hook = this.graph.hooks.get(taskId);
    if (hook === undefined) return 0;
    return hook === 'finally' ? Math.max(this.ended.tasks, this.ended.hooks) : this.ended.tasks;
  }

  nextEpoch(): void {
    Object.assign(this.ended, { tasks: 0, hooks: 0 });
  }

  sorted(): Draft[] {
    return this.ranked.sort((a, b) => a.rank - b.rank).map(({ draft }) => draft);
  }
}

/** A task, and the items it has as a map. */
interface Group {
  readonly taskId: string;
  readonly items: readonly string[];
}

/** Each task after those it depends on, hooks behind; what the definition does not know any more at last. */
function groupsOf(graph: Graph, byTask: ReadonlyMap<string, Events>): readonly Group[] {
  const items = new Map<string, string[]>();
  for (const id of byTask.keys()) {
    const mapId = parseItemId(id)?.taskId;
    if (mapId === undefined) continue;
    const known = items.get(mapId);
    if (known) known.push(id);
    else items.set(mapId, [id]);
  }
  const others = [...byTask.keys()].filter((id) => parseItemId(id) === undefined);
  const order = new Set([
    ...topologicalOrder(graph),
    ...graph.hooks.keys(),
    ...others,
    ...items.keys(),
  ]);
  return [...order].map((taskId) => ({ taskId, items: items.get(taskId) ?? [] }));
}

const FIRST_IN_EPOCH: ReadonlySet<EventType> = new Set(['TASK_READY', 'TASK_SKIPPED']);

/** From how its upstream ended; a failure elsewhere and an operator need not wait for that. */
const isDecided = ({ type, reason }: Draft): boolean =>
  FIRST_IN_EPOCH.has(type) && reason !== 'FAIL_FAST' && reason !== 'OPERATOR';

const isStop = ({ type, reason }: Draft) =>
  type === 'WORKFLOW_CANCELLED' || (type === 'WORKFLOW_FAILED' && reason === 'TIMEOUT');
