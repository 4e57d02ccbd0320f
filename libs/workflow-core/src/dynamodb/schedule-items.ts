/** Schedules <-> DynamoDB items: what a time changes has attributes of its own, the rest is one text. */
import type { AttributeValue, BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { CorruptItemError } from '../errors.js';
import { omit } from '../schedules/omit.js';
import {
  scheduleLastSchema,
  scheduleSpecSchema,
  scheduleSpecOf,
  type Schedule,
  type ScheduleSummary,
} from '../schedules/schedule.js';
import type { Item } from './items.js';
import { SCHEDULE_PREFIX, duePk, scheduleKey, shardOf } from './keys.js';

/** Where the input is. */
export type InputPlace =
  | { readonly kind: 'none' }
  | { readonly kind: 'inline'; readonly input: NonNullable<Schedule['input']> | null }
  | { readonly kind: 'beside'; readonly key: string };

const SCHEMA = 1;

const text = z.object({ S: z.string() }).transform((value) => value.S);
const number = z.object({ N: z.string() }).transform((value) => Number(value.N));
const json = <Schema extends z.ZodType>(schema: Schema) =>
  text.transform((value) => JSON.parse(value) as unknown).pipe(schema);

const summaryItem = z.object({
  sk: text,
  version: number,
  createdAt: text,
  updatedAt: text,
  spec: json(scheduleSpecSchema.omit({ input: true })),
  nextCheckAt: text.optional(),
  last: json(scheduleLastSchema).optional(),
  previous: text.optional(),
});

const placeItem = z.object({ input: json(z.json()).optional(), inputKey: text.optional() });

/** All that `toScheduleSummary` reads. */
export const SUMMARY_ATTRIBUTES = {
  ProjectionExpression: 'pk, sk, version, createdAt, updatedAt, spec, nextCheckAt, #last, previous',
  ExpressionAttributeNames: { '#last': 'last' },
};

export function toScheduleSummary(item: Item): ScheduleSummary {
  const { sk, spec, nextCheckAt, last, previous, ...rest } = parse(summaryItem, item);
  return {
    ...spec,
    ...rest,
    name: sk.slice(SCHEDULE_PREFIX.length),
    ...(nextCheckAt === undefined ? {} : { nextAt: nextCheckAt }),
    ...(last === undefined ? {} : { last }),
    ...(previous === undefined ? {} : { previous }),
  };
}

export function inputPlaceOf(item: Item): InputPlace {
  const { input, inputKey } = parse(placeItem, item);
  if (inputKey !== undefined) return { kind: 'beside', key: inputKey };
  return input === undefined ? { kind: 'none' } : { kind: 'inline', input };
}

export function newScheduleItem(schedule: Schedule, place: InputPlace): Item {
  const { name, version, createdAt, updatedAt, nextAt, last, previous } = schedule;
  return {
    ...scheduleKey(name),
    schema: N(SCHEMA),
    version: N(version),
    createdAt: S(createdAt),
    updatedAt: S(updatedAt),
    spec: S(JSON.stringify(scheduleSpecOf(omit(schedule, 'input')))),
    due: S(duePk(shardOf(name))),
    ...(place.kind === 'inline' ? { input: S(JSON.stringify(place.input)) } : {}),
    ...(place.kind === 'beside' ? { inputKey: S(place.key) } : {}),
    ...progressOf({ nextAt, last, previous }),
  };
}

type Progress = { readonly [Name in 'nextAt' | 'last' | 'previous']: ScheduleSummary[Name] };

const progressOf = ({ nextAt, last, previous }: Progress): Item => ({
  ...(nextAt === undefined ? {} : { nextCheckAt: S(nextAt) }),
  ...(last === undefined ? {} : { last: S(JSON.stringify(last)) }),
  ...(previous === undefined ? {} : { previous: S(previous) }),
});

/** On condition of the version before. */
export function advanceStatement(table: string, schedule: ScheduleSummary): BatchStatementRequest {
  const { name, version, nextAt, last, previous } = schedule;
  const { pk, sk } = scheduleKey(name);
  const set = { ...progressOf({ nextAt, last, previous }), version: N(version) };
  return {
    Statement: [
      `UPDATE "${table}"`,
      `SET ${Object.keys(set)
        .map((attribute) => `"${attribute}"=?`)
        .join(', ')}`,
      ...(nextAt === undefined ? ['REMOVE "nextCheckAt"'] : []),
      'WHERE "pk"=? AND "sk"=? AND "version"=?',
    ].join(' '),
    Parameters: [...Object.values(set), pk, sk, N(version - 1)],
  };
}

const S = (value: string): AttributeValue => ({ S: value });
const N = (value: number): AttributeValue => ({ N: String(value) });

function parse<Schema extends z.ZodType>(schema: Schema, item: Item): z.output<Schema> {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  throw new CorruptItemError(`${item['sk']?.S} does not read: ${parsed.error.message}`);
}
