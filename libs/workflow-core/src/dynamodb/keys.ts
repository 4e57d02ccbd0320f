/**
 * The key schema: one partition per workflow; `#TAG#` and `DATA#` sort before `META#` and `TASK#`, so that reading those
 * leaves tags and payloads out; the items of maps sort behind. One partition per definition too; `PART#` sorts before `REVISION#`.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { itemId, parseItemId } from '../map-items.js';
import type { ItemKey } from '../transitions.js';

export type Key = { readonly pk: AttributeValue.SMember; readonly sk: AttributeValue.SMember };

export const META_SK = 'META#WORKFLOW';
export const isMetaSk = (sk: string) => sk === META_SK;
const WORKFLOW_PREFIX = 'WORKFLOW#';
const TASK_PREFIX = 'TASK#';
/** Behind all other tasks, in their order: `TASK[]#<task>#<index>`. */
const ITEM_PREFIX = 'TASK[]#';
/** The first sort key after every task that is no item of a map. */
export const AFTER_TASKS = ITEM_PREFIX;
const INDEX_DIGITS = 5;

/** The first sort key after every tag and payload part. */
export const AFTER_PAYLOADS = 'META#';

const key = (pk: string, sk: string): Key => ({ pk: { S: pk }, sk: { S: sk } });

export const workflowPk = (workflowId: string) => `${WORKFLOW_PREFIX}${workflowId}`;
export const metaKey = (workflowId: string) => key(workflowPk(workflowId), META_SK);
export const itemSk = (taskId: string, index: number) =>
  `${ITEM_PREFIX}${taskId}#${String(index).padStart(INDEX_DIGITS, '0')}`;
export function taskSk(taskId: string): string {
  const item = parseItemId(taskId);
  return item ? itemSk(item.taskId, item.index) : `${TASK_PREFIX}${taskId}`;
}
export const taskItemKey = (workflowId: string, taskId: string) =>
  key(workflowPk(workflowId), taskSk(taskId));
export const payloadKey = (workflowId: string, payload: string, part: number) =>
  key(workflowPk(workflowId), `DATA#${payload}#${part}`);
/** Named by its moment too: two starts under one id keep apart, and META tells whose entry counts. */
export const tagItemKey = (workflowId: string, tag: string, createdAt: string) =>
  key(workflowPk(workflowId), `#TAG#${tag}#${createdAt}`);

export const REVISION_PREFIX = 'REVISION#';
export const definitionPk = (name: string) => `DEFINITION#${name}`;
/** Eight digits: the order of the text is the order of the revisions. */
export const definitionKey = (name: string, revision: number) =>
  key(definitionPk(name), `${REVISION_PREFIX}${String(revision).padStart(8, '0')}`);
/** Named by their content: whoever writes the same name writes the same bytes. */
export const definitionPartKey = (name: string, bodyHash: string, part: number) =>
  key(definitionPk(name), `PART#${bodyHash}#${part}`);
/** The partition that names every definition. */
export const DEFINITION_NAMES_PK = 'DEFINITIONS';
export const definitionNameKey = (name: string) => key(DEFINITION_NAMES_PK, name);

/** The partition of every schedule: `INPUT#` sorts before `SCHEDULE#`. */
export const SCHEDULES_PK = 'SCHEDULES';
export const SCHEDULE_PREFIX = 'SCHEDULE#';
export const scheduleKey = (name: string) => key(SCHEDULES_PK, `${SCHEDULE_PREFIX}${name}`);
export const scheduleInputKey = (input: string) => key(SCHEDULES_PK, `INPUT#${input}`);

export const workflowIdOf = (pk: string) => pk.slice(WORKFLOW_PREFIX.length);
export function taskIdOf(sk: string): string {
  if (!sk.startsWith(ITEM_PREFIX)) return sk.slice(TASK_PREFIX.length);
  const end = sk.lastIndexOf('#');
  return itemId(sk.slice(ITEM_PREFIX.length, end), Number(sk.slice(end + 1)));
}
export const isTaskSk = (sk: string) => sk.startsWith(TASK_PREFIX) || sk.startsWith(ITEM_PREFIX);

export const keyOf = (item: ItemKey): Key =>
  item.kind === 'task' ? taskItemKey(item.workflowId, item.taskId) : metaKey(item.workflowId);

/** How many partitions each index is spread over: a partition takes about 1,000 write units a second. */
export const INDEX_SHARDS = 4;

/** FNV-1a: where in an index a workflow lives, for ever. */
export function shardOf(workflowId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < workflowId.length; i += 1) {
    hash ^= workflowId.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % INDEX_SHARDS;
}

export const listPk = (shard: number) => `LIST#${shard}`;
export const tagPk = (tag: string) => `TAG#${tag}`;
/** Tasks that wait for a callback, oldest first. */
export const INBOX_PK = 'CALLBACKS';
export const inboxKey = (openedAt: string, workflowId: string, taskId: string) =>
  `${openedAt}#${workflowId}#${taskId}`;
export const duePk = (shard: number) => `DUE#${shard}`;
export const filterPk = (definition: string, status: string) => `${definition}#${status}`;
/** Unique and in order of creation. */
export const listKey = (createdAt: string, workflowId: string) => `${createdAt}#${workflowId}`;
export const createdAtOf = (sortKey: string) => sortKey.slice(0, sortKey.indexOf('#'));
