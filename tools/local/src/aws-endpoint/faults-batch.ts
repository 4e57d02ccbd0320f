/** Batches that AWS carries out in part: what is picked is never applied, and the answer says so part by part. */
import * as z from 'zod';
import type { Apply, PassingAnswer, PassingCall } from './faults.js';
import type { Picks } from './faults-plan.js';

const statementsSchema = z.looseObject({ Statements: z.array(z.unknown()).min(1) });
const keysSchema = z.looseObject({
  RequestItems: z.record(z.string(), z.looseObject({ Keys: z.array(z.unknown()) })),
});
const writesSchema = z.looseObject({ RequestItems: z.record(z.string(), z.array(z.unknown())) });
const responsesSchema = z.looseObject({ Responses: z.array(z.unknown()) });
const objectSchema = z.looseObject({});

const MESSAGES: Readonly<Record<string, string>> = {
  ThrottlingError: 'Throughput exceeds the current capacity for one or more indexes or the table.',
  ProvisionedThroughputExceeded:
    'The level of configured provisioned throughput for the table was exceeded.',
  TransactionConflict: 'Transaction is ongoing for the item',
  InternalServerError: 'Internal server error',
};

/** Each picked statement fails with `code`; the others are applied. */
export async function failStatements(
  { body }: PassingCall,
  apply: Apply,
  picks: Picks,
  code: string,
): Promise<PassingAnswer> {
  const request = statementsSchema.parse(parsed(body));
  const failing = request.Statements.map((_, index) => picks(index));
  const left = request.Statements.filter((_, index) => !failing[index]);
  const answer = await someOf(apply, left, { ...request, Statements: left }, { Responses: [] });
  const { success, data } = responsesSchema.safeParse(parsed(answer.body));
  if (answer.statusCode !== 200 || !success) return answer;
  const applied = [...data.Responses];
  const Responses = failing.map((fails) =>
    fails ? { Error: { Code: code, Message: MESSAGES[code] ?? code } } : applied.shift(),
  );
  return withBody(answer, { ...data, Responses });
}

/** The picked keys of a BatchGetItem, or writes of a BatchWriteItem, come back unprocessed. */
export async function leaveUnprocessed(
  call: PassingCall,
  apply: Apply,
  picks: Picks,
): Promise<PassingAnswer> {
  const request = objectSchema.parse(parsed(call.body));
  const { done, left, field, size } =
    call.operation === 'BatchGetItem' ? splitKeys(request, picks) : splitWrites(request, picks);
  const nothing = call.operation === 'BatchGetItem' ? { Responses: {} } : {};
  const parts = Array.from({ length: size }, () => undefined);
  const answer = await someOf(apply, parts, { ...request, RequestItems: done }, nothing);
  if (answer.statusCode !== 200) return answer;
  const said = objectSchema.parse(parsed(answer.body));
  return withBody(answer, { ...said, [field]: left });
}

interface Split {
  readonly done: Readonly<Record<string, unknown>>;
  readonly left: Readonly<Record<string, unknown>>;
  readonly field: 'UnprocessedKeys' | 'UnprocessedItems';
  /** How many parts are done. */
  readonly size: number;
}

function splitKeys(request: unknown, picks: Picks): Split {
  const tables = Object.entries(keysSchema.parse(request).RequestItems);
  const split = tables.map(([table, { Keys, ...rest }]) => {
    const [done, left] = divided(Keys, picks);
    return { table, done: { ...rest, Keys: done }, left: { ...rest, Keys: left } };
  });
  return {
    done: byTable(
      split.filter(({ done }) => done.Keys.length > 0),
      'done',
    ),
    left: byTable(
      split.filter(({ left }) => left.Keys.length > 0),
      'left',
    ),
    field: 'UnprocessedKeys',
    size: split.reduce((sum, { done }) => sum + done.Keys.length, 0),
  };
}

function splitWrites(request: unknown, picks: Picks): Split {
  const tables = Object.entries(writesSchema.parse(request).RequestItems);
  const split = tables.map(([table, writes]) => {
    const [done, left] = divided(writes, picks);
    return { table, done, left };
  });
  return {
    done: byTable(
      split.filter(({ done }) => done.length > 0),
      'done',
    ),
    left: byTable(
      split.filter(({ left }) => left.length > 0),
      'left',
    ),
    field: 'UnprocessedItems',
    size: split.reduce((sum, { done }) => sum + done.length, 0),
  };
}

function divided(parts: readonly unknown[], picks: Picks): readonly [unknown[], unknown[]] {
  const done = parts.filter((_, index) => !picks(index));
  return [done, parts.filter((_, index) => picks(index))];
}

function byTable<Name extends 'done' | 'left'>(
  split: readonly ({ readonly table: string } & Readonly<Record<Name, unknown>>)[],
  name: Name,
): Record<string, unknown> {
  return Object.fromEntries(split.map((each) => [each.table, each[name]]));
}

/** An engine refuses a batch of nothing, so one of which nothing is left is answered here. */
async function someOf(
  apply: Apply,
  left: readonly unknown[],
  request: unknown,
  nothing: unknown,
): Promise<PassingAnswer> {
  if (left.length > 0) return apply(Buffer.from(JSON.stringify(request)));
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  return { statusCode: 200, headers, body: JSON.stringify(nothing) };
}

/** Without the checksum, which was of the engine's own words. */
function withBody(answer: PassingAnswer, body: unknown): PassingAnswer {
  const headers = { ...answer.headers };
  delete headers['x-amz-crc32'];
  return { ...answer, headers, body: JSON.stringify(body) };
}

function parsed(body: Buffer | string): unknown {
  return JSON.parse(body.toString());
}
