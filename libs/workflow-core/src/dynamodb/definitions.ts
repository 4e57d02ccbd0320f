/** Definitions: immutable revisions, gzipped, and the partition that names them. */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  BatchExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { parseDefinition, type Definition } from '../definition.js';
import { CorruptItemError, StoreUnavailableError } from '../errors.js';
import type { DefinitionRef } from '../workflow.js';
import { DEFINITION_NAMES_PK, definitionKey, definitionNameKey } from './keys.js';
import { insertStatement } from './statements.js';

export interface DefinitionStore {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** Tries of a put that others get in between of. */
const PUT_TRIES = 5;

export async function putDefinition(
  store: DefinitionStore,
  definition: Definition,
): Promise<{ revision: number; created: boolean }> {
  const json = JSON.stringify(definition);
  const hash = createHash('sha256').update(json).digest('base64url');
  for (let attempt = 0; attempt < PUT_TRIES; attempt += 1) {
    const latest = await latestRevision(store, definition.name);
    if (latest?.hash === hash) return { revision: latest.revision, created: false };
    const revision = (latest?.revision ?? 0) + 1;
    // The name first: a definition that is there is always named.
    if (!latest) await putName(store, definition.name);
    if (await insertRevision(store, { name: definition.name, revision }, json, hash))
      return { revision, created: true };
  }
  throw new StoreUnavailableError(`the definition "${definition.name}" changes too often`);
}

export async function getDefinition(
  { client, tableName }: DefinitionStore,
  ref: DefinitionRef,
): Promise<Definition | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: tableName, Key: definitionKey(ref.name, ref.revision) }),
  );
  if (!Item) return undefined;
  const body = Item['body']?.B;
  if (!body) throw new CorruptItemError(`the definition ${ref.name} ${ref.revision} has no body`);
  return parseDefinition(JSON.parse(gunzipSync(body).toString()));
}

/** In the order of their names. */
export async function definitionNames({ client, tableName }: DefinitionStore): Promise<string[]> {
  const names: string[] = [];
  let start: QueryStart;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: DEFINITION_NAMES_PK } },
        ExclusiveStartKey: start,
      }),
    );
    for (const item of page.Items ?? []) if (item['sk']?.S) names.push(item['sk'].S);
    start = page.LastEvaluatedKey;
  } while (start);
  return names;
}
type QueryStart = ConstructorParameters<typeof QueryCommand>[0]['ExclusiveStartKey'];

async function latestRevision({ client, tableName }: DefinitionStore, name: string) {
  const { Items } = await client.send(
    new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': definitionKey(name, 1).pk },
      ProjectionExpression: 'sk, #hash',
      ExpressionAttributeNames: { '#hash': 'hash' },
      ScanIndexForward: false,
      ConsistentRead: true,
      Limit: 1,
    }),
  );
  const item = Items?.[0];
  return item && { revision: Number(item['sk']?.S?.split('#')[1]), hash: item['hash']?.S };
}

const putName = ({ client, tableName }: DefinitionStore, name: string) =>
  client.send(new PutItemCommand({ TableName: tableName, Item: definitionNameKey(name) }));

/** False when another writer was faster. */
async function insertRevision(
  { client, tableName }: DefinitionStore,
  ref: DefinitionRef,
  json: string,
  hash: string,
): Promise<boolean> {
  const { Responses } = await client.send(
    new BatchExecuteStatementCommand({
      Statements: [
        insertStatement(tableName, {
          ...definitionKey(ref.name, ref.revision),
          hash: { S: hash },
          body: { B: gzipSync(json) },
        }),
      ],
    }),
  );
  const error = Responses?.[0]?.Error;
  if (error && error.Code !== 'DuplicateItem')
    throw new StoreUnavailableError(`${error.Code}: ${error.Message}`);
  return !error;
}
