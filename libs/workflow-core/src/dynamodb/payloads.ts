/** Inputs and outputs: JSON inside the item while small, else gzipped in parts beside it. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { GetItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CorruptItemError, PayloadTooLargeError } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { PayloadOwner } from '../repository.js';
import type { Payload } from '../workflow.js';
import { payloadKey } from './keys.js';
import { inParts } from './parts.js';

export interface PayloadStore {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** @throws PayloadTooLargeError */
export async function putPayload(
  store: PayloadStore,
  owner: PayloadOwner,
  value: unknown,
): Promise<Payload> {
  const json = JSON.stringify(value ?? null);
  const bytes = Buffer.byteLength(json);
  if (bytes > LIMITS.payloadBytes) throw new PayloadTooLargeError(bytes, LIMITS.payloadBytes);
  if (bytes <= LIMITS.inlinePayloadBytes) return { kind: 'inline', json };
  const parts = inParts(gzipSync(json));
  await Promise.all(parts.map((body, part) => writePart(store, owner, part, body)));
  return { kind: 'parts', key: owner.key, parts: parts.length };
}

export const writePart = (
  { client, tableName }: PayloadStore,
  { workflowId, key, expiresAt }: PayloadOwner,
  part: number,
  body: Buffer,
) =>
  client.send(
    new PutItemCommand({
      TableName: tableName,
      Item: {
        ...payloadKey(workflowId, key, part),
        body: { B: body },
        expiresAt: { N: String(expiresAt) },
      },
    }),
  );

/** @throws CorruptItemError when a part is not there */
export async function getPayload(
  { client, tableName }: PayloadStore,
  workflowId: string,
  payload: Payload,
): Promise<unknown> {
  if (payload.kind === 'inline') return JSON.parse(payload.json);
  const parts = await Promise.all(
    Array.from({ length: payload.parts }, async (_, part) => {
      const key = payloadKey(workflowId, payload.key, part);
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true }),
      );
      if (!Item?.['body']?.B) throw new CorruptItemError(`${key.pk.S} ${key.sk.S} is missing`);
      return Item['body'].B;
    }),
  );
  return JSON.parse(gunzipSync(Buffer.concat(parts)).toString());
}
