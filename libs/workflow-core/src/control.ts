/** What operators have ordered of a workflow that still counts: a pause, and what a redrive says of single tasks. Pure. */
import type { Override, Workflow } from './workflow.js';

/** Nothing of it is claimed. A pause ends with its epoch: a redrive is an order to go on. */
export function isPaused({ controls, epoch }: Pick<Workflow, 'controls' | 'epoch'>): boolean {
  const last = controls?.at(-1);
  return last?.kind === 'pause' && last.epoch === epoch;
}

/** ISO 8601: when it was resumed last in its present epoch; what was READY before has waited for that. */
export const resumedAt = ({
  controls,
  epoch,
}: Pick<Workflow, 'controls' | 'epoch'>): string | undefined => {
  const last = controls?.at(-1);
  return last?.kind === 'resume' && last.epoch === epoch ? last.at : undefined;
};

/** Of its present epoch, by task: what was said in one epoch means nothing in the next. */
export function overridesOf({
  redrives,
  epoch,
}: Pick<Workflow, 'redrives' | 'epoch'>): ReadonlyMap<string, OrderedOverride> {
  const last = redrives?.at(-1);
  if (last?.epoch !== epoch || !last.overrides) return NONE;
  const { who, note } = last;
  const order = { ...(who === undefined ? {} : { who }), ...(note === undefined ? {} : { note }) };
  return new Map(last.overrides.map((override) => [override.taskId, { ...override, ...order }]));
}

/** With whoever gave the order, and why. */
export type OrderedOverride = Override & { readonly who?: string; readonly note?: string };

const NONE: ReadonlyMap<string, OrderedOverride> = new Map();
