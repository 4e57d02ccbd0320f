/** One seed, from its first draw to its last check. */
import type { TaskDefinition } from '@orchestra/workflow-core';
import { atTheEnd } from './checks/end.js';
import { hasEnded } from './checks/oracle.js';
import { Violation, type InvariantName } from './checks/violation.js';
import { Answerers } from './world/answerers.js';
import { Clients } from './world/clients.js';
import { THE_ENGINE, type Engine } from './world/engine.js';
import type { Mix } from './world/faults.js';
import { Schedulers } from './world/schedulers.js';
import { isMeta, taskOf } from './world/table.js';
import { World } from './world/world.js';

export interface SimulateOptions {
  readonly seed: number;
  /** A mutant in the engine's place. */
  readonly engine?: Engine;
  readonly mix?: Mix;
  readonly tell?: (line: string) => void;
}

export interface Report {
  readonly seed: number;
  readonly mix: Mix;
  /** Equal for equal runs. */
  readonly traceHash: string;
  readonly steps: number;
  /** How often each kind struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** How often it had something of each feature. */
  readonly used: Readonly<Record<string, number>>;
  readonly repairs: number;
  readonly workflows: number;
  readonly broken?: { readonly invariant: InvariantName; readonly message: string };
}

const MINUTE_MS = 60_000;
/** Longer than any wait, retry, lease, check and wrong clock of the scenarios together: nothing comes after such a silence. */
const SILENCE_MS = 240 * MINUTE_MS;
/** Five epochs of the longest retries and waits, one after another. */
const LONGEST_MS = 14 * 24 * 60 * MINUTE_MS;
/** Zombies get so long to do harm. */
const DRAIN_MS = 15 * MINUTE_MS;

export async function simulate({
  seed,
  engine = THE_ENGINE,
  mix,
  tell,
}: SimulateOptions): Promise<Report> {
  const world = new World({ seed, engine, ...(mix ? { mix } : {}), ...(tell ? { tell } : {}) });
  const { kernel, faults } = world;
  if (tell) for (const line of describe(world)) tell(line);
  const broken = await run(world);
  return {
    seed,
    mix: faults.mix,
    traceHash: kernel.traceHash,
    steps: kernel.steps,
    faults: Object.fromEntries(faults.struck),
    used: Object.fromEntries(world.watch.used.counts),
    repairs: world.counted.get('SweeperRepairs') ?? 0,
    workflows: world.table.workflowIds().length,
    ...(broken ? { broken: { invariant: broken.invariant, message: broken.message } } : {}),
  };
}

async function run(world: World): Promise<Violation | undefined> {
  const { kernel } = world;
  const people = peopleOf(world);
  const { settings } = world.scenario;
  const sweeps = { everyMs: settings.sweepEveryMs };
  scheduleSweeps(world, sweeps);
  const isAtRest = () => people.every(({ open }) => open === 0) && world.isIdle && haveEnded(world);
  // Lambda ends a process that leaves a rejection unhandled.
  const unhandled = (error: unknown) =>
    kernel.fail(new Violation('UNEXPECTED', `unhandled: ${error}`));
  process.on('unhandledRejection', unhandled);
  try {
    await kernel.run(
      kernel.now + LONGEST_MS,
      () => isAtRest() || kernel.now - world.movedAt > SILENCE_MS,
    );
    atTheEnd(world, isAtRest());
    sweeps.everyMs = MINUTE_MS;
    await kernel.run(kernel.now + DRAIN_MS, () => false);
    sweeps.everyMs = Infinity;
    await kernel.run(kernel.now + MINUTE_MS, isAtRest);
    atTheEnd(world, isAtRest());
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error;
    return new Violation(
      'UNEXPECTED',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  } finally {
    process.off('unhandledRejection', unhandled);
  }
}

/** What the run is about, one task a line. */
function* describe({ scenario, faults, stream }: World): Generator<string> {
  yield JSON.stringify(scenario.settings);
  yield `${faults.mix}: ${Object.keys(faults.rates).join(' ')}; ${stream.laneCount} shards`;
  for (const [name, revisions] of scenario.definitions)
    for (const [
      index,
      { tasks, onSuccess, onFailure, finally: last, ...rest },
    ] of revisions.entries()) {
      yield `${name} ${index + 1} ${JSON.stringify({ ...rest, name: undefined })}`;
      for (const [list, each] of Object.entries({ tasks, onSuccess, onFailure, finally: last }))
        for (const task of each ?? []) {
          const { id, dependsOn = [], retry, ...fields } = task as TaskDefinition;
          const tries = retry ? ` retry ${retry.maxAttempts}x${retry.intervalSeconds}s` : '';
          const plays = [1, 2, 3, 4].map((nth) => scenario.behaviourOf(name, id, nth));
          const told = plays.map(({ kind, items }) => `${kind}${items === undefined ? '' : items}`);
          yield `  ${list === 'tasks' ? '' : `${list} `}${id} <- ${dependsOn.join(',')}${tries} ${JSON.stringify(fields)} (${told.join(' ')})`;
        }
    }
  for (const { workflowId, definition, actions } of scenario.plans)
    yield `${workflowId}: ${definition} ${JSON.stringify(actions)}`;
}

/** All who do something to the workflows, each with how much they still have to do. */
function peopleOf(world: World): readonly { readonly open: number }[] {
  const clients = new Clients(world);
  const answerers = new Answerers(world);
  world.onChange = ({ after }) => {
    clients.follow((after['pk']?.S ?? '').slice('WORKFLOW#'.length));
    if (!isMeta(after)) answerers.follow(taskOf(after));
  };
  return [clients, answerers, new Schedulers(world)];
}

/** At times two at once. */
function scheduleSweeps(world: World, sweeps: { everyMs: number }): void {
  const { kernel, faults } = world;
  kernel.later(sweeps.everyMs, () => {
    void world.sweep();
    if (faults.strikes('doubleSweep')) void world.sweep();
    scheduleSweeps(world, sweeps);
  });
}

const haveEnded = ({ table }: World): boolean =>
  table.workflowIds().every((workflowId) => {
    const workflow = table.workflow(workflowId);
    return workflow && hasEnded(workflow) && workflow.nextCheckAt === undefined;
  });
