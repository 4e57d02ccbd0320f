/** A definition's items: the head of each revision, small enough to be read for a list, and the body, in the head or beside it. */
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Definition } from '../definition.js';
import { CorruptItemError } from '../errors.js';
import type { DefinitionRef } from '../workflow.js';
import type { Item } from './items.js';
import { REVISION_PREFIX, definitionKey } from './keys.js';

export interface DefinitionStore {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** What the head says of where the body is. */
export type BodyPlace =
  | { readonly kind: 'inline'; readonly body: Uint8Array }
  | { readonly kind: 'parts'; readonly bodyHash: string; readonly parts: number };

export interface Head extends DefinitionRef {
  /** Of the content, whatever the order of its keys. */
  readonly hash: string;
  /** Absent in heads of the first shape, which held the body alone, hashed with its keys as they stood. */
  readonly told?: {
    readonly createdAt: string;
    readonly description?: string;
    readonly taskCount: number;
  };
}

const text = z.object({ S: z.string() }).transform((value) => value.S);
const number = z.object({ N: z.string() }).transform((value) => Number(value.N));

const headItem = z.object({
  sk: text,
  hash: text,
  createdAt: text.optional(),
  description: text.optional(),
  taskCount: number.optional(),
});

const placeItem = z.union([
  z
    .object({ body: z.object({ B: z.instanceof(Uint8Array) }) })
    .transform(({ body }): BodyPlace => ({ kind: 'inline', body: body.B })),
  z
    .object({ bodyHash: text, parts: number })
    .transform((parts): BodyPlace => ({ kind: 'parts', ...parts })),
]);

/** The attributes `toHead` reads: all but the body. */
export const HEAD_ATTRIBUTES = {
  ProjectionExpression: 'sk, #hash, createdAt, description, taskCount',
  ExpressionAttributeNames: { '#hash': 'hash' },
};

export function toHead(name: string, item: Item): Head {
  const { sk, hash, createdAt, description, taskCount } = parse(headItem, name, item);
  const told = createdAt !== undefined &&
    taskCount !== undefined && {
      createdAt,
      taskCount,
      ...(description === undefined ? {} : { description }),
    };
  const revision = Number(sk.slice(REVISION_PREFIX.length));
  return { name, revision, hash, ...(told ? { told } : {}) };
}

export const placeOf = (name: string, item: Item): BodyPlace => parse(placeItem, name, item);

export function newHead(
  ref: DefinitionRef,
  definition: Definition,
  { hash, at, place }: { hash: string; at: string; place: BodyPlace },
): Item {
  return {
    ...definitionKey(ref.name, ref.revision),
    hash: S(hash),
    createdAt: S(at),
    taskCount: N(definition.tasks.length),
    ...(definition.description === undefined ? {} : { description: S(definition.description) }),
    ...(place.kind === 'inline'
      ? { body: { B: place.body } }
      : { bodyHash: S(place.bodyHash), parts: N(place.parts) }),
  };
}

const S = (value: string): AttributeValue => ({ S: value });
const N = (value: number): AttributeValue => ({ N: String(value) });

function parse<Schema extends z.ZodType>(
  schema: Schema,
  name: string,
  item: Item,
): z.output<Schema> {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  throw new CorruptItemError(
    `the definition ${name} ${item['sk']?.S} does not read: ${parsed.error.message}`,
  );
}
