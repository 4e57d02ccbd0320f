/**
 * What a call to DynamoDB costs, from its own ConsumedCapacity. Every data call is asked for it; what the caller had not
 * asked for is taken out of the answer again.
 */
import * as z from 'zod';

export interface Usage {
  /** Write units of the tables themselves. */
  readonly tableWriteUnits: number;
  /** Write units by index name. */
  readonly indexWriteUnits: Readonly<Record<string, number>>;
  /** Read units of tables and indexes together. */
  readonly readUnits: number;
  /** One code for each failed statement of a batch; these report no capacity. */
  readonly statementErrors: readonly string[];
}

export const NO_USAGE: Usage = {
  tableWriteUnits: 0,
  indexWriteUnits: {},
  readUnits: 0,
  statementErrors: [],
};

export type JsonObject = Record<string, unknown>;

type Kind = 'read' | 'write' | 'partiql';

/** The operations that touch items, and which capacity they use. */
const DATA_OPERATIONS: Readonly<Record<string, Kind>> = {
  BatchExecuteStatement: 'partiql',
  BatchGetItem: 'read',
  BatchWriteItem: 'write',
  DeleteItem: 'write',
  ExecuteStatement: 'partiql',
  ExecuteTransaction: 'partiql',
  GetItem: 'read',
  PutItem: 'write',
  Query: 'read',
  Scan: 'read',
  TransactGetItems: 'read',
  TransactWriteItems: 'write',
  UpdateItem: 'write',
};

export function isDataOperation(operation: string): boolean {
  return Object.hasOwn(DATA_OPERATIONS, operation);
}

export function askForCapacity(request: JsonObject): JsonObject {
  return { ...request, ReturnConsumedCapacity: 'INDEXES' };
}

/** The answer as it would have been, had the request gone out unchanged. */
export function asAsked(
  request: JsonObject,
  { ConsumedCapacity, ...response }: JsonObject,
): JsonObject {
  const asked = request['ReturnConsumedCapacity'] ?? 'NONE';
  if (ConsumedCapacity === undefined || asked === 'NONE') return response;
  return {
    ...response,
    ConsumedCapacity: asked === 'TOTAL' ? totals(ConsumedCapacity) : ConsumedCapacity,
  };
}

function totals(capacity: unknown): unknown {
  if (Array.isArray(capacity)) return capacity.map(totals);
  const byPart = ['Table', 'GlobalSecondaryIndexes', 'LocalSecondaryIndexes'];
  return Object.fromEntries(
    Object.entries(capacity as JsonObject).filter(([part]) => !byPart.includes(part)),
  );
}

const units = z.object({ CapacityUnits: z.number().default(0) });
const byIndex = z.record(z.string(), units).default({});
const consumedCapacity = z.object({
  CapacityUnits: z.number().default(0),
  Table: units.optional(),
  GlobalSecondaryIndexes: byIndex,
  LocalSecondaryIndexes: byIndex,
});
type ConsumedCapacity = z.infer<typeof consumedCapacity>;

const metered = z.object({
  ConsumedCapacity: z
    .union([z.array(consumedCapacity), consumedCapacity.transform((one) => [one])])
    .default([]),
  Responses: z.unknown().optional(),
});

const statementResponses = z
  .array(z.object({ Error: z.object({ Code: z.string().default('Unknown') }).optional() }))
  .catch([]);

/** @param response the answer to a request that asked for INDEXES */
export function usageOf(operation: string, request: JsonObject, response: JsonObject): Usage {
  const parsed = metered.safeParse(response);
  if (!parsed.success) return NO_USAGE;
  const { ConsumedCapacity: capacities, Responses } = parsed.data;
  const spent = isRead(operation, request) ? readUsage(capacities) : writeUsage(capacities);
  const failed = operation === 'BatchExecuteStatement' ? statementResponses.parse(Responses) : [];
  return { ...spent, statementErrors: failed.flatMap(({ Error: error }) => error?.Code ?? []) };
}

function readUsage(capacities: readonly ConsumedCapacity[]): Usage {
  return { ...NO_USAGE, readUnits: sum(capacities.map((one) => one.CapacityUnits)) };
}

function writeUsage(capacities: readonly ConsumedCapacity[]): Usage {
  const indexWriteUnits: Record<string, number> = {};
  for (const { GlobalSecondaryIndexes, LocalSecondaryIndexes } of capacities) {
    const indexes = { ...GlobalSecondaryIndexes, ...LocalSecondaryIndexes };
    for (const [name, { CapacityUnits }] of Object.entries(indexes)) {
      indexWriteUnits[name] = (indexWriteUnits[name] ?? 0) + CapacityUnits;
    }
  }
  const tables = capacities.map((one) => one.Table?.CapacityUnits ?? one.CapacityUnits);
  return { ...NO_USAGE, tableWriteUnits: sum(tables), indexWriteUnits };
}

/** DynamoDB takes a batch of statements only when all of them read or all of them write. */
function isRead(operation: string, request: JsonObject): boolean {
  const kind = DATA_OPERATIONS[operation];
  if (kind !== 'partiql') return kind === 'read';
  const statements = z
    .object({
      Statement: z.string().optional(),
      Statements: z.array(z.object({ Statement: z.string() })).optional(),
      TransactStatements: z.array(z.object({ Statement: z.string() })).optional(),
    })
    .safeParse(request).data;
  const first =
    statements?.Statement ??
    (statements?.Statements ?? statements?.TransactStatements)?.[0]?.Statement;
  return /^\s*(select|exists)\b/i.test(first ?? '');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
