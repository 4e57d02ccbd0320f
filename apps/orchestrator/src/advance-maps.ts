/**
 * Decides what follows for the items of maps (map-plan): a pass learns which of them ended, starts those there is room for
 * now, and ends the map after its last. What it remembers of a map is exact as long as it alone decides about it; where it
 * is behind (M2) it reads the items, and a wait it cannot prove (planner, P3) is read for as any other.
 */
import {
  factsOf,
  hasFailedFast,
  isRunningMap,
  isTerminalTask,
  itemId,
  learnBegun,
  learnEnd,
  learnItems,
  newItemsView,
  openItems,
  parseItemId,
  planItems,
  sizeOf,
  type ItemsPlan,
  type ItemsView,
  type Task,
  type TaskDefinition,
  type TaskFact,
} from '@orchestra/workflow-core';
import { carryOut, endMap } from './carry-out.js';
import { carrierOf, learn, readWhole, remember, type Pass } from './pass.js';

/** What a batch tells of one map: that it was expanded, and which of its items ended, in the order of their records. */
interface News {
  readonly mapId: string;
  expanded?: Task;
  readonly ended: Task[];
}

/** @param changed the records of the batch */
export async function advanceMaps(pass: Pass, changed: readonly Task[]): Promise<void> {
  const news = newsOf(changed);
  const { graph, remembered } = pass;
  // (P5) A failure that was decided about before a map was expanded tells it of nothing.
  const mayBeLate = graph.definition.failFast === true && changed.some(isRunningMap);
  if (mayBeLate && !(await readWhole(pass))) return;
  const isOver = hasFailedFast({ graph, facts: remembered.facts });
  // (P5) What has failed here ends the starts of every map that runs.
  if (isOver && graph.hasMaps && pass.finished.some(({ status }) => status === 'FAILED')) {
    if (!(await readWhole(pass))) return;
    for (const mapId of remembered.maps.keys())
      if (!news.has(mapId)) news.set(mapId, { mapId, ended: [] });
  }
  for (const each of news.values()) await advanceMap(pass, each, isOver);
}

function newsOf(changed: readonly Task[]): Map<string, News> {
  const news = new Map<string, News>();
  const of = (mapId: string) => {
    const known = news.get(mapId) ?? { mapId, ended: [] };
    news.set(mapId, known);
    return known;
  };
  for (const task of changed) {
    const item = parseItemId(task.taskId);
    if (item) of(item.taskId).ended.push(task);
    else if (!isTerminalTask(task.status)) of(task.taskId).expanded = task;
  }
  return news;
}

/** Reads the items at most twice: where it is behind, and after it found that others are at it too. */
const ROUNDS = 4;

async function advanceMap(pass: Pass, news: News, isOver: boolean): Promise<void> {
  const { mapId } = news;
  const { graph, remembered } = pass;
  const isKnown = remembered.maps.has(mapId);
  const view = await viewOf(pass, news);
  if (!view) return;
  const definition = graph.tasks.get(mapId) as TaskDefinition;
  const knew = view.ended.size;
  learnEnds(pass, view, news.ended);
  // An expansion that comes again was not carried out to its end.
  let isExact =
    pass.hasReadItems === true ||
    (news.expanded !== undefined && isKnown && (await readItems(pass, mapId, view)));
  for (let round = 0; round < ROUNDS; round += 1) {
    // What was read is news too: whoever was told of it may have died before it told a worker.
    const next = planItems(view, definition, { news: view.ended.size - knew, isOver });
    if (next.finish) {
      await endMap(pass.ports, { origin: pass.origin, by: 'stream' }, mapId, view, next.finish);
      return void remembered.maps.delete(mapId);
    }
    if (next.isBehind && !isExact) {
      isExact = await readItems(pass, mapId, view);
      continue;
    }
    const begun = await begin(pass, news, view, next, isExact);
    if (begun === 'alone') return;
    // What was read unfinished, or what the last record's writer still held, ends later, and its record carries this on.
    if (begun === 'nothing' && (isExact || (await isProved(pass, news, view)))) return;
    // Somebody else has begun some of them; or (P4) what was skipped may have been the last.
    isExact = await readItems(pass, mapId, view);
  }
}

