/** What operators do to a workflow, drawn: when, and which of its tasks they name. */
import type { RedriveRequest } from '@orchestra/workflow-core';
import type { Faults } from './faults.js';
import type { Features } from './features.js';
import type { Random } from './random.js';

export const ACTION_KINDS = [
  'cancel',
  'cancel child',
  'redrive',
  'check',
  'start again',
  'start otherwise',
  'pause',
  'skip',
  'set output',
  'edit input',
] as const;

export interface OperatorAction {
  readonly kind: (typeof ACTION_KINDS)[number];
  /** After so many changes of the workflow's items, or when it has ended. */
  readonly after: number | 'end';
  readonly delayMs: number;
  readonly selection?: RedriveRequest['selection'];
  readonly revision?: number;
  /** Which one is meant. */
  readonly task?: string;
  /** Of a pause: until then. */
  readonly forMs?: number;
}

export interface Target {
  /** Tasks, and some items of maps. */
  readonly ids: readonly string[];
  /** There is a second revision. */
  readonly hasNext: boolean;
  readonly features: Features;
}

type After = OperatorAction['after'];

export function drawActions(random: Random, faults: Faults, target: Target): OperatorAction[] {
  const { ids, features } = target;
  const isSwarm = faults.mix === 'swarm';
  const most = 3 * ids.length;
  const draw = (
    kind: OperatorAction['kind'],
    after: After,
    rest: Partial<OperatorAction> = {},
  ) => ({
    ...{ kind, after, delayMs: random.pick([0, 1, 500, 5_000, 40_000]) },
    ...rest,
  });
  const redrives = random.pick([0, 0, 1, 1, 2, 4]);
  const times = (count: number, chance: number) =>
    Array.from({ length: count }).filter(() => random.chance(chance));
  return [
    ...times(isSwarm ? 1 : 0, 0.5).map(() => draw('cancel', 1 + random.below(most))),
    ...times(1, 0.15).map(() => draw('start again', random.pick([0, 1, 3]))),
    ...times(1, 0.1).map(() => draw('start otherwise', random.pick([0, 1, 3]))),
    ...times(isSwarm ? 1 : 0, 0.1).map(() => draw('check', random.below(most))),
    ...times(redrives, 1).map(() => drawRedrive(random, isSwarm, target)),
    ...times(isSwarm ? redrives : 0, 0.3).map(() =>
      draw('cancel', most + random.below(2 * most + 1)),
    ),
    ...times(features.has('children') && isSwarm ? 1 : 0, 0.4).map(() =>
      draw('cancel child', 1 + random.below(most)),
    ),
    ...times(features.has('control') ? 4 : 0, 0.5).map(() => {
      const kind = random.pick(['pause', 'pause', 'skip', 'set output', 'edit input'] as const);
      const after = random.chance(0.7) ? random.below(most) : 'end';
      const forMs = random.pick([1, 400, 9_000, 70_000, 400_000]);
      return draw(kind, after, { task: random.pick(ids), forMs });
    }),
  ];
}

const drawRedrive = (
  random: Random,
  isSwarm: boolean,
  { ids, hasNext }: Target,
): OperatorAction => ({
  kind: 'redrive',
  after: !isSwarm || random.chance(0.8) ? 'end' : random.below(3 * ids.length),
  delayMs: random.pick([0, 1, 500, 20_000]),
  selection: drawSelection(random, ids),
  ...(hasNext && random.chance(0.5) ? { revision: 2 } : {}),
});

const drawSelection = (random: Random, ids: readonly string[]): RedriveRequest['selection'] =>
  random.chance(0.5)
    ? { kind: 'unfinished' }
    : { kind: 'tasks', tasks: [random.pick(ids)], downstream: random.chance(0.5) };
