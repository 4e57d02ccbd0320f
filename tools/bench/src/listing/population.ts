/**
 * The workflows to look for among many. What each of them is follows from its number and the seed, so whoever lists can
 * be held to it. Pure.
 */
import { createHash } from 'node:crypto';
import type { WorkflowQuery } from '@orchestra/workflow-core';

export const DEFINITIONS = ['etl', 'report', 'train', 'import', 'cleanup'] as const;
export const TAG = 'team=data';

/** Out of a hundred. */
const SHARES = { SUCCESS: 80, FAILED: 10, CANCELLED: 5, RUNNING: 5 } as const;
type Status = keyof typeof SHARES;
const TAGGED = 10;

export interface Member {
  readonly workflowId: string;
  readonly status: Status;
  readonly definition: string;
  readonly createdAt: string;
  readonly tags: readonly string[];
}

/** One a second, the first at `firstAt`. @param number from 0 */
export function memberOf(number: number, seed: number, firstAt: number): Member {
  const hash = createHash('sha256').update(`${seed} ${number}`).digest();
  return {
    workflowId: `w-${number}`,
    status: statusOf(hash.readUInt32BE(0) % 100),
    definition: DEFINITIONS[hash.readUInt32BE(4) % DEFINITIONS.length] as string,
    createdAt: new Date(firstAt + number * 1_000).toISOString(),
    tags: hash.readUInt32BE(8) % 100 < TAGGED ? [TAG] : [],
  };
}

function statusOf(percent: number): Status {
  let reached = 0;
  for (const [status, share] of Object.entries(SHARES))
    if (percent < (reached += share)) return status as Status;
  return 'SUCCESS';
}

export type Filter = Omit<WorkflowQuery, 'limit' | 'cursor'>;

export const matches = (member: Member, { status, definition, tag, from, to }: Filter): boolean =>
  (status === undefined || member.status === status) &&
  (definition === undefined || member.definition === definition) &&
  (tag === undefined || member.tags.includes(tag)) &&
  (from === undefined || member.createdAt >= from) &&
  (to === undefined || member.createdAt < to);
