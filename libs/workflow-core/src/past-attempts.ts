/**
 * Every attempt of a task is kept for as long as its workflow, also through redrives: the present one in the item's
 * own attributes, those that are over in `pastAttempts`, which a transition replaces as it begins the next. So an
 * attempt is put away by the very write that ends it, and no reader ever sees it twice or not at all.
 */
import * as z from 'zod';
import { CorruptItemError } from './errors.js';
import type { WorkflowRepository } from './repository.js';
import { TASK_STATUSES } from './state-machines.js';
import {
  ACTORS,
  FAILURE_REASONS,
  SKIP_REASONS,
  type PastAttempt,
  type Payload,
  type Task,
  type WaitsFor,
} from './workflow.js';

const waitsForSchema = z.object({
  until: z.string().optional(),
  callback: z.literal(true).optional(),
  child: z.string().optional(),
  items: z.int().optional(),
});

const pastAttemptSchema = z.object({
  attempt: z.int(),
  epoch: z.int().default(1),
  status: z.enum(TASK_STATUSES).exclude(['PENDING']).default('RUNNING'),
  reason: z.enum([...SKIP_REASONS, ...FAILURE_REASONS]).optional(),
  readyAt: z.string().optional(),
  readyBy: z.enum(ACTORS).optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  endedBy: z.enum(ACTORS).optional(),
  error: z.object({ type: z.string(), message: z.string(), trace: z.array(z.string()) }).optional(),
  requestId: z.string().optional(),
  suspendedAt: z.string().optional(),
  waitsFor: waitsForSchema.optional(),
  postponed: z.int().optional(),
  postponedAt: z.string().optional(),
  heartbeats: z.int().optional(),
  heartbeatAt: z.string().optional(),
  who: z.string().optional(),
  note: z.string().optional(),
});

type Payloads = Pick<WorkflowRepository, 'getPayload' | 'putPayload'>;

/** Oldest first. @throws CorruptItemError */
export async function readPastAttempts(
  payloads: Pick<Payloads, 'getPayload'>,
  { workflowId, taskId, pastAttempts }: Task,
): Promise<readonly PastAttempt[]> {
  if (!pastAttempts) return [];
  const parsed = z
    .array(pastAttemptSchema)
    .safeParse(await payloads.getPayload(workflowId, pastAttempts));
  if (parsed.success) return parsed.data as PastAttempt[];
  throw new CorruptItemError(`the past attempts of ${workflowId} ${taskId} do not read`);
}

/**
 * The list with the present attempt put away, stored for the transition that names it.
 * @param ended what the item does not say of how it ended
 */
export async function putAway(
  payloads: Payloads,
  task: Task,
  ended: Partial<PastAttempt> & { readonly at: string; readonly by: string },
): Promise<Payload> {
  const { at, by, ...more } = ended;
  const owner = {
    workflowId: task.workflowId,
    // Whoever else puts the same attempt away at this moment must not write under the same name.
    key: `${task.taskId}#attempts-${task.version}-${by}-${at}`,
    expiresAt: task.expiresAt,
  };
  const past = await readPastAttempts(payloads, task);
  return payloads.putPayload(owner, [...past, { ...asPast(task), ...more }]);
}

/** The present attempt of an item, as it is kept once the next begins. */
export function asPast(task: Task): PastAttempt {
  const { attempt, epoch, status, reason, readyAt, readyBy, startedAt, endedAt, endedBy } = task;
  const { error, requestId, suspendedAt, heartbeats, heartbeatAt, who, note } = task;
  const { postponed, postponedAt } = task;
  const all = {
    ...{ reason, readyAt, readyBy, startedAt, endedAt, endedBy, error, requestId },
    ...{ postponed, postponedAt, suspendedAt, heartbeats, heartbeatAt, who, note },
    waitsFor: suspendedAt === undefined ? undefined : waitsForOf(task),
  };
  const there = Object.entries(all).filter(([, value]) => value !== undefined);
  return { attempt, epoch, status, ...Object.fromEntries(there) };
}

/** The items and the child that an item of a task has kept of older epochs count only for what they are named by. */
function waitsForOf({ wakeAt, callback, child, items }: Task): WaitsFor {
  if (wakeAt !== undefined) return { until: wakeAt, ...(callback ? { callback: true } : {}) };
  if (items) return { items: items.count };
  return child === undefined ? {} : { child };
}
