/**
 * The tables of the template in the engine: made when absent, never altered. A table that was written under other keys or
 * indexes is refused, since reading it by the new ones would lose items without a word.
 */
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  type GlobalSecondaryIndexDescription,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { TableModel } from '../model.js';
import { waitUntil } from './wait-until.js';

export class IncompatibleTableError extends Error {
  override readonly name = 'IncompatibleTableError';
  constructor(
    readonly tableName: string,
    readonly differences: readonly string[],
    whereItIs: string,
    wayOut: string,
  ) {
    super(
      `the data in ${whereItIs} was written under another schema of table ${tableName} (${differences.join('; ')}): ${wayOut}`,
    );
  }
}

export interface TablePlace {
  /** Where the data lies, in words for the user. */
  readonly name: string;
  /** What to do to start with empty tables. */
  readonly startFresh: string;
}

/** @throws IncompatibleTableError */
export async function ensureTables(
  client: DynamoDBClient,
  tables: readonly TableModel[],
  place: TablePlace,
): Promise<void> {
  for (const table of tables) await ensureTable(client, table, place);
}

async function ensureTable(
  client: DynamoDBClient,
  table: TableModel,
  place: TablePlace,
): Promise<void> {
  // The reader of the template promises the body of a CreateTable request.
  const wanted = table.createTable as unknown as CreateTableCommandInput;
  const present = await describe(client, table.name);
  if (present === undefined) await create(client, wanted);
  else {
    const differences = differencesBetween(shapeOf(present), shapeOf(wanted));
    if (differences.length > 0) {
      throw new IncompatibleTableError(table.name, differences, place.name, place.startFresh);
    }
  }
  await ensureTimeToLive(client, table);
}

async function create(client: DynamoDBClient, wanted: CreateTableCommandInput): Promise<void> {
  await client.send(new CreateTableCommand(wanted));
  const isActive = await waitUntil(
    async () => (await describe(client, wanted.TableName))?.TableStatus === 'ACTIVE',
    { withinMs: 30_000, everyMs: 20 },
  );
  if (!isActive) throw new Error(`table ${wanted.TableName} did not become active within 30 s`);
}

async function describe(
  client: DynamoDBClient,
  name: string | undefined,
): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function ensureTimeToLive(client: DynamoDBClient, table: TableModel): Promise<void> {
  if (table.ttlAttribute === undefined) return;
  const { TimeToLiveDescription: present } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: table.name }),
  );
  if (present?.AttributeName === table.ttlAttribute) return;
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: table.name,
      TimeToLiveSpecification: { Enabled: true, AttributeName: table.ttlAttribute },
    }),
  );
}

type Described = Pick<
  TableDescription,
  | 'KeySchema'
  | 'AttributeDefinitions'
  | 'StreamSpecification'
  | 'GlobalSecondaryIndexes'
  | 'LocalSecondaryIndexes'
>;

/** What items depend on, by the name a person would look for; each value compares as text. */
function shapeOf(table: Described | CreateTableCommandInput): ReadonlyMap<string, string> {
  const types = new Map(
    table.AttributeDefinitions?.map((one) => [one.AttributeName, one.AttributeType]),
  );
  const keys = (schema: Described['KeySchema']) =>
    schema?.map((key) => `${key.KeyType} ${key.AttributeName}:${types.get(key.AttributeName)}`) ??
    [];
  const index = ({ KeySchema, Projection }: GlobalSecondaryIndexDescription) => [
    ...keys(KeySchema).sort(),
    Projection?.ProjectionType,
    ...(Projection?.NonKeyAttributes ?? []).toSorted(),
  ];
  const indexes = [
    ...(table.GlobalSecondaryIndexes ?? []),
    ...(table.LocalSecondaryIndexes ?? []),
  ] as readonly GlobalSecondaryIndexDescription[];
  const view = table.StreamSpecification?.StreamEnabled
    ? table.StreamSpecification.StreamViewType
    : undefined;
  return new Map([
    ['keys', JSON.stringify(keys(table.KeySchema).sort())],
    ['stream', view ?? 'none'],
    ...indexes.map((one) => [`index ${one.IndexName}`, JSON.stringify(index(one))] as const),
  ]);
}

function differencesBetween(
  present: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): readonly string[] {
  const names = [...new Set([...present.keys(), ...wanted.keys()])];
  return names
    .filter((name) => present.get(name) !== wanted.get(name))
    .map((name) => {
      if (!present.has(name)) return `${name} is new`;
      return wanted.has(name) ? `${name} differs` : `${name} is gone`;
    });
}
