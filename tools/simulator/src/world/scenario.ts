/** What a run is about, drawn from its seed: definitions, workflows, how their tasks behave, what operators do. */
import {
  TRIGGER_RULES,
  diamond,
  parseDefinition,
  type Definition,
  type RedriveRequest,
} from '@orchestra/workflow-core';
import { BROKEN, FALSE, TRUE, asksStatus, outputOf } from './expressions.js';
import type { Faults } from './faults.js';
import type { Random } from './random.js';

export interface Behaviour {
  readonly kind: 'succeed' | 'large' | 'huge' | 'fail' | 'transient' | 'hang';
  /** How long it takes. */
  readonly ms: number;
}

export interface OperatorAction {
  readonly kind: 'cancel' | 'redrive' | 'check' | 'start again' | 'start otherwise';
  /** After so many changes of the workflow's items, or when it has ended. */
  readonly after: number | 'end';
  readonly delayMs: number;
  readonly selection?: RedriveRequest['selection'];
  readonly revision?: number;
}

export interface Plan {
  readonly workflowId: string;
  readonly definition: string;
  readonly input: unknown;
  readonly startAfterMs: number;
  readonly actions: readonly OperatorAction[];
}

/** How the sweep is set; safety must not rest on any of it. */
export interface Settings {
  readonly sweepGraceMs: number;
  readonly firstCheckMs: number;
  readonly sweepEveryMs: number;
}

export interface Scenario {
  readonly settings: Settings;
  /** Revisions of each, oldest first. */
  readonly definitions: ReadonlyMap<string, readonly Definition[]>;
  readonly plans: readonly Plan[];
  behaviourOf(definition: string, taskId: string, attempt: number): Behaviour;
}

const NAMES = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K'];
const LIFE = 6;

export function drawScenario(random: Random, faults: Faults): Scenario {
  const isRace = random.chance(0.1);
  const definitions = new Map<string, Definition[]>();
  for (let number = 1; number <= random.pick([1, 1, 2]); number += 1) {
    const name = `dag${number}`;
    definitions.set(name, isRace ? [pairs(random, name)] : drawRevisions(random, name));
  }
  const isSick = isRace || random.chance(0.6);
  // The first of them in step: what ends together is decided at the same moment.
  const pace = isRace || random.chance(0.1) ? random.pick([5, 800]) : undefined;
  const behaviours = new Map<string, Behaviour[]>();
  for (const [name, [first, second]] of definitions)
    for (const { id, dependsOn } of (second ?? first)?.tasks ?? [])
      behaviours.set(
        `${name}/${id}`,
        Array.from({ length: LIFE }, () =>
          drawBehaviour(random, isSick, dependsOn ? undefined : pace),
        ),
      );
  const names = [...definitions.keys()];
  const plans = Array.from({ length: random.pick([1, 1, 2, 3]) }, (_, index): Plan => {
    const definition = random.pick(names);
    const ids = definitions.get(definition)?.[0]?.tasks.map(({ id }) => id) ?? [];
    return {
      workflowId: `w${index + 1}`,
      definition,
      input: random.chance(0.2) ? { pad: 'x'.repeat(700) } : { n: index },
      startAfterMs: random.below(3_000),
      actions: drawActions(random, faults, ids, (definitions.get(definition)?.length ?? 1) > 1),
    };
  });
  return {
    settings: drawSettings(random, faults),
    definitions,
    plans,
    behaviourOf: (name, taskId, attempt) =>
      behaviours.get(`${name}/${taskId}`)?.[(attempt - 1) % LIFE] ?? { kind: 'succeed', ms: 10 },
  };
}

/** A grace that is shorter than a healthy pass takes would make work, so only swarms have it. */
const drawSettings = (random: Random, { mix }: Faults): Settings => ({
  sweepGraceMs: mix === 'swarm' ? random.pick([30_000, 30_000, 2_000, 0]) : 30_000,
  firstCheckMs: random.pick([60_000, 60_000, 1_000]),
  sweepEveryMs: random.pick([60_000, 60_000, 2_000]),
});

function drawRevisions(random: Random, name: string): Definition[] {
  if (random.chance(0.15)) return [{ ...diamond, name }];
  if (random.chance(0.015)) return [wide(random, name)];
  const first = drawDefinition(random, name);
  if (random.chance(0.7)) return [first];
  const last = first.tasks.at(-1)?.id ?? 'A';
  const more = { id: 'Z', function: 'task', dependsOn: [last] };
  return [first, parseDefinition({ ...first, tasks: [...first.tasks, more] })];
}

/** More tasks than ride in one message, and one that waits for all of them. */
function wide(random: Random, name: string): Definition {
  const ids = Array.from({ length: random.between(26, 32) }, (_, index) => `T${index}`);
  const tasks = ids.map((id) => ({ id, function: 'task', timeoutSeconds: 20 }));
  return { name, tasks: [...tasks, { id: 'Z', function: 'task', dependsOn: ids }] };
}

