/** What a run is about, drawn from its seed: definitions, workflows, how their tasks behave, what operators do. */
import type { Definition, ScheduleSpec, TaskDefinition } from '@orchestra/workflow-core';
import { drawActions, type OperatorAction } from './actions.js';
import { FRAGILE, drawChild, drawRevisions, pairs } from './definitions.js';
import { itemsOf } from './expressions.js';
import type { Faults } from './faults.js';
import { drawFeatures, type Features } from './features.js';
import { START_MS } from './kernel.js';
import type { Random } from './random.js';

export interface Behaviour {
  readonly kind: 'succeed' | 'large' | 'huge' | 'fail' | 'transient' | 'hang';
  /** How long it takes. */
  readonly ms: number;
  /** It gives a list of so many, over which a map runs. */
  readonly items?: number;
}

export interface Plan {
  readonly workflowId: string;
  readonly definition: string;
  readonly input: unknown;
  readonly startAfterMs: number;
  readonly actions: readonly OperatorAction[];
}

export interface SchedulePlan {
  readonly name: string;
  readonly spec: ScheduleSpec;
  /** When somebody pauses it, for good. */
  readonly pausedAfterMs: number;
}

/** How the sweep is set; safety must not rest on any of it. */
export interface Settings {
  readonly sweepGraceMs: number;
  readonly firstCheckMs: number;
  readonly sweepEveryMs: number;
  /** How many tasks some functions take at once. */
  readonly taskLimits: Readonly<Record<string, number>>;
}

export interface Scenario {
  readonly settings: Settings;
  /** Revisions of each, oldest first. */
  readonly definitions: ReadonlyMap<string, readonly Definition[]>;
  readonly plans: readonly Plan[];
  readonly schedules: readonly SchedulePlan[];
  behaviourOf(definition: string, taskId: string, attempt: number): Behaviour;
}

const LIFE = 6;
/** Of a list that a map runs over, at most. */
const MOST_ITEMS = 12;

export function drawScenario(random: Random, faults: Faults): Scenario {
  const isRace = random.chance(0.1);
  const features = isRace ? new Set<never>() : drawFeatures(random);
  const definitions = new Map<string, Definition[]>();
  const children = features.has('children') ? drawChildren(random, features, definitions) : [];
  const names = random.pick([['dag1'], ['dag1'], ['dag1', 'dag2']]);
  for (const name of names)
    definitions.set(
      name,
      isRace ? [pairs(random, name)] : drawRevisions(random, name, { features, children }),
    );
  const isSick = isRace || random.chance(0.6);
  // The first of them in step: what ends together is decided at the same moment.
  const pace = isRace || random.chance(0.1) ? random.pick([5, 800]) : undefined;
  const behaviours = new Map<string, Behaviour[]>();
  for (const [name, revisions] of definitions)
    for (const task of tasksOf(revisions.at(-1) as Definition))
      for (const id of [task.id, ...itemIds(task)]) {
        const inStep = task.dependsOn || task.id !== id ? undefined : pace;
        behaviours.set(
          `${name}/${id}`,
          drawLife(random, isSick, inStep, isLister(revisions, task)),
        );
      }
  const plans = Array.from({ length: random.pick([1, 1, 2, 3]) }, (_, index): Plan => {
    const definition = random.pick(names);
    const [first, next] = definitions.get(definition) ?? [];
    const ids = first?.tasks.flatMap(namesOf) ?? [];
    const customer = features.has('limits') ? { customer: random.pick(['x', 'y']) } : {};
    return {
      workflowId: `w${index + 1}`,
      definition,
      input: { ...(random.chance(0.2) ? { pad: 'x'.repeat(700) } : { n: index }), ...customer },
      startAfterMs: random.below(3_000),
      actions: drawActions(random, faults, { ids, hasNext: next !== undefined, features }),
    };
  });
  return {
    settings: drawSettings(random, faults),
    definitions,
    plans,
    schedules: features.has('schedules') ? [drawSchedule(random, random.pick(names))] : [],
    behaviourOf: (name, taskId, attempt) =>
      behaviours.get(`${name}/${taskId}`)?.[(attempt - 1) % LIFE] ?? { kind: 'succeed', ms: 10 },
  };
}

/** A small one, and at times one whose tasks run it. */
function drawChildren(
  random: Random,
  features: Features,
  definitions: Map<string, Definition[]>,
): readonly string[] {
  const rest = new Set([...features].filter((each) => each !== 'children'));
  definitions.set('sub2', [drawChild(random, 'sub2', { features: rest, children: [] })]);
  if (random.chance(0.3)) return ['sub2'];
  definitions.set('sub1', [drawChild(random, 'sub1', { features, children: ['sub2'] })]);
  return ['sub1', 'sub1', 'sub2'];
}

const MINUTE_MS = 60_000;

const drawSchedule = (random: Random, definition: string): SchedulePlan => ({
  name: 's',
  spec: {
    rate: random.pick(['1 minute', '2 minutes', '3 minutes']),
    timeZone: 'UTC',
    startAt: new Date(START_MS + random.between(-2, 3) * MINUTE_MS).toISOString(),
    definition: { name: definition },
    input: { customer: 'x' },
    enabled: true,
    overlap: random.pick(['skip', 'queue', 'allow']),
    missed: random.pick(['skip', 'catchUp']),
  },
  pausedAfterMs: random.between(3, 9) * MINUTE_MS,
});

/** A grace that is shorter than a healthy pass takes would make work, so only swarms have it. */
const drawSettings = (random: Random, { mix }: Faults): Settings => ({
  sweepGraceMs: mix === 'swarm' ? random.pick([30_000, 30_000, 2_000, 0]) : 30_000,
  firstCheckMs: random.pick([60_000, 60_000, 1_000]),
  sweepEveryMs: random.pick([60_000, 60_000, 2_000]),
  taskLimits: { [FRAGILE]: random.pick([1, 1, 2]) },
});

/** Those of the graph, and hooks. */
const tasksOf = (definition: Definition): TaskDefinition[] => [
  ...definition.tasks,
  ...(definition.onSuccess ?? []),
  ...(definition.onFailure ?? []),
  ...(definition.finally ?? []),
];

const itemIds = ({ id, forEach }: TaskDefinition): string[] =>
  forEach === undefined ? [] : Array.from({ length: MOST_ITEMS }, (_, n) => `${id}[${n}]`);

/** What an operator may name. */
const namesOf = (task: TaskDefinition): string[] => [task.id, ...itemIds(task).slice(0, 2)];

const isLister = (revisions: readonly Definition[], { id }: TaskDefinition): boolean =>
  revisions.some(({ tasks }) => tasks.some(({ forEach }) => forEach === itemsOf(id)));

function drawLife(
  random: Random,
  isSick: boolean,
  pace: number | undefined,
  lists: boolean,
): Behaviour[] {
  const usual = random.below(MOST_ITEMS + 1);
  return Array.from({ length: LIFE }, () => ({
    ...drawBehaviour(random, isSick, pace),
    ...(lists ? { items: random.chance(0.7) ? usual : random.below(MOST_ITEMS + 1) } : {}),
  }));
}

function drawBehaviour(random: Random, isSick: boolean, pace?: number): Behaviour {
  const ms = pace ?? random.pick([5, 100, 800, 4_000, 4_000, 18_000]) + random.below(50);
  if (!isSick || random.chance(0.65)) return { kind: random.chance(0.1) ? 'large' : 'succeed', ms };
  return { kind: random.pick(['fail', 'fail', 'transient', 'transient', 'hang', 'huge']), ms };
}
