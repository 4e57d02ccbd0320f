/**
 * Schedules on DynamoDB: one partition for all, an item each, which stands in the due index while it is enabled. A large
 * input lies beside it, so that a time costs the same whatever it starts with.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { CorruptItemError } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { ScheduleRepository } from '../schedules/repository.js';
import type { Schedule } from '../schedules/schedule.js';
import { createBatcher } from './batch.js';
import type { DynamoRepositoryOptions } from './dynamo-repository.js';
import type { Item } from './items.js';
import { SCHEDULES_PK, SCHEDULE_PREFIX, scheduleInputKey, scheduleKey, type Key } from './keys.js';
import {
  SUMMARY_ATTRIBUTES,
  advanceStatement,
  inputPlaceOf,
  newScheduleItem,
  toScheduleSummary,
  type InputPlace,
} from './schedule-items.js';
import { hideSdkErrors } from './hide-sdk-errors.js';

export function createDynamoSchedules(options: DynamoRepositoryOptions): ScheduleRepository {
  return hideSdkErrors(schedulesOn(options));
}

function schedulesOn(store: DynamoRepositoryOptions): ScheduleRepository {
  const { client, tableName } = store;
  const execute = createBatcher({ client, pause: (ms) => pause(ms), random: Math.random });

  async function remove(key: Key): Promise<Item | undefined> {
    const request = { TableName: tableName, Key: key, ReturnValues: 'ALL_OLD' } as const;
    return (await client.send(new DeleteItemCommand(request))).Attributes;
  }
  async function removeInput(of: Item | undefined): Promise<void> {
    const place = of && inputPlaceOf(of);
    if (place?.kind === 'beside') await remove(scheduleInputKey(place.key));
  }

  return {
    async getSchedule(name) {
      const found = await readItem(store, scheduleKey(name));
      return found && withInput(store, found);
    },

    async listSchedules({ limit, cursor }) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          ...allSchedules(tableName),
          ...SUMMARY_ATTRIBUTES,
          Limit: limit,
          ExclusiveStartKey: cursor === undefined ? undefined : { ...scheduleKey(cursor) },
        }),
      );
      const items = Items.map(toScheduleSummary);
      const last = items.at(-1);
      return { items, ...(LastEvaluatedKey && last ? { cursor: last.name } : {}) };
    },

    async countSchedules() {
      let count = 0;
      let start: Item | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            ...allSchedules(tableName),
            Select: 'COUNT',
            ConsistentRead: true,
            ExclusiveStartKey: start,
          }),
        );
        count += page.Count ?? 0;
        start = page.LastEvaluatedKey;
      } while (start);
      return count;
    },

    async putSchedule(schedule) {
      const place = await putInput(store, schedule);
      const item = newScheduleItem(schedule, place);
      const put = await replace(store, item, schedule.version - 1);
      // Of whoever lost, nobody reads the input.
      await removeInput(put.kind === 'done' ? put.before : item);
      return put.kind === 'done';
    },

    async advanceSchedule(schedule) {
      const { name } = schedule;
      return (await execute(name, advanceStatement(tableName, schedule))) === 'applied';
    },

    async deleteSchedule(name) {
      const before = await remove(scheduleKey(name));
      await removeInput(before);
      return before !== undefined;
    },
  };
}

const allSchedules = (tableName: string): QueryCommandInput => ({
  TableName: tableName,
  KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
  ExpressionAttributeValues: { ':pk': { S: SCHEDULES_PK }, ':prefix': { S: SCHEDULE_PREFIX } },
});

async function readItem({ client, tableName }: DynamoRepositoryOptions, key: Key) {
  const request = { TableName: tableName, Key: key, ConsistentRead: true };
  return (await client.send(new GetItemCommand(request))).Item;
}

/** Undefined: while it was read it was replaced or deleted, and read again it was so again. */
async function withInput(
  store: DynamoRepositoryOptions,
  item: Item,
  again = true,
): Promise<Schedule | undefined> {
  const summary = toScheduleSummary(item);
  const place = inputPlaceOf(item);
  if (place.kind === 'none') return summary;
  if (place.kind === 'inline') return { ...summary, input: place.input };
  const body = (await readItem(store, scheduleInputKey(place.key)))?.['body']?.B;
  if (body)
    return { ...summary, input: JSON.parse(gunzipSync(body).toString()) as Schedule['input'] & {} };
  const fresh = again ? await readItem(store, scheduleKey(summary.name)) : undefined;
  if (fresh) return withInput(store, fresh, false);
  if (!again) throw new CorruptItemError(`the input of the schedule "${summary.name}" is missing`);
  return undefined;
}

/** Before the item that names it, under a name that nobody else writes. */
async function putInput(
  { client, tableName }: DynamoRepositoryOptions,
  { name, input }: Schedule,
): Promise<InputPlace> {
  if (input === undefined) return { kind: 'none' };
  const json = JSON.stringify(input);
  if (Buffer.byteLength(json) <= LIMITS.inlinePayloadBytes) return { kind: 'inline', input };
  const key = `${name}#${randomUUID()}`;
  const Item = { ...scheduleInputKey(key), body: { B: gzipSync(json) } };
  await client.send(new PutItemCommand({ TableName: tableName, Item }));
  return { kind: 'beside', key };
}

/** @param version of the one that is there; 0: there is none */
async function replace(
  { client, tableName }: DynamoRepositoryOptions,
  Item: Item,
  version: number,
): Promise<{ readonly kind: 'done'; readonly before?: Item } | { readonly kind: 'lost' }> {
  const condition =
    version === 0
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: 'version = :version',
          ExpressionAttributeValues: { ':version': { N: String(version) } },
        };
  try {
    const { Attributes } = await client.send(
      new PutItemCommand({ TableName: tableName, Item, ReturnValues: 'ALL_OLD', ...condition }),
    );
    return { kind: 'done', ...(Attributes ? { before: Attributes } : {}) };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { kind: 'lost' };
    throw error;
  }
}
