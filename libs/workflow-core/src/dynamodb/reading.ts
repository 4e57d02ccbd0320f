/** Reads of items by their keys, and of a workflow's partition, to their end. */
import { setTimeout as pause } from 'node:timers/promises';
import { BatchGetItemCommand, QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { StoreUnavailableError } from '../errors.js';
import type { Item } from './items.js';
import { workflowPk, type Key } from './keys.js';

export interface ReadStore {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** BatchGetItem's own limit. */
const KEYS_PER_READ = 100;
/** Reads of keys DynamoDB left unprocessed. */
const READ_TRIES = 6;

/** In no order; keys without an item are left out. */
export async function readItems(
  { client, tableName }: ReadStore,
  keys: readonly Key[],
  { consistent }: { consistent: boolean } = { consistent: true },
): Promise<Item[]> {
  const items: Item[] = [];
  for (let start = 0; start < keys.length; start += KEYS_PER_READ) {
    let open: Item[] = keys.slice(start, start + KEYS_PER_READ).map((key) => ({ ...key }));
    for (let attempt = 0; open.length > 0; attempt += 1) {
      if (attempt === READ_TRIES)
        throw new StoreUnavailableError(`${open.length} reads unanswered`);
      if (attempt > 0) await pause(Math.random() * 50 * 2 ** attempt);
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({
          RequestItems: { [tableName]: { Keys: open, ConsistentRead: consistent } },
        }),
      );
      items.push(...(Responses?.[tableName] ?? []));
      open = UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
  }
  return items;
}

/** Consistent, in the order of the sort keys: those from `first` to `last`, both included; to the partition's end without it. */
export async function readRange(
  { client, tableName }: ReadStore,
  workflowId: string,
  { first, last }: { first: string; last?: string },
): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: `pk = :pk AND sk ${last === undefined ? '>= :first' : 'BETWEEN :first AND :last'}`,
        ExpressionAttributeValues: {
          ':pk': { S: workflowPk(workflowId) },
          ':first': { S: first },
          ...(last === undefined ? {} : { ':last': { S: last } }),
        },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
}
