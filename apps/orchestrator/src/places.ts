/**
 * Carries out who gets a place (`whoNext`, L1 to L7): in the one order that loses nothing. A place is taken, META becomes
 * RUNNING, the first tasks are made READY and workers told of them, and only then the workflow leaves the line; whoever finds
 * it there with a place goes on with it.
 */
import {
  LIMITS,
  arrivalOf,
  isSettled,
  lineOf,
  wasAdmitted,
  whoNext,
  type Line,
  type LineLimit,
  type LineView,
  type NextSteps,
  type Place,
  type Workflow,
} from '@orchestra/workflow-core';
import { originOfWorkflow, startRoots } from './carry-out.js';
import { goOnInEpoch, startMissingRoots } from './go-on.js';
import type { Ports } from './ports.js';

/** Looks at a line that others act on at the same moment; who is left waits for the next look, or for the sweep. */
const ROUNDS = 25;
/** Of those in line, so many are seen at a look besides those who have a place; one that needs more looks again. */
const SEEN_WAITING = 25;

/**
 * The workflow joins its line, and whoever is first goes. Safe to repeat.
 * @param workflow META, PENDING
 * @returns the workflow's status then, as far as this call made it
 */
export async function enqueue(ports: Ports, workflow: Workflow): Promise<'PENDING' | 'RUNNING'> {
  const line = lineOf(workflow);
  if (!line) throw new Error(`${workflow.workflowId} needs no place`);
  await ports.places.join(line, arrivalOf(workflow));
  const letIn = await admit(ports, line, workflow);
  return letIn.has(workflow.workflowId) ? 'RUNNING' : 'PENDING';
}

/** Gives the workflow's place back and lets the next one in (L5). Safe to repeat. */
export async function releasePlace(ports: Ports, ended: Workflow): Promise<void> {
  const line = lineOf(ended);
  if (!line) return;
  const { view } = await look(ports, line, ended);
  const mine = view.places.filter(
    ({ workflowId, epoch }) => workflowId === ended.workflowId && epoch <= ended.epoch,
  );
  await Promise.all([
    ...mine.map((place) => ports.places.free(line, place)),
    ...(wasAdmitted(ended) ? [] : [ports.places.leave(line, arrivalOf(ended))]),
  ]);
  // Once more: whoever gave it back may have failed to let in the next one, and need not be waited for.
  const isRepeated = wasAdmitted(ended) && mine.length === 0;
  await admit(ports, line, ended, isRepeated ? 0 : ports.settings.sweepGraceMs);
}

/** Frees the places of those who ended and could not give them back (L2); how many. */
export async function freeDeadPlaces(ports: Ports, line: Line, view: LineView): Promise<number> {
  const dead = await Promise.all(
    view.places.map(async (place) => {
      const holder = await ports.repository.getWorkflow(place.workflowId);
      return isDead(place, holder) ? [place] : [];
    }),
  );
  await Promise.all(dead.flat().map((place) => ports.places.free(line, place)));
  return dead.flat().length;
}

const isDead = ({ epoch }: Place, holder: Workflow | undefined) =>
  !holder || holder.epoch > epoch || (holder.epoch === epoch && isSettled(holder));

/**
 * Lets in who is next, until nobody is.
 * @param graceMs who took a place so long ago, and still stands in line, is gone on with (L6)
 * @returns the ids of those let in by this call
 */
export async function admit(
  ports: Ports,
  line: Line,
  asking: Workflow,
  graceMs: number = ports.settings.sweepGraceMs,
): Promise<ReadonlySet<string>> {
  const letIn = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const { view, limit } = await look(ports, line, asking);
    const steps = whoNext(view, limit);
    const results = await take(ports, line, steps, asking, graceMs);
    for (const { place, result } of results) if (result === 'let in') letIn.add(place.workflowId);
    const isSettledNow = results.every(({ result }) => result === 'let in');
    // What was not seen may be next too, while there is room.
    const mayHaveMissed = view.more && steps.take.length > 0;
    if (isSettledNow && steps.free.length === 0 && !mayHaveMissed) return letIn;
  }
  ports.log({ level: 'warn', message: 'a line changes faster than it is followed', ...line });
  return letIn;
}

/** Of the definition's revision that the asking workflow runs, unless a newer one has asked. */
export async function look(
  ports: Ports,
  line: Line,
  asking: Workflow,
): Promise<{ readonly view: LineView; readonly limit: number }> {
  const mine = await limitOf(ports, asking);
  const view = await ports.places.readLine(line, {
    places: mine.limit,
    waiting: mine.limit + SEEN_WAITING,
  });
  if (view.limit && view.limit.revision >= mine.revision) return { view, limit: view.limit.limit };
  await ports.places.setLimit(line, mine, asking.expiresAt);
  return { view, limit: mine.limit };
}

