/** Definitions, drawn: graphs of tasks, and what each of them does. */
import {
  TRIGGER_RULES,
  diamond,
  parseDefinition,
  type Definition,
  type TaskDefinition,
} from '@orchestra/workflow-core';
import {
  BROKEN,
  FALSE,
  ITEM,
  KEY,
  TRUE,
  asksStatus,
  itemAt,
  itemsOf,
  outputOf,
} from './expressions.js';
import type { Features } from './features.js';
import { START_MS } from './kernel.js';
import type { Random } from './random.js';

const NAMES = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K'];
const MOST_ITEMS = 12;
/** A function that takes only so many tasks at once. */
export const FRAGILE = 'fragile';

/** What a definition may be made of. */
export interface Ingredients {
  readonly features: Features;
  /** Definitions whose workflows its tasks may run. */
  readonly children: readonly string[];
}

export function drawRevisions(random: Random, name: string, made: Ingredients): Definition[] {
  if (random.chance(0.15)) return [{ ...diamond, name }];
  if (random.chance(0.015)) return [wide(random, name)];
  const first = drawDefinition(random, name, made);
  if (random.chance(0.7)) return [first];
  const last = first.tasks.at(-1)?.id ?? 'A';
  const more = { id: 'Z', function: 'task', dependsOn: [last] };
  return [first, parseDefinition({ ...first, tasks: [...first.tasks, more] })];
}

/** One whose workflows run for the tasks of others: small. */
export const drawChild = (random: Random, name: string, made: Ingredients): Definition =>
  drawDefinition(random, name, made, random.between(1, 3));

/** More tasks than ride in one message, and one that waits for all of them. */
function wide(random: Random, name: string): Definition {
  const ids = Array.from({ length: random.between(26, 32) }, (_, index) => `T${index}`);
  const tasks = ids.map((id) => ({ id, function: 'task', timeoutSeconds: 20 }));
  return { name, tasks: [...tasks, { id: 'Z', function: 'task', dependsOn: ids }] };
}

/** Chains apart from each other, that fail fast: where one fails, another's next task may begin at the same moment. */
export function pairs(random: Random, name: string): Definition {
  const tasks = NAMES.slice(0, random.between(2, 5)).flatMap((id) => [
    { id, function: 'task', timeoutSeconds: 20 },
    { id: `${id}2`, function: 'task', timeoutSeconds: 20, dependsOn: [id] },
  ]);
  return { name, failFast: true, tasks };
}

function drawDefinition(
  random: Random,
  name: string,
  made: Ingredients,
  most = Math.min(random.between(1, 10), random.between(2, 10)),
): Definition {
  const { features } = made;
  const tasks: TaskDefinition[] = [];
  for (const id of NAMES.slice(0, most)) tasks.push(drawTask(random, id, tasks, made));
  const failFast = random.chance(0.25) ? { failFast: true } : {};
  const hooks = features.has('hooks') && random.chance(0.7) ? drawHooks(random, made) : {};
  return parseDefinition({
    name,
    ...drawDeadline(random, tasks),
    ...failFast,
    ...(features.has('limits') && random.chance(0.7) ? { concurrency: drawLimit(random) } : {}),
    ...hooks,
    tasks,
  });
}

/** Later than what waits longest. */
function drawDeadline(random: Random, tasks: readonly TaskDefinition[]) {
  if (!random.chance(0.08)) return {};
  const timeoutSeconds = random.between(20, 400);
  const waits = tasks.some(
    ({ wait, callback }) =>
      (wait && 'seconds' in wait && wait.seconds >= timeoutSeconds) ||
      (callback && callback.timeoutSeconds >= timeoutSeconds),
  );
  return waits ? {} : { timeoutSeconds };
}

const drawLimit = (random: Random) => ({
  limit: random.pick([1, 1, 2]),
  ...(random.chance(0.4) ? { key: KEY } : {}),
});

