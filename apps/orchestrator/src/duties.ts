/** What is done once a workflow has ended. Each duty is safe to repeat. */
import type { Actor, Duty, Workflow } from '@orchestra/workflow-core';
import { tellParent } from './parent.js';
import { releasePlace } from './places.js';
import type { Ports } from './ports.js';

/** False: it cannot be done yet. */
type Fulfil = (ports: Ports, ended: Workflow, by: Actor) => Promise<boolean | void>;

const DO: Readonly<Record<Duty, Fulfil>> = {
  parent: tellParent,
  place: releasePlace,
};

/**
 * Whether all are done.
 * @param ended META of a workflow that is terminal
 */
export async function fulfil(ports: Ports, ended: Workflow, by: Actor): Promise<boolean> {
  let isDone = true;
  for (const duty of ended.duties ?? [])
    if ((await DO[duty](ports, ended, by)) === false) isDone = false;
  return isDone;
}
