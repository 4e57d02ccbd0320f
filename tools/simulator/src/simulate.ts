/** One seed, from its first draw to its last check. */
import { atTheEnd } from './checks/end.js';
import { Violation, type InvariantName } from './checks/violation.js';
import { Clients } from './world/clients.js';
import { THE_ENGINE, type Engine } from './world/engine.js';
import type { Mix } from './world/faults.js';
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
  readonly repairs: number;
  readonly workflows: number;
  readonly broken?: { readonly invariant: InvariantName; readonly message: string };
}

const MINUTE_MS = 60_000;
/** Longer than any retry, lease, check and wrong clock of the scenarios together: nothing comes after such a silence. */
const SILENCE_MS = 60 * MINUTE_MS;
/** Five epochs of the longest retries, one after another. */
const LONGEST_MS = 48 * 60 * MINUTE_MS;
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
    repairs: world.counted.get('SweeperRepairs') ?? 0,
    workflows: world.scenario.plans.length,
    ...(broken ? { broken: { invariant: broken.invariant, message: broken.message } } : {}),
  };
}

async function run(world: World): Promise<Violation | undefined> {
  const { kernel } = world;
  const clients = new Clients(world);
  const { settings } = world.scenario;
  const sweeps = { everyMs: settings.sweepEveryMs };
  scheduleSweeps(world, sweeps);
  const isAtRest = () => clients.open === 0 && world.isIdle && haveEnded(world);
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
    for (const [index, { tasks, timeoutSeconds, failFast }] of revisions.entries()) {
      yield `${name} ${index + 1} ${timeoutSeconds ?? ''} ${failFast ? 'fails fast' : ''}`;
      for (const task of tasks) {
        const { id, dependsOn = [], triggerRule = '', retry, onLostWorker } = task;
        const plays = [1, 2, 3, 4].map((attempt) => scenario.behaviourOf(name, id, attempt).kind);
        yield `  ${id} <- ${dependsOn.join(',')} ${triggerRule} ${retry ? `retry ${retry.maxAttempts}x${retry.intervalSeconds}s` : ''} ${onLostWorker ?? ''} ${task.continueOnFailure ? 'continued on' : ''} ${task.when ?? ''} ${task.input ? JSON.stringify(task.input) : ''} (${plays.join(' ')})`;
      }
    }
  for (const { workflowId, definition, actions } of scenario.plans)
    yield `${workflowId}: ${definition} ${JSON.stringify(actions)}`;
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

const haveEnded = ({ table, scenario }: World): boolean =>
  scenario.plans.every(({ workflowId }) => {
    const workflow = table.workflow(workflowId);
    return workflow && workflow.status !== 'RUNNING' && workflow.nextCheckAt === undefined;
  });
