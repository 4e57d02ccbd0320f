/** Graphs of any size, for whoever measures or tries the product: all their tasks are the sample's A. */
import { parseDefinition, type Definition } from '@orchestra/workflow-core';
import { randomOf } from './aws-endpoint/faults-plan.js';

const taskOf = (id: string, dependsOn: readonly string[]) => ({
  id,
  function: 'A',
  ...(dependsOn.length > 0 ? { dependsOn } : {}),
});

const ids = (count: number) => Array.from({ length: count }, (_, n) => `T${n}`);

/** T0 -> T1 -> ... */
export const chain = (name: string, length: number): Definition =>
  parseDefinition({
    name,
    tasks: ids(length).map((id, n) => taskOf(id, n > 0 ? [`T${n - 1}`] : [])),
  });

/** first -> (T0, T1, ...) -> last */
export function fan(name: string, width: number): Definition {
  const middle = ids(width);
  return parseDefinition({
    name,
    tasks: [
      taskOf('first', []),
      ...middle.map((id) => taskOf(id, ['first'])),
      taskOf('last', middle),
    ],
  });
}

export interface Layering {
  readonly tasks: number;
  /** Of one layer; half the square root of `tasks` when absent. */
  readonly width?: number;
  readonly seed: number;
}

const MOST_UPSTREAM = 4;

/** Layers of one width; each task but the first layer's depends on 1 to 4 of the layer before. */
export function layered(name: string, { tasks, width, seed }: Layering): Definition {
  const random = randomOf(seed);
  const wide = width ?? Math.max(1, Math.round(Math.sqrt(tasks) / 2));
  const all = ids(tasks);
  const upstreamOf = (n: number): readonly string[] => {
    const layer = Math.floor(n / wide);
    if (layer === 0) return [];
    const before = all.slice((layer - 1) * wide, layer * wide);
    const count = Math.min(before.length, 1 + Math.floor(random() * MOST_UPSTREAM));
    return drawn(before, count, random);
  };
  return parseDefinition({ name, tasks: all.map((id, n) => taskOf(id, upstreamOf(n))) });
}

/** So many different ones, in any order. */
function drawn(from: readonly string[], count: number, random: () => number): readonly string[] {
  const left = [...from];
  return Array.from(
    { length: count },
    () => left.splice(Math.floor(random() * left.length), 1)[0] as string,
  );
}
