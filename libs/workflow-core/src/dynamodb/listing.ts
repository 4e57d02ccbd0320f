/** Pages over the indexes: `list` and `filter` are spread over several partitions and merged; `due` is read shard by shard. */
import { QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type {
  DueSchedule,
  DueWorkflow,
  Page,
  WorkflowQuery,
  WorkflowSummary,
} from '../repository.js';
import { toSummary, type Item } from './items.js';
import { SCHEDULES_PK, SCHEDULE_PREFIX, duePk, workflowIdOf } from './keys.js';

export interface IndexStore {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

export type PageQuery = Pick<WorkflowQuery, 'limit' | 'cursor' | 'from' | 'to'>;

/** Sort keys: at or after `from`, before `before`. A time sorts before every key of its moment. */
export interface Span {
  readonly from?: string;
  readonly before?: string;
}

/** Entries of which most partitions have no more than these: up to 4 KB, the least a read is charged for. */
const LEAST_READ = 16;

/**
 * Newest first over all `partitions` of `index`. The cursor is the sort key of the last item returned: sort keys
 * are unique, so a page starts exactly behind the one before, whatever partition either item is in.
 *
 * Each partition is asked for its share of the page; those that may hold more of it are asked once more, for all of it.
 */
export async function newestFirst(
  store: IndexStore,
  index: 'list' | 'filter',
  partitions: readonly string[],
  query: PageQuery,
): Promise<Page<WorkflowSummary>> {
  const { limit } = query;
  const whole = limit + 1;
  const readings = partitions.map((partition) => new Reading(store, index, partition, query));
  let merged: Item[] = [];
  let count = shareOf(whole, partitions.length);
  for (let open = readings; open.length > 0; count = whole) {
    await Promise.all(open.map((reading) => reading.readOn(count)));
    merged = readings.flatMap(({ entries }) => entries).sort(newestOf);
    const end = merged[limit];
    open = readings.filter((reading) => reading.mayReach(end));
  }
  const items = merged.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(toSummary),
    ...(merged.length > limit && last ? { cursor: sortKeyOf(last) } : {}),
  };
}

/** Half as much again as an even spread, so that one round is usually enough. */
const shareOf = (whole: number, partitions: number) =>
  Math.min(whole, Math.max(LEAST_READ, Math.ceil((1.5 * whole) / partitions) + 4));

export const sortKeyOf = (item: Item) => item['listKey']?.S ?? '';
const newestOf = (a: Item, b: Item) => (sortKeyOf(a) < sortKeyOf(b) ? 1 : -1);

/** How far one partition has been read. */
class Reading {
  readonly entries: Item[] = [];
  private isDrained = false;

  constructor(
    private readonly store: IndexStore,
    private readonly index: string,
    private readonly partition: string,
    private readonly query: PageQuery,
  ) {}

  async readOn(count: number): Promise<void> {
    const last = this.entries.at(-1);
    const rest = last ? { ...this.query, cursor: sortKeyOf(last) } : this.query;
    const found = await entriesOf(this.store, this.index, this.partition, count, spanOf(rest));
    this.entries.push(...found);
    this.isDrained = found.length < count;
  }

  /** Whether an entry not read yet may stand before `end`, or there is no end yet. */
  mayReach(end: Item | undefined): boolean {
    if (this.isDrained) return false;
    const last = this.entries.at(-1);
    return !end || !last || sortKeyOf(last) > sortKeyOf(end);
  }
}

export function spanOf({ from, to, cursor }: PageQuery): Span {
  const bounds = [to, cursor].filter((bound) => bound !== undefined).sort();
  return {
    ...(from === undefined ? {} : { from }),
    ...(bounds[0] === undefined ? {} : { before: bounds[0] }),
  };
}

/** The newest `count` entries of a partition within the span, newest first. */
export async function entriesOf(
  { client, tableName }: IndexStore,
  index: string,
  partition: string,
  count: number,
  span: Span,
): Promise<Item[]> {
  const { from, before } = span;
  const isBetween = from !== undefined && before !== undefined;
  if (isBetween && from >= before) return [];
  const entries: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: index,
        KeyConditionExpression: `#partition = :partition${conditionOf(span)}`,
        ExpressionAttributeNames: { '#partition': index },
        ExpressionAttributeValues: {
          ':partition': { S: partition },
          ...(from === undefined ? {} : { ':from': { S: from } }),
          ...(before === undefined ? {} : { ':before': { S: before } }),
        },
        ScanIndexForward: false,
        // BETWEEN finds its upper bound too.
        Limit: count - entries.length + (isBetween ? 1 : 0),
        ExclusiveStartKey: start,
      }),
    );
    entries.push(...(page.Items ?? []).filter((item) => sortKeyOf(item) !== before));
    start = page.LastEvaluatedKey;
  } while (start && entries.length < count);
  return entries.slice(0, count);
}

function conditionOf({ from, before }: Span): string {
  if (from !== undefined && before !== undefined) return ' AND listKey BETWEEN :from AND :before';
  if (from !== undefined) return ' AND listKey >= :from';
  return before === undefined ? '' : ' AND listKey < :before';
}

/** The workflows and schedules of one shard that are due at `at`, the longest overdue first. */
export async function dueWorkflows(
  { client, tableName }: IndexStore,
  { shard, at, limit, cursor }: { shard: number; at: string; limit: number; cursor?: string },
): Promise<Page<DueWorkflow | DueSchedule>> {
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
    items: (page.Items ?? []).map(toDue),
    ...(page.LastEvaluatedKey ? { cursor: JSON.stringify(page.LastEvaluatedKey) } : {}),
  };
}

function toDue({ pk, sk, nextCheckAt }: Item): DueWorkflow | DueSchedule {
  const at = { nextCheckAt: nextCheckAt?.S ?? '' };
  return pk?.S === SCHEDULES_PK
    ? { ...at, schedule: (sk?.S ?? '').slice(SCHEDULE_PREFIX.length) }
    : { ...at, workflowId: workflowIdOf(pk?.S ?? '') };
}
