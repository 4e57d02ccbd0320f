/** What definitions there are, from their heads alone. */
import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Page, RevisionSummary } from '../repository.js';
import type { DefinitionRef } from '../workflow.js';
import { getDefinition } from './definition-body.js';
import { HEAD_ATTRIBUTES, toHead, type DefinitionStore, type Head } from './definition-items.js';
import type { Item } from './items.js';
import { DEFINITION_NAMES_PK, REVISION_PREFIX, definitionKey, definitionPk } from './keys.js';

/** What a head of the first shape does not tell: it came before times were kept. */
const UNKNOWN_TIME = new Date(0).toISOString();

interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

export async function newestHead(
  { client, tableName }: DefinitionStore,
  name: string,
  { consistent }: { consistent: boolean },
): Promise<Head | undefined> {
  const { Items } = await client.send(
    new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: {
        ':pk': { S: definitionPk(name) },
        ':prefix': { S: REVISION_PREFIX },
      },
      ...HEAD_ATTRIBUTES,
      ScanIndexForward: false,
      ConsistentRead: consistent,
      Limit: 1,
    }),
  );
  return Items?.[0] && toHead(name, Items[0]);
}

export async function latestRevision(
  store: DefinitionStore,
  name: string,
  consistent = true,
): Promise<RevisionSummary | undefined> {
  const head = await newestHead(store, name, { consistent });
  return head && summaryOf(store, head);
}

export async function getRevision(
  store: DefinitionStore,
  { name, revision }: DefinitionRef,
): Promise<RevisionSummary | undefined> {
  const { Item } = await store.client.send(
    new GetItemCommand({
      TableName: store.tableName,
      Key: definitionKey(name, revision),
      ...HEAD_ATTRIBUTES,
      ConsistentRead: true,
    }),
  );
  return Item && summaryOf(store, toHead(name, Item));
}

export async function listDefinitions(
  store: DefinitionStore,
  { limit, cursor }: PageQuery,
): Promise<Page<RevisionSummary>> {
  const names = await namesAfter(store, cursor, limit + 1);
  const page = names.slice(0, limit);
  const found = await Promise.all(page.map((name) => latestRevision(store, name, false)));
  const last = page.at(-1);
  return {
    // A name without a revision: whoever wrote it has not come further yet.
    items: found.filter((summary) => summary !== undefined),
    ...(names.length > limit && last !== undefined ? { cursor: last } : {}),
  };
}

export async function listRevisions(
  store: DefinitionStore,
  { name, limit, cursor }: PageQuery & { readonly name: string },
): Promise<Page<RevisionSummary>> {
  const heads = await headsBefore(store, name, limit + 1, cursor);
  const page = heads.slice(0, limit);
  const last = page.at(-1);
  return {
    items: await Promise.all(page.map((head) => summaryOf(store, head))),
    ...(heads.length > limit && last
      ? { cursor: definitionKey(name, last.revision).sk.S.slice(REVISION_PREFIX.length) }
      : {}),
  };
}

/** In the order of their names. */
export async function definitionNames(store: DefinitionStore): Promise<string[]> {
  return namesAfter(store, undefined, Infinity);
}

async function summaryOf(store: DefinitionStore, head: Head): Promise<RevisionSummary> {
  const { name, revision, told } = head;
  if (told) return { name, revision, ...told };
  const definition = await getDefinition(store, head);
  return {
    name,
    revision,
    createdAt: UNKNOWN_TIME,
    ...(definition?.description === undefined ? {} : { description: definition.description }),
    taskCount: definition?.tasks.length ?? 0,
  };
}

async function namesAfter(
  { client, tableName }: DefinitionStore,
  after: string | undefined,
  count: number,
): Promise<string[]> {
  const names: string[] = [];
  let start: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: `pk = :pk${after ? ' AND sk > :after' : ''}`,
        ExpressionAttributeValues: {
          ':pk': { S: DEFINITION_NAMES_PK },
          ...(after ? { ':after': { S: after } } : {}),
        },
        ...(Number.isFinite(count) ? { Limit: count - names.length } : {}),
        ExclusiveStartKey: start,
      }),
    );
    for (const item of page.Items ?? []) if (item['sk']?.S) names.push(item['sk'].S);
    start = page.LastEvaluatedKey;
  } while (start && names.length < count);
  return names;
}

/** Newest first. */
async function headsBefore(
  { client, tableName }: DefinitionStore,
  name: string,
  count: number,
  before: string | undefined,
): Promise<Head[]> {
  const last = `${REVISION_PREFIX}${before ?? '~'}`;
  const heads: Head[] = [];
  let start: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: {
          ':pk': { S: definitionPk(name) },
          ':first': { S: REVISION_PREFIX },
          ':last': { S: last },
        },
        ...HEAD_ATTRIBUTES,
        ScanIndexForward: false,
        // The bound itself is among what is found.
        Limit: count - heads.length + 1,
        ExclusiveStartKey: start,
      }),
    );
    const found = (page.Items ?? []).filter((item) => item['sk']?.S !== last);
    heads.push(...found.map((item) => toHead(name, item)));
    start = page.LastEvaluatedKey;
  } while (start && heads.length < count);
  return heads.slice(0, count);
}