/** @param earlier tasks it may depend on */
function drawTask(
  random: Random,
  id: string,
  earlier: readonly TaskDefinition[],
  made: Ingredients,
): TaskDefinition {
  const wanted = Math.min(earlier.length, random.pick([0, 1, 1, 2, 2, 3]));
  const dependsOn = new Set<string>();
  while (dependsOn.size < wanted) dependsOn.add(random.pick(earlier).id);
  const upstream = earlier.filter((task) => dependsOn.has(task.id));
  const work = drawWork(random, made);
  const takesInput = !('wait' in work);
  const isMap = made.features.has('maps') && random.chance(0.3);
  return {
    id,
    ...work,
    ...(wanted > 0 ? { dependsOn: [...dependsOn] } : {}),
    ...(random.chance(0.35) ? { triggerRule: random.pick(TRIGGER_RULES) } : {}),
    ...(random.chance(0.2) ? { continueOnFailure: true } : {}),
    ...(random.chance(0.25) ? { when: drawCondition(random, [...dependsOn]) } : {}),
    ...(isMap ? drawMap(random, upstream) : {}),
    ...(takesInput && random.chance(isMap ? 0.3 : 0.15)
      ? { input: isMap ? drawItemInput(random) : drawInput(random, [...dependsOn]) }
      : {}),
  };
}

type Work = Pick<
  TaskDefinition,
  'function' | 'wait' | 'callback' | 'workflow' | 'retry' | 'timeoutSeconds' | 'onLostWorker'
>;

/** Seconds: some beyond what any worker, sweep or check waits for. */
const WAITS = [1, 5, 45, 400, 2_500, 9_000];

function drawWork(random: Random, { features, children }: Ingredients): Work {
  if (features.has('waits') && random.chance(0.25)) {
    const seconds = random.pick(WAITS);
    const until = new Date(START_MS + seconds * 1000).toISOString();
    return { wait: random.chance(0.6) ? { seconds } : { until } };
  }
  if (features.has('callbacks') && random.chance(0.25))
    return { callback: { timeoutSeconds: random.pick([15, 90, 600, 3_000]) } };
  if (children.length > 0 && random.chance(0.4))
    return { workflow: { name: random.pick(children) } };
  const isFragile = features.has('limits') && random.chance(0.3);
  return drawFunction(random, isFragile ? FRAGILE : 'task');
}

const drawFunction = (random: Random, name = 'task'): Work => ({
  function: name,
  ...(random.chance(0.35) ? { retry: drawRetry(random) } : {}),
  ...(random.chance(0.7) ? { timeoutSeconds: random.pick([2, 5, 20]) } : {}),
  ...(random.chance(0.15) ? { onLostWorker: 'fail' as const } : {}),
});

type MapFields = Pick<TaskDefinition, 'forEach' | 'maxConcurrency' | 'toleratedFailures'>;

/** Over a list of its own, or one that a function or another map above it gives. */
function drawMap(random: Random, upstream: readonly TaskDefinition[]): MapFields {
  const lists = upstream.flatMap(({ id, forEach, function: called }) =>
    forEach === undefined ? (called ? [itemsOf(id)] : []) : [outputOf(id)],
  );
  const literal = Array.from({ length: random.below(MOST_ITEMS + 1) }, (_, n) => itemAt(n));
  const forEach = random.chance(0.05)
    ? BROKEN
    : lists.length > 0 && random.chance(0.6)
      ? random.pick(lists)
      : literal;
  return {
    forEach,
    ...optional('maxConcurrency', random.pick([undefined, 1, 1, 2, 3])),
    ...optional(
      'toleratedFailures',
      random.pick([undefined, undefined, { count: 1 }, { percent: 50 }, { count: 1, percent: 30 }]),
    ),
  };
}

const drawItemInput = (random: Random) => ({ n: 1, given: random.chance(0.1) ? BROKEN : ITEM });

const HOOKS = ['onSuccess', 'onFailure', 'finally'] as const;

const drawHooks = (random: Random, { children }: Ingredients) =>
  Object.fromEntries(
    HOOKS.filter(() => random.chance(0.6)).map((hook) => [
      hook,
      Array.from({ length: random.pick([1, 1, 2]) }, (_, n) => ({
        id: `${hook}${n}`,
        ...(children.length > 0 && random.chance(0.2)
          ? { workflow: { name: random.pick(children) } }
          : drawFunction(random)),
      })),
    ]),
  );

const optional = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };

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
  doNotRetryOn: [],
  retryOn: random.pick([['*'], ['Transient'], ['TaskTimeout', 'Transient']]),
});