/** Undefined: the map does not run any more. */
async function viewOf(pass: Pass, { mapId, expanded }: News): Promise<ItemsView | undefined> {
  const { ports, graph, origin, remembered } = pass;
  const known = remembered.maps.get(mapId);
  if (known) return known;
  // (M4) What counts of older epochs stands in no record.
  if (origin.epoch > 1) return (await readWhole(pass)) ? remembered.maps.get(mapId) : undefined;
  const [map] = expanded ? [expanded] : await ports.repository.getTasks(origin.workflowId, [mapId]);
  if (!map || !isRunningMap(map) || map.epoch !== origin.epoch) return undefined;
  const view = newItemsView(map.items, map.claimId ?? '');
  const { maxConcurrency = view.count } = graph.tasks.get(mapId) ?? {};
  // The pass over its expansion starts the first of them before it is acknowledged.
  if (!expanded) view.started = Math.min(sizeOf(view), maxConcurrency);
  remembered.maps.set(mapId, view);
  return view;
}

function learnEnds({ remembered }: Pass, view: ItemsView, ended: readonly Task[]): void {
  for (const [taskId, fact] of factsOf(ended)) {
    remembered.facts.set(taskId, fact);
    learnEnd(view, indexOf(taskId), fact);
  }
}

const indexOf = (taskId: string): number => parseItemId(taskId)?.index ?? -1;

async function readItems(pass: Pass, mapId: string, view: ItemsView): Promise<true> {
  const { workflowId, epoch } = pass.origin;
  const range = { taskId: mapId, first: 0, last: view.count - 1 };
  const items = await pass.ports.repository.getItems(workflowId, range);
  const present = items.filter((item) => item.epoch === epoch);
  learn(pass, present);
  learnItems(view, present);
  return true;
}

/** So many at a time: the first run while the last are still being written. */
const BEGUN_AT_ONCE = 500;

/** `alone`: nobody else has begun any of them, so their records will come after this one. */
async function begin(
  pass: Pass,
  { mapId, expanded }: News,
  view: ItemsView,
  { run, skip, latest }: ItemsPlan,
  isExact: boolean,
): Promise<'nothing' | 'alone' | 'not alone'> {
  const { ready, remembered } = pass;
  const again = !isExact
    ? []
    : pass.hasReadItems || expanded
      ? [...ready.keys()].filter((id) => parseItemId(id)?.taskId === mapId)
      : latest.map((index) => itemId(mapId, index));
  const ids = [
    ...run.map((index) => itemId(mapId, index)),
    ...again.filter((taskId) => ready.has(taskId) && !remembered.started.has(taskId)),
  ];
  let taken = 0;
  for (let start = 0; start < ids.length; start += BEGUN_AT_ONCE) {
    const some = ids.slice(start, start + BEGUN_AT_ONCE);
    taken += await carryOn(pass, view, { run: some, skip: [] });
  }
  const reason = 'FAIL_FAST' as const;
  const skips = skip.map((index) => ({ taskId: itemId(mapId, index), reason }));
  if (skips.length > 0) await carryOn(pass, view, { run: [], skip: skips });
  learnBegun(view, [...run, ...skip]);
  if (run.length + skip.length === 0) return 'nothing';
  return skip.length === 0 && taken === run.length ? 'alone' : 'not alone';
}

async function carryOn(
  pass: Pass,
  view: ItemsView,
  work: Parameters<typeof carryOut>[2],
): Promise<number> {
  const { taken, begun } = await carryOut(pass.ports, carrierOf(pass), work);
  remember(pass, begun);
  for (const { taskId, status } of begun)
    if (isTerminalTask(status))
      learnEnd(view, indexOf(taskId), pass.remembered.facts.get(taskId) as TaskFact);
  return taken;
}

/** How many are looked at before all are. */
const LOOKED_AT = [1, 25] as const;

/** Whether one of them is certainly unfinished: its record comes later. */
async function isProved(pass: Pass, { mapId, ended }: News, view: ItemsView): Promise<boolean> {
  const isOpen = (taskId: string) =>
    parseItemId(taskId)?.taskId === mapId && !view.ended.has(indexOf(taskId));
  if (ended.at(-1)?.witnesses?.some(isOpen)) return true;
  for (const count of LOOKED_AT) {
    const ids = openItems(view)
      .slice(-count)
      .map((index) => itemId(mapId, index));
    const tasks = await pass.ports.repository.getTasks(pass.origin.workflowId, ids);
    learn(pass, tasks);
    learnEnds(
      pass,
      view,
      tasks.filter(({ status }) => isTerminalTask(status)),
    );
    if (tasks.some(({ status }) => !isTerminalTask(status))) return true;
  }
  return false;
}