async function limitOf(ports: Ports, { definition }: Workflow): Promise<LineLimit> {
  const graph = await ports.graph(definition);
  const { limit = LIMITS.concurrency } = graph.definition.concurrency ?? {};
  return { limit, revision: definition.revision };
}

type Taken = 'let in' | 'place is gone' | 'place is free again';

async function take(
  ports: Ports,
  line: Line,
  { free, goOn, take: next }: NextSteps,
  known: Workflow,
  graceMs: number,
): Promise<readonly { readonly place: Place; readonly result: Taken }[]> {
  const now = ports.now();
  // Who took a place a moment ago is at it, unless it is who asks again.
  const old = new Date(now - graceMs).toISOString();
  const [, ...results] = await Promise.all([
    Promise.all(free.map((place) => ports.places.free(line, place))),
    ...goOn
      .filter(({ takenAt, workflowId }) => workflowId === known.workflowId || takenAt <= old)
      .map(async (place) => ({ place, result: await letIn(ports, line, place) })),
    ...next
      .map((place) => ({ ...place, takenAt: new Date(now).toISOString() }))
      .map(async (place) => ({
        place,
        result: (await ports.places.take(line, place))
          ? await letIn(ports, line, place, known)
          : ('place is gone' as const),
      })),
  ]);
  return results;
}

/** Who has the place becomes RUNNING and leaves the line. @param known META of one, if it was just written */
async function letIn(ports: Ports, line: Line, place: Place, known?: Workflow): Promise<Taken> {
  const { workflowId, epoch } = place;
  const isKnown = known?.workflowId === workflowId && known.status === 'PENDING';
  const workflow = isKnown ? known : await ports.repository.getWorkflow(workflowId);
  const running = workflow && (await run(ports, workflow, epoch));
  if (running) await startTasks(ports, running.workflow, running.isFirst);
  // It wants the place no more, or not in this epoch.
  else await ports.places.free(line, place);
  await ports.places.leave(line, place);
  return running ? 'let in' : 'place is free again';
}

interface Running {
  readonly workflow: Workflow;
  /** This call made it so: nobody has started anything of it. */
  readonly isFirst: boolean;
}

/** (L1) */
async function run(ports: Ports, workflow: Workflow, epoch: number): Promise<Running | undefined> {
  const isOfEpoch = (each: Workflow | undefined, status: Workflow['status']) =>
    each?.epoch === epoch && each.status === status;
  if (isOfEpoch(workflow, 'RUNNING')) return { workflow, isFirst: false };
  if (!isOfEpoch(workflow, 'PENDING')) return undefined;
  const { workflowId, definition, version } = workflow;
  const now = ports.now();
  const at = new Date(now).toISOString();
  const nextCheckAt = firstCheckOf(ports, workflow, now);
  const [result] = await ports.repository.apply([
    { kind: 'admit', workflowId, epoch, definition, nextCheckAt, at },
  ]);
  if (result?.kind === 'applied') {
    const admitted = {
      status: 'RUNNING',
      startedAt: at,
      nextCheckAt,
      version: version + 1,
    } as const;
    return { workflow: { ...workflow, ...admitted }, isFirst: true };
  }
  const current = result?.current as Workflow | undefined;
  return current && isOfEpoch(current, 'RUNNING')
    ? { workflow: current, isFirst: false }
    : undefined;
}

/** One that has hardly waited keeps its time: moving it would cost two units of the index. */
function firstCheckOf(
  { settings: { firstCheckMs } }: Ports,
  { nextCheckAt }: Workflow,
  now: number,
): string {
  const isSoonEnough =
    nextCheckAt !== undefined && Date.parse(nextCheckAt) > now + firstCheckMs / 2;
  const isNotLate = nextCheckAt !== undefined && Date.parse(nextCheckAt) <= now + firstCheckMs;
  return isSoonEnough && isNotLate ? nextCheckAt : new Date(now + firstCheckMs).toISOString();
}

async function startTasks(ports: Ports, workflow: Workflow, isFirst: boolean): Promise<void> {
  const graph = await ports.graph(workflow.definition);
  if (workflow.epoch > 1) {
    const read = await ports.repository.getWorkflowWithTasks(workflow.workflowId);
    if (read?.workflow.status === 'RUNNING' && read.workflow.epoch === workflow.epoch)
      await goOnInEpoch(ports, graph, read, 'start');
  } else if (isFirst) await startRoots(ports, originOfWorkflow(workflow), graph);
  else await startMissingRoots(ports, workflow);
}
