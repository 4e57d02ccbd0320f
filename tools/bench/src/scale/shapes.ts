/** The graphs that are measured: each shape at each size. */
import { chain, fan, layered } from '@orchestra/local';
import type { Definition } from '@orchestra/workflow-core';

export const SIZES = [10, 100, 1_000, 5_000, 10_000] as const;
export const SHAPES = ['chain', 'fan', 'layered'] as const;
export type Shape = (typeof SHAPES)[number];

const BUILD: Readonly<Record<Shape, (name: string, tasks: number, seed: number) => Definition>> = {
  chain,
  // Its first and its last task are two of them.
  fan: (name, tasks) => fan(name, tasks - 2),
  layered: (name, tasks, seed) => layered(name, { tasks, seed }),
};

/** @param tasks 3 or more */
export const shapeOf = (shape: Shape, tasks: number, seed: number): Definition =>
  BUILD[shape](`${shape}-${tasks}`, tasks, seed);
