/** What a definition may ask for beyond functions and edges. Each run draws a few of them, so that many have none. */
import type { Random } from './random.js';

/** How many runs have each. */
const CHANCES = {
  maps: 0.3,
  hooks: 0.2,
  waits: 0.15,
  callbacks: 0.22,
  children: 0.2,
  limits: 0.2,
  control: 0.25,
  schedules: 0.08,
} as const;

export type Feature = keyof typeof CHANCES;
export const FEATURES = Object.keys(CHANCES) as readonly Feature[];
export type Features = ReadonlySet<Feature>;

export const drawFeatures = (random: Random): Features =>
  new Set(FEATURES.filter((feature) => random.chance(CHANCES[feature])));
