/**
 * Storing definitions: immutable revisions, and the partition that names them.
 *
 * Invariants. (D1) A head that is there has its whole body: parts are written before it, and no part ever changes, since its
 * name is the hash of the bytes. (D2) A definition that is there is named: its name is written before its first head.
 */
import { createHash } from 'node:crypto';
import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { canonicalJson } from '../canonical-json.js';
import type { Definition } from '../definition.js';
import { StoreUnavailableError } from '../errors.js';
import { getDefinition, putBody } from './definition-body.js';
import { newestHead } from './definition-heads.js';
import { newHead, type BodyPlace, type DefinitionStore, type Head } from './definition-items.js';
import type { Item } from './items.js';
import { definitionNameKey } from './keys.js';

/** Tries of a put that others get in between of: each time one of them has stored its own. */
const PUT_TRIES = 20;

export async function putDefinition(
  store: DefinitionStore,
  definition: Definition,
  at: string,
): Promise<{ revision: number; created: boolean }> {
  const { name } = definition;
  const hash = hashOf(canonicalJson(definition));
  let place: BodyPlace | undefined;
  for (let attempt = 0; attempt < PUT_TRIES; attempt += 1) {
    const latest = await newestHead(store, name, { consistent: true });
    if (latest && (await holds(store, latest, hash)))
      return { revision: latest.revision, created: false };
    const revision = (latest?.revision ?? 0) + 1;
    // (D2)
    if (!latest) await put(store, definitionNameKey(name));
    // (D1)
    place ??= await putBody(store, name, JSON.stringify(definition));
    const head = newHead({ name, revision }, definition, { hash, at, place });
    if (await insert(store, head)) return { revision, created: true };
  }
  throw new StoreUnavailableError(`the definition "${name}" changes too often`);
}

/** Whether the content is the one of this head. */
async function holds(store: DefinitionStore, head: Head, hash: string): Promise<boolean> {
  if (head.told) return head.hash === hash;
  const definition = await getDefinition(store, head);
  return definition !== undefined && hashOf(canonicalJson(definition)) === hash;
}

const put = ({ client, tableName }: DefinitionStore, Item: Item) =>
  client.send(new PutItemCommand({ TableName: tableName, Item }));

/** False when another writer was faster. */
async function insert({ client, tableName }: DefinitionStore, Item: Item): Promise<boolean> {
  try {
    await client.send(
      new PutItemCommand({
        TableName: tableName,
        Item,
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

const hashOf = (content: string) => createHash('sha256').update(content).digest('base64url');
