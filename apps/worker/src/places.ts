/**
 * Tasks of functions that take only so many at once. Other functions cost nothing here, and read nothing.
 *
 * (F1) A task of such a function is claimed by this worker only while it has one of the function's places, and its function
 *      is called for no longer than it has it. A place is taken by one conditional write, so at most so many have one.
 * (F2) Its time is the lease of the claim that follows, and a margin for the clocks of two machines: a worker that dies
 *      leaves a place that is anybody's once that is over.
 * (F3) It is given back after the outcome is recorded: who takes it then finds nothing running.
 * (F4) A task without a place is postponed: READY still, and this worker's to wait with until its lease is over, so that no
 *      sweep takes it for overlooked. When the worker's time does not last for it any more, it is the sweep's.
 */
import {
  freeFunctionPlaces,
  hasten,
  isItemId,
  taskOf,
  type FunctionPlace,
  type Graph,
  type PostponeTransition,
  type Task,
  type TaskDefinition,
} from '@orchestra/workflow-core';
import type { Claim, Ports } from './ports.js';
import type { Job } from './job.js';

/** A task that is READY at `version`. */
export type Claimable = Pick<Claim, 'taskId' | 'attempt'> & {
  readonly version: number;
  /** Of a retry. */
  readonly notBefore?: string;
};

/** Tasks of one message that call one function. */
export interface FunctionLine {
  readonly name: string;
  readonly limit: number;
  readonly tasks: readonly Claimable[];
}

/** How often a worker looks for a place, about; the one it gives back itself it sees at once. */
const LOOK_EVERY_MS = 1_000;

/** Undefined: its function takes any number, or it calls none. */
export function limitOf(
  { settings: { taskLimits } }: Ports,
  graph: Graph,
  taskId: string,
): { readonly name: string; readonly limit: number } | undefined {
  const task = taskOf(graph, taskId);
  if (task?.function === undefined) return undefined;
  // A map expands, and calls nothing itself: its items do.
  if (task.forEach !== undefined && !isItemId(taskId)) return undefined;
  const limit = Object.hasOwn(taskLimits, task.function) ? taskLimits[task.function] : undefined;
  return limit === undefined ? undefined : { name: task.function, limit };
}

/** What a worker does with one task once it has a place: a retry to wait for, if any; `taken`: it was claimed. */
export type RunWithPlace = (
  task: Claimable,
  until: string,
) => Promise<{ readonly taken: boolean; readonly retried?: Claimable | undefined }>;

/** Runs each as soon as it has a place; how many it claimed. @throws what the first of them failed by, after all have ended */
export async function runInLine(
  job: Job,
  line: FunctionLine,
  remainingMs: () => number,
  run: RunWithPlace,
): Promise<number> {
  const { ports } = job;
  const running = new Set<Promise<void>>();
  const retried: Claimable[] = [];
  const failures: unknown[] = [];
  let ran = 0;
  const start = (task: Claimable, place: FunctionPlace) => {
    const ended: Promise<void> = runAt(ports, line, place, task, run)
      .then((result) => {
        if (result.taken) ran += 1;
        if (result.retried) retried.push(result.retried);
      })
      .catch((error: unknown) => void failures.push(error))
      .finally(() => running.delete(ended));
    running.add(ended);
  };
  let waiting = await look(job, line, { tasks: line.tasks, ours: new Set() }, remainingMs, start);
  while (waiting.tasks.length > 0 || retried.length > 0 || running.size > 0) {
    const isWaiting = waiting.tasks.length > 0 || retried.length > 0;
    await Promise.race([...running, ...(isWaiting ? [pauseFor(ports)] : [])]);
    const tasks = [...waiting.tasks, ...retried.splice(0)];
    waiting = await look(job, line, { ...waiting, tasks }, remainingMs, start);
  }
  if (failures.length > 0) throw failures[0];
  return ran;
}

interface Waiting {
  readonly tasks: readonly Claimable[];
  /** Those of them, by `nameOf`, that were postponed: they are this worker's to wait with. */
  readonly ours: ReadonlySet<string>;
}

const nameOf = ({ taskId, version }: Claimable) => `${taskId}#${version}`;

