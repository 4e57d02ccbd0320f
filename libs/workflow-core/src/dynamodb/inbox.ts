/**
 * The tasks that wait for an answer, oldest first. An entry of the index says only which task it was, so each is read: what
 * has been answered since its entry was written, or begun anew, is left out.
 */
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { isOpenCallback } from '../callbacks.js';
import type { CallbackQuery, Page } from '../repository.js';
import type { Task } from '../workflow.js';
import { toTask, type Item } from './items.js';
import { INBOX_PK, type Key } from './keys.js';
import { sortKeyOf, type IndexStore } from './listing.js';
import { readItems } from './reading.js';

export async function listCallbacks(
  store: IndexStore,
  { limit, cursor }: CallbackQuery,
): Promise<Page<Task>> {
  // One more tells whether there are more.
  const entries = await entriesAfter(store, cursor, limit + 1);
  const shown = entries.slice(0, limit);
  const items = await readItems(store, shown.map(keyOfEntry));
  const tasks = new Map(items.map((item) => [nameOf(item), toTask(item)]));
  const last = shown.at(-1);
  return {
    items: shown.flatMap((entry) => {
      const task = tasks.get(nameOf(entry));
      return task && isOpenCallback(task) ? [task] : [];
    }),
    ...(entries.length > limit && last ? { cursor: sortKeyOf(last) } : {}),
  };
}

async function entriesAfter(
  { client, tableName }: IndexStore,
  cursor: string | undefined,
  count: number,
): Promise<Item[]> {
  const entries: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'list',
        KeyConditionExpression: `#list = :inbox${cursor === undefined ? '' : ' AND listKey > :cursor'}`,
        ExpressionAttributeNames: { '#list': 'list' },
        ExpressionAttributeValues: {
          ':inbox': { S: INBOX_PK },
          ...(cursor === undefined ? {} : { ':cursor': { S: cursor } }),
        },
        Limit: count - entries.length,
        ExclusiveStartKey: start,
      }),
    );
    entries.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start && entries.length < count);
  return entries;
}

const keyOfEntry = ({ pk, sk }: Item) => ({ pk, sk }) as Key;
const nameOf = ({ pk, sk }: Item) => `${pk?.S} ${sk?.S}`;
