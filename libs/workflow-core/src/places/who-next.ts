/**
 * Who gets a place of a line. Pure: from one consistent view of it, which may be of the past by the time anybody acts.
 *
 * A workflow that needs a place is PENDING from its first write; then it joins its line, then somebody who looks at the
 * line takes a place for it, makes it RUNNING, starts its first tasks, and only then takes it out of the line.
 *
 * (L1) RUNNING only with a place. A workflow becomes RUNNING by one conditional write (PENDING, in this epoch), and only
 *      after a place below the limit was taken in its name and epoch, which only one can have.
 * (L2) A place is freed only if its holder is not RUNNING in the place's epoch and never will be again: the epoch has
 *      ended, is gone or was followed by another (META, read consistently), or the workflow has a lower place too. So at
 *      most `limit` are RUNNING, whoever looks how often at how old a view. Every write that frees names holder and
 *      epoch: one that comes late frees nothing of anybody else.
 * (L3) The first in line goes first: the n-th of those who have no place gets the n-th free place, the lowest first. Two
 *      who look at the same line want the same place for the same workflow, and one of them is told that it is gone.
 * (L4) Views that differ may give one workflow two places. The lowest counts, the others are freed by whoever sees them.
 * (L5) Nobody waits beside a free place. Whoever joins a line and whoever frees a place looks at the line afterwards: the
 *      last of them sees both. Who dies before that look leaves META due (PENDING, or ended with its duty), so the sweep
 *      looks.
 * (L6) Who still stands in line although it has a place was let in by somebody who may have died on the way: whoever sees
 *      that goes on with it. What stands in line and wants nothing any more is taken out by whoever tries to let it in.
 * (L7) A lower limit takes no place away: those above it are not given any more.
 */
import type { Arrival, LineView, Place } from './place-repository.js';

export interface NextSteps {
  /** (L4), and places of an epoch that is over. */
  readonly free: readonly Place[];
  /** (L6) */
  readonly goOn: readonly Place[];
  /** (L3): to be taken. */
  readonly take: readonly Omit<Place, 'takenAt'>[];
}

export function whoNext({ places, waiting }: LineView, limit: number): NextSteps {
  const inLine = new Map(waiting.map((arrival) => [arrival.workflowId, arrival]));
  const holders = new Map<string, Place>();
  const free: Place[] = [];
  for (const place of places.toSorted((a, b) => a.index - b.index)) {
    const isOver = (inLine.get(place.workflowId)?.epoch ?? 0) > place.epoch;
    if (isOver || holders.has(nameOf(place))) free.push(place);
    else holders.set(nameOf(place), place);
  }
  // What is to be freed is free only once it has been.
  const taken = new Set(places.map(({ index }) => index));
  const next = waiting.filter((arrival) => !holders.has(nameOf(arrival)));
  const take: Omit<Place, 'takenAt'>[] = [];
  for (let index = 0; index < limit && take.length < next.length; index += 1) {
    const arrival = next[take.length];
    if (arrival && !taken.has(index)) take.push({ ...arrival, index });
  }
  return { free, goOn: waiting.flatMap((arrival) => holders.get(nameOf(arrival)) ?? []), take };
}

const nameOf = ({ workflowId, epoch }: Pick<Arrival, 'workflowId' | 'epoch'>) =>
  `${epoch}#${workflowId}`;

/** The places of a function that can be taken: those nobody has, and those whose holder's time is over. */
export function freeFunctionPlaces(
  places: readonly { readonly index: number; readonly leaseUntil: string }[],
  limit: number,
  at: string,
): readonly number[] {
  const held = new Set(places.flatMap((place) => (place.leaseUntil > at ? [place.index] : [])));
  return Array.from({ length: limit }, (_, index) => index).filter((index) => !held.has(index));
}
