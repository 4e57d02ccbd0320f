/** Pages over the indexes: `list` and `filter` are spread over several partitions and merged; `due` is read shard by shard. */
import { QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DueWorkflow, Page, WorkflowSummary } from '../repository.js';
import { toSummary, type Item } from './items.js';
import { duePk, workflowIdOf } from './keys.js';

export interface IndexStore {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/**
 * Newest first over all `partitions` of `index`. The cursor is the sort key of the last item returned: sort keys
 * are unique, so a page starts exactly behind the one before, whatever partition either item is in.
 */
export async function newestFirst(
  store: IndexStore,
  index: 'list' | 'filter',
  partitions: readonly string[],
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<Page<WorkflowSummary>> {
  const pages = await Promise.all(
    partitions.map((partition) => queryBefore(store, index, partition, limit + 1, cursor)),
  );
  const sortKeyOf = (item: Item) => item['listKey']?.S ?? '';
  const merged = pages.flat().sort((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? 1 : -1));
  const items = merged.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(toSummary),
    ...(merged.length > limit && last ? { cursor: sortKeyOf(last) } : {}),
  };
}

async function queryBefore(
  { client, tableName }: IndexStore,
  index: string,
  partition: string,
  limit: number,
  before: string | undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: index,
        KeyConditionExpression: `#partition = :partition${before ? ' AND listKey < :before' : ''}`,
        ExpressionAttributeNames: { '#partition': index },
        ExpressionAttributeValues: {
          ':partition': { S: partition },
          ...(before ? { ':before': { S: before } } : {}),
        },
        ScanIndexForward: false,
        Limit: limit - items.length,
        ExclusiveStartKey: start,
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start && items.length < limit);
  return items;
}

/** The workflows of one shard that are due at `at`, the longest overdue first. */
export async function dueWorkflows(
  { client, tableName }: IndexStore,
  { shard, at, limit, cursor }: { shard: number; at: string; limit: number; cursor?: string },
): Promise<Page<DueWorkflow>> {
  const page = await client.send(
    new QueryCommand({
      TableName: tableName,
      IndexName: 'due',
      KeyConditionExpression: 'due = :due AND nextCheckAt <= :at',
      ExpressionAttributeValues: { ':due': { S: duePk(shard) }, ':at': { S: at } },
      Limit: limit,
      ExclusiveStartKey: cursor === undefined ? undefined : (JSON.parse(cursor) as Item),
    }),
  );
  return {
    items: (page.Items ?? []).map((item) => ({
      workflowId: workflowIdOf(item['pk']?.S ?? ''),
      nextCheckAt: item['nextCheckAt']?.S ?? '',
    })),
    ...(page.LastEvaluatedKey ? { cursor: JSON.stringify(page.LastEvaluatedKey) } : {}),
  };
}
