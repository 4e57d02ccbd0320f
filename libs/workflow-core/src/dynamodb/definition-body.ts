/** The content of a definition: gzipped, in the head while small, else in parts beside it that are named by their bytes. */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { definitionSchema, type Definition } from '../definition.js';
import { CorruptItemError } from '../errors.js';
import type { DefinitionRef } from '../workflow.js';
import { placeOf, type BodyPlace, type DefinitionStore } from './definition-items.js';
import type { Item } from './items.js';
import { definitionKey, definitionPartKey, type Key } from './keys.js';
import { inParts } from './parts.js';

/** A body up to so many bytes rides in its head: a page of heads stays cheap to read. */
const INLINE_BODY_BYTES = 4 * 1024;

/** Its keys stay in their author's order, so two writers of one content may have different bytes: hence the hash of its own. */
export async function putBody(
  store: DefinitionStore,
  name: string,
  json: string,
): Promise<BodyPlace> {
  const body = gzipSync(json);
  if (body.length <= INLINE_BODY_BYTES) return { kind: 'inline', body };
  const bodyHash = createHash('sha256').update(body).digest('base64url');
  const parts = inParts(body);
  // One after the other: each is hundreds of write units of one partition.
  for (const [part, bytes] of parts.entries())
    await store.client.send(
      new PutItemCommand({
        TableName: store.tableName,
        Item: { ...definitionPartKey(name, bodyHash, part), body: { B: bytes } },
      }),
    );
  return { kind: 'parts', bodyHash, parts: parts.length };
}

/** What is stored was valid when it came, so only its shape is read here: no graph is checked again. */
export async function getDefinition(
  store: DefinitionStore,
  { name, revision }: DefinitionRef,
): Promise<Definition | undefined> {
  const head = await getImmutable(store, definitionKey(name, revision));
  if (!head) return undefined;
  const body = await bodyOf(store, name, placeOf(name, head));
  const parsed = definitionSchema.safeParse(JSON.parse(gunzipSync(body).toString()));
  if (parsed.success) return parsed.data;
  throw new CorruptItemError(
    `the definition ${name} ${revision} does not read: ${parsed.error.message}`,
  );
}

async function bodyOf(store: DefinitionStore, name: string, place: BodyPlace): Promise<Uint8Array> {
  if (place.kind === 'inline') return place.body;
  const parts = await Promise.all(
    Array.from({ length: place.parts }, async (_, part) => {
      const key = definitionPartKey(name, place.bodyHash, part);
      const body = (await getImmutable(store, key))?.['body']?.B;
      if (!body) throw new CorruptItemError(`${key.pk.S} ${key.sk.S} is missing`);
      return body;
    }),
  );
  return Buffer.concat(parts);
}

/** An item that never changes need not be read consistently, unless it does not seem to be there. */
async function getImmutable(
  { client, tableName }: DefinitionStore,
  key: Key,
): Promise<Item | undefined> {
  const read = async (ConsistentRead: boolean) =>
    (await client.send(new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead })))
      .Item;
  return (await read(false)) ?? (await read(true));
}