/** One look for places: who has one is started, who has none waits on, if there is time for it. */
async function look(
  job: Job,
  line: FunctionLine,
  { tasks, ours }: Waiting,
  remainingMs: () => number,
  start: (task: Claimable, place: FunctionPlace) => void,
): Promise<Waiting> {
  const now = iso(job.ports.now());
  const [due, later] = split(tasks, ({ notBefore = '' }) => notBefore <= now);
  // One that has just come is tried as any task is, however long it may take.
  const [ready, tooLong] = split(
    due,
    (task) => !ours.has(nameOf(task)) || fits(job, task, remainingMs()),
  );
  const places = await takePlaces(job, line, ready);
  places.forEach((place, n) => start(ready[n] as Claimable, place));
  const [fitting, others] = split(ready.slice(places.length), (task) =>
    fits(job, task, remainingMs() - LOOK_EVERY_MS),
  );
  const [known, fresh] = split(fitting, (task) => ours.has(nameOf(task)));
  const kept = await postpone(job, fresh, waitsUntil(job, remainingMs()));
  await handOver(job, [...tooLong, ...others]);
  return { tasks: [...known, ...kept, ...later], ours: new Set([...ours, ...kept.map(nameOf)]) };
}

/** (F3) */
async function runAt(
  ports: Ports,
  { name }: FunctionLine,
  place: FunctionPlace,
  task: Claimable,
  run: RunWithPlace,
): ReturnType<RunWithPlace> {
  try {
    return await run(task, place.leaseUntil);
  } finally {
    await ports.places.freeFunction(name, place);
  }
}

/** Up to as many as there are tasks, each for as long as its task takes (F2). */
async function takePlaces(
  { ports, graph }: Job,
  { name, limit }: FunctionLine,
  tasks: readonly Claimable[],
): Promise<readonly FunctionPlace[]> {
  if (tasks.length === 0) return [];
  const { now, random, newClaimId, places } = ports;
  const at = iso(now());
  const free = freeFunctionPlaces(await places.readFunction(name), limit, at);
  // Others look at the same moment: not all begin with the first.
  const from = Math.floor(random() * free.length);
  const taken: FunctionPlace[] = [];
  for (const index of [...free.slice(from), ...free.slice(0, from)]) {
    const task = tasks[taken.length];
    if (!task) break;
    const leaseUntil = iso(now() + timeOf(ports, taskOf(graph, task.taskId)));
    const place = { index, holder: newClaimId(), leaseUntil };
    if (await places.takeFunction(name, place, iso(now()))) taken.push(place);
  }
  return taken;
}

const timeOf = ({ settings }: Ports, task: TaskDefinition | undefined): number =>
  (task?.timeoutSeconds === undefined ? settings.taskTimeoutMs : task.timeoutSeconds * 1000) +
  2 * settings.leaseMarginMs;

/** Whether what is left of this invocation is enough for its time. */
const fits = ({ ports, graph }: Job, { taskId }: Claimable, remainingMs: number): boolean =>
  timeOf(ports, taskOf(graph, taskId)) <= remainingMs;

/** When this worker has given all of them back. */
const waitsUntil = ({ ports }: Job, remainingMs: number): string =>
  iso(ports.now() + remainingMs + ports.settings.leaseMarginMs);

/** (F4) Those that are this worker's to wait with. */
async function postpone(
  { ports, message: { workflowId, epoch } }: Job,
  waiting: readonly Claimable[],
  leaseUntil?: string,
): Promise<readonly Claimable[]> {
  if (waiting.length === 0) return [];
  const ids = waiting.map(({ taskId }) => taskId);
  const read = await ports.repository.getTasks(workflowId, ids);
  const isStill = (task: Task) =>
    task.status === 'READY' &&
    task.epoch === epoch &&
    waiting.some(({ taskId, version }) => taskId === task.taskId && version === task.version);
  const at = iso(ports.now());
  const transitions = read.filter(isStill).map((task): PostponeTransition => ({
    ...{ kind: 'postpone', task, notBefore: at, at },
    ...(leaseUntil === undefined ? {} : { leaseUntil }),
  }));
  const results = await ports.repository.apply(transitions);
  return transitions.flatMap(({ task: { taskId, attempt, version } }, index) =>
    results[index]?.kind === 'applied' ? [{ taskId, attempt, version: version + 1 }] : [],
  );
}

async function handOver(job: Job, tasks: readonly Claimable[]): Promise<void> {
  const { ports, values, message } = job;
  const handed = await postpone(job, tasks);
  if (handed.length === 0) return;
  const { workflowId } = message;
  ports.log({ level: 'info', message: 'tasks wait for a place', workflowId, tasks: handed.length });
  await hasten(ports, values.workflow, iso(ports.now()));
}

const pauseFor = (ports: Ports): Promise<void> =>
  ports.pause(LOOK_EVERY_MS * (0.5 + ports.random()));

function split<Item>(
  items: readonly Item[],
  holds: (item: Item) => boolean,
): readonly [readonly Item[], readonly Item[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))];
}

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
