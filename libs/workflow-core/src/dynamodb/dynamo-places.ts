/** Places on DynamoDB: an item is there while somebody has the place, or stands in line. */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import type { Arrival, LineView, Place, PlaceRepository } from '../places/place-repository.js';
import type { DynamoRepositoryOptions } from './dynamo-repository.js';
import { hideSdkErrors } from './hide-sdk-errors.js';
import type { Item } from './items.js';
import type { Key } from './keys.js';
import {
  functionPk,
  functionPlaceItem,
  isLimit,
  isPlace,
  isWait,
  limitItem,
  linePk,
  placeItem,
  placeKey,
  toArrival,
  toFunctionPlace,
  toLimit,
  toPlace,
  waitItem,
  waitKey,
} from './place-items.js';

export const createDynamoPlaces = (options: DynamoRepositoryOptions): PlaceRepository =>
  hideSdkErrors(placesOn(options));

/** Nobody has it. */
const DOES_NOT_EXIST = 'attribute_not_exists(pk)';
const IS_OF_THE_WORKFLOW = 'workflowId = :workflowId AND epoch = :epoch';
const IS_OF_THE_HOLDER = 'holder = :holder';
const IS_OVER = 'leaseUntil <= :at';
const IS_NO_NEWER = 'revision <= :revision';

/** Items of one request: what is above is read in another. */
const PAGE = 1_100;

function placesOn({ client, tableName: TableName }: DynamoRepositoryOptions): PlaceRepository {
  const put = (Item: Item, condition?: Condition) =>
    ifItHolds(client.send(new PutItemCommand({ TableName, Item, ...condition })));
  const remove = (key: Key, condition?: Condition) =>
    ifItHolds(client.send(new DeleteItemCommand({ TableName, Key: { ...key }, ...condition })));

  /** Consistent, in the order of the sort keys, until it is enough. */
  async function read(pk: string, limit: number, isEnough: (items: readonly Item[]) => boolean) {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: pk } },
          ConsistentRead: true,
          Limit: limit,
          ExclusiveStartKey: start,
        }),
      );
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start && !isEnough(items));
    return { items, more: start !== undefined };
  }

  return {
    async readLine(line, { places, waiting }): Promise<LineView> {
      const isEnough = (items: readonly Item[]) => items.filter(isWait).length >= waiting;
      const { items, more } = await read(linePk(line), places + waiting + 1, isEnough);
      const limit = items.find(isLimit);
      return {
        ...(limit ? { limit: toLimit(limit) } : {}),
        places: items.filter(isPlace).map(toPlace),
        waiting: items.filter(isWait).map(toArrival),
        more,
      };
    },

    async setLimit(line, limit, expiresAt) {
      await put(limitItem(line, limit, expiresAt), {
        ConditionExpression: `${DOES_NOT_EXIST} OR ${IS_NO_NEWER}`,
        ExpressionAttributeValues: { ':revision': { N: String(limit.revision) } },
      });
    },

    async join(line, arrival) {
      await put(waitItem(line, arrival));
    },

    async isInLine(line, arrival) {
      const Key = { ...waitKey(line, arrival) };
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key, ConsistentRead: true }),
      );
      return Item !== undefined;
    },

    async leave(line, arrival) {
      await remove(waitKey(line, arrival));
    },

    take: (line, place) =>
      put(placeItem(line, place), {
        ConditionExpression: `${DOES_NOT_EXIST} OR (${IS_OF_THE_WORKFLOW})`,
        ExpressionAttributeValues: workflowValues(place),
      }),

    async free(line, place: Place) {
      await remove(placeKey(linePk(line), place.index), {
        ConditionExpression: IS_OF_THE_WORKFLOW,
        ExpressionAttributeValues: workflowValues(place),
      });
    },

    async readFunction(name) {
      return (await read(functionPk(name), PAGE, () => false)).items.map(toFunctionPlace);
    },

    takeFunction: (name, place, at) =>
      put(functionPlaceItem(name, place), {
        ConditionExpression: `${DOES_NOT_EXIST} OR ${IS_OVER} OR ${IS_OF_THE_HOLDER}`,
        ExpressionAttributeValues: { ':at': { S: at }, ':holder': { S: place.holder } },
      }),

    async freeFunction(name, { index, holder }) {
      await remove(placeKey(functionPk(name), index), {
        ConditionExpression: IS_OF_THE_HOLDER,
        ExpressionAttributeValues: { ':holder': { S: holder } },
      });
    },
  };
}

interface Condition {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeValues: Record<string, AttributeValue>;
}

const workflowValues = ({ workflowId, epoch }: Pick<Arrival, 'workflowId' | 'epoch'>) => ({
  ':workflowId': { S: workflowId },
  ':epoch': { N: String(epoch) },
});

async function ifItHolds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
