/** A map is expanded: what it runs over is stored, and the orchestrator starts its items. */
import { createHash } from 'node:crypto';
import {
  LIMITS,
  PayloadTooLargeError,
  canonicalJson,
  type MapItem,
  type MapItems,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Claim, Outcome, Ports } from './ports.js';

/** A map over nothing has succeeded. */
export async function expand(
  ports: Ports,
  workflow: Workflow,
  claim: Claim,
  items: readonly MapItem[],
): Promise<Outcome> {
  if (items.length === 0) return { kind: 'succeeded', output: [] };
  const large = items.findIndex(({ item }) => bytesOf(item) > LIMITS.itemBytes);
  if (large >= 0)
    return tooLarge(`its item ${large} is above the limit of ${LIMITS.itemBytes} bytes of JSON`);
  const hash = hashOf(items);
  try {
    const kept = await keptItems(ports, workflow, claim, hash);
    return { kind: 'suspended', items: kept ?? (await store(ports, workflow, claim, items, hash)) };
  } catch (error) {
    if (!(error instanceof PayloadTooLargeError)) throw error;
    return tooLarge(error.message);
  }
}

const bytesOf = (item: unknown) => Buffer.byteLength(JSON.stringify(item));

const tooLarge = (problem: string): Outcome => ({
  kind: 'failed',
  error: { type: 'InputTooLarge', message: `the list of forEach: ${problem}`, trace: [] },
});

/** The list of an older epoch, where it is the same: then what its items have become counts on. */
async function keptItems(
  { repository }: Ports,
  { workflowId, epoch }: Workflow,
  { taskId }: Claim,
  hash: string,
): Promise<MapItems | undefined> {
  if (epoch === 1) return undefined;
  const [task] = await repository.getTasks(workflowId, [taskId]);
  return task?.items?.hash === hash ? task.items : undefined;
}

async function store(
  { repository }: Ports,
  { workflowId, epoch, expiresAt }: Workflow,
  { taskId, claimId }: Claim,
  items: readonly MapItem[],
  hash: string,
): Promise<MapItems> {
  const owner = { workflowId, key: `${taskId}#${claimId}.items`, expiresAt };
  return { ...(await repository.putList(owner, items)), hash, since: epoch };
}

/** Of the items alone: another label makes no other item. */
const hashOf = (items: readonly MapItem[]) =>
  createHash('sha256')
    .update(canonicalJson(items.map(({ item }) => item)))
    .digest('base64url')
    .slice(0, 22);