/** Chains apart from each other, that fail fast: where one fails, another's next task may begin at the same moment. */
function pairs(random: Random, name: string): Definition {
  const tasks = NAMES.slice(0, random.between(2, 5)).flatMap((id) => [
    { id, function: 'task', timeoutSeconds: 20 },
    { id: `${id}2`, function: 'task', timeoutSeconds: 20, dependsOn: [id] },
  ]);
  return { name, failFast: true, tasks };
}

function drawDefinition(random: Random, name: string): Definition {
  const size = Math.min(random.between(1, 10), random.between(2, 10));
  const tasks = NAMES.slice(0, size).map((id, index) => {
    const earlier = NAMES.slice(0, index);
    const wanted = Math.min(earlier.length, random.pick([0, 1, 1, 2, 2, 3]));
    const dependsOn = new Set<string>();
    while (dependsOn.size < wanted) dependsOn.add(random.pick(earlier));
    return {
      id,
      function: 'task',
      ...(wanted > 0 ? { dependsOn: [...dependsOn] } : {}),
      ...(random.chance(0.35) ? { triggerRule: random.pick(TRIGGER_RULES) } : {}),
      ...(random.chance(0.35) ? { retry: drawRetry(random) } : {}),
      ...(random.chance(0.7) ? { timeoutSeconds: random.pick([2, 5, 20]) } : {}),
      ...(random.chance(0.15) ? { onLostWorker: 'fail' as const } : {}),
      ...(random.chance(0.2) ? { continueOnFailure: true } : {}),
      ...(random.chance(0.25) ? { when: drawCondition(random, [...dependsOn]) } : {}),
      ...(random.chance(0.15) ? { input: drawInput(random, [...dependsOn]) } : {}),
    };
  });
  const timeoutSeconds = random.chance(0.08) ? { timeoutSeconds: random.between(20, 400) } : {};
  const failFast = random.chance(0.25) ? { failFast: true } : {};
  return parseDefinition({ name, ...timeoutSeconds, ...failFast, tasks });
}

function drawCondition(random: Random, upstream: readonly string[]): string {
  if (random.chance(0.08)) return BROKEN;
  if (upstream.length === 0 || random.chance(0.4)) return random.chance(0.5) ? TRUE : FALSE;
  return asksStatus(random.pick(upstream), random.pick(['SUCCEEDED', 'FAILED', 'SKIPPED']));
}

function drawInput(random: Random, upstream: readonly string[]): Record<string, string | number> {
  if (random.chance(0.1)) return { n: 1, given: BROKEN };
  return upstream.length === 0 || random.chance(0.3)
    ? { n: 1 }
    : { n: 1, given: outputOf(random.pick(upstream)) };
}

const drawRetry = (random: Random) => ({
  maxAttempts: random.between(1, 3),
  intervalSeconds: random.pick([0, 1, 4, 40, 700]),
  backoffRate: random.pick([1, 2]),
  maxDelaySeconds: 900,
  jitter: random.pick(['NONE', 'FULL'] as const),
  retryOn: random.pick([['*'], ['Transient'], ['TaskTimeout', 'Transient']]),
});

function drawBehaviour(random: Random, isSick: boolean, pace?: number): Behaviour {
  const ms = pace ?? random.pick([5, 100, 800, 4_000, 4_000, 18_000]) + random.below(50);
  if (!isSick || random.chance(0.65)) return { kind: random.chance(0.1) ? 'large' : 'succeed', ms };
  return { kind: random.pick(['fail', 'fail', 'transient', 'transient', 'hang', 'huge']), ms };
}

function drawActions(
  random: Random,
  faults: Faults,
  ids: readonly string[],
  hasNext: boolean,
): OperatorAction[] {
  const actions: OperatorAction[] = [];
  const isSwarm = faults.mix === 'swarm';
  const draw = (kind: OperatorAction['kind'], after: OperatorAction['after']) =>
    actions.push({ kind, after, delayMs: random.pick([0, 1, 500, 5_000, 40_000]) });
  if (isSwarm && random.chance(0.5)) draw('cancel', 1 + random.below(3 * ids.length));
  if (random.chance(0.15)) draw('start again', random.pick([0, 1, 3]));
  if (random.chance(0.1)) draw('start otherwise', random.pick([0, 1, 3]));
  if (isSwarm && random.chance(0.1)) draw('check', random.below(3 * ids.length));
  const redrives = random.pick([0, 0, 1, 1, 2, 4]);
  for (let count = 0; count < redrives; count += 1)
    actions.push({
      kind: 'redrive',
      after: !isSwarm || random.chance(0.8) ? 'end' : random.below(3 * ids.length),
      delayMs: random.pick([0, 1, 500, 20_000]),
      selection: drawSelection(random, ids),
      ...(hasNext && random.chance(0.5) ? { revision: 2 } : {}),
    });
  for (let count = 0; isSwarm && count < redrives; count += 1)
    if (random.chance(0.3)) draw('cancel', 3 * ids.length + random.below(6 * ids.length + 1));
  return actions;
}

const drawSelection = (random: Random, ids: readonly string[]): RedriveRequest['selection'] =>
  random.chance(0.5)
    ? { kind: 'unfinished' }
    : { kind: 'tasks', tasks: [random.pick(ids)], downstream: random.chance(0.5) };
