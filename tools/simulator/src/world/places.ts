/**
 * The places of lines and functions, for one invocation: the product's own rules on state of their own, each request at a
 * moment, and a look at a long line at several.
 */
import type { LineView, PlaceRepository } from '@orchestra/workflow-core';
import { InMemoryPlaces } from '@orchestra/workflow-core/in-memory';
import type { Invocation } from './lambda.js';
import type { Random } from './random.js';
import { STORE } from './repository.js';

/** What all invocations share. It answers at the moment at which it is asked. */
export class Places {
  readonly kept: PlaceRepository = new InMemoryPlaces();
}

export function createPlaces({ kept }: Places, random: Random, by: Invocation): PlaceRepository {
  /** The effect is there at its moment, whenever its answer is read. */
  const at = <T>(label: string, effect: () => Promise<T>): Promise<T> =>
    by.call(STORE, label, effect).then((answer) => answer);
  return {
    async readLine(line, expected) {
      const name = `${line.definition}#${line.key}`;
      const first = await at(`line ${name}`, () => kept.readLine(line, expected));
      if (random.chance(0.7)) return first;
      // Of another page: those in line stand behind the places.
      const second = await at(`line ${name}, page 2`, () => kept.readLine(line, expected));
      return { ...first, waiting: second.waiting, more: second.more } satisfies LineView;
    },
    setLimit: (line, limit, expiresAt) =>
      at(`limit of ${line.definition}`, () => kept.setLimit(line, limit, expiresAt)),
    join: (line, arrival) => at(`join ${arrival.workflowId}`, () => kept.join(line, arrival)),
    isInLine: (line, arrival) =>
      at(`is in line ${arrival.workflowId}`, () => kept.isInLine(line, arrival)),
    leave: (line, arrival) => at(`leave ${arrival.workflowId}`, () => kept.leave(line, arrival)),
    take: (line, place) =>
      at(`take ${place.index} for ${place.workflowId}`, () => kept.take(line, place)),
    free: (line, place) =>
      at(`free ${place.index} of ${place.workflowId}`, () => kept.free(line, place)),
    readFunction: (name) => at(`places of ${name}`, () => kept.readFunction(name)),
    takeFunction: (name, place, now) =>
      at(`take ${place.index} of ${name}`, () => kept.takeFunction(name, place, now)),
    freeFunction: (name, place) =>
      at(`free ${place.index} of ${name}`, () => kept.freeFunction(name, place)),
  };
}
