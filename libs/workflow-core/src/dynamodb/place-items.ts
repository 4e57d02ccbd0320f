/** The items of places: one partition for each line and for each function with a limit. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { CorruptItemError } from '../errors.js';
import type { Arrival, FunctionPlace, Line, LineLimit, Place } from '../places/place-repository.js';
import type { Item } from './items.js';
import type { Key } from './keys.js';

/** Every partition of this module, and none of another, begins so. */
const PLACES_PREFIX = 'PLACES#';
/** No definition's name begins with a dot. */
const FUNCTION_PREFIX = `${PLACES_PREFIX}.function#`;
const PLACE_PREFIX = 'PLACE#';
const WAIT_PREFIX = 'WAIT#';
const LIMIT_SK = 'LIMIT';
const INDEX_DIGITS = 5;

const S = (value: string): AttributeValue.SMember => ({ S: value });
const N = (value: number): AttributeValue.NMember => ({ N: String(value) });

/** The limit is read first, then the places, then the line. */
export const linePk = ({ definition, key }: Line) => `${PLACES_PREFIX}${definition}#${key}`;
export const functionPk = (name: string) => `${FUNCTION_PREFIX}${name}`;

const placeSk = (index: number) => `${PLACE_PREFIX}${String(index).padStart(INDEX_DIGITS, '0')}`;
export const placeKey = (pk: string, index: number): Key => ({ pk: S(pk), sk: S(placeSk(index)) });
export const limitKey = (line: Line): Key => ({ pk: S(linePk(line)), sk: S(LIMIT_SK) });
export const waitKey = (line: Line, { since, workflowId }: Arrival): Key => ({
  pk: S(linePk(line)),
  sk: S(`${WAIT_PREFIX}${since}#${workflowId}`),
});

const arrivalAttributes = ({ workflowId, epoch, since, expiresAt }: Arrival): Item => ({
  workflowId: S(workflowId),
  epoch: N(epoch),
  since: S(since),
  expiresAt: N(expiresAt),
});

export const limitItem = (line: Line, { limit, revision }: LineLimit, expiresAt: number): Item => ({
  ...limitKey(line),
  limit: N(limit),
  revision: N(revision),
  expiresAt: N(expiresAt),
});
export const waitItem = (line: Line, arrival: Arrival): Item => ({
  ...waitKey(line, arrival),
  ...arrivalAttributes(arrival),
});
export const placeItem = (line: Line, place: Place): Item => ({
  ...placeKey(linePk(line), place.index),
  ...arrivalAttributes(place),
  takenAt: S(place.takenAt),
});
/** Nobody asks for one that is over: TTL takes it a day later. */
export const functionPlaceItem = (
  name: string,
  { index, holder, leaseUntil }: FunctionPlace,
): Item => ({
  ...placeKey(functionPk(name), index),
  holder: S(holder),
  leaseUntil: S(leaseUntil),
  expiresAt: N(Math.ceil(Date.parse(leaseUntil) / 1000) + 24 * 3600),
});

export const isLimit = (item: Item) => item['sk']?.S === LIMIT_SK;
export const isPlace = (item: Item) => item['sk']?.S?.startsWith(PLACE_PREFIX) ?? false;
export const isWait = (item: Item) => item['sk']?.S?.startsWith(WAIT_PREFIX) ?? false;

const text = z.object({ S: z.string() }).transform((value) => value.S);
const number = z.object({ N: z.string() }).transform((value) => Number(value.N));
const arrival = z.object({ workflowId: text, epoch: number, since: text, expiresAt: number });
const place = arrival.extend({ takenAt: text });
const limit = z.object({ limit: number, revision: number });
const functionPlace = z.object({ holder: text, leaseUntil: text });

export const toArrival = (item: Item): Arrival => parse(arrival, item);
export const toLimit = (item: Item): LineLimit => parse(limit, item);
export const toPlace = (item: Item): Place => ({ ...parse(place, item), index: indexOf(item) });
export const toFunctionPlace = (item: Item): FunctionPlace => ({
  ...parse(functionPlace, item),
  index: indexOf(item),
});

const indexOf = (item: Item) => Number(item['sk']?.S?.slice(PLACE_PREFIX.length));

function parse<Schema extends z.ZodType>(schema: Schema, item: Item): z.output<Schema> {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  throw new CorruptItemError(
    `the item ${item['pk']?.S} ${item['sk']?.S} does not read: ${parsed.error.message}`,
  );
}
