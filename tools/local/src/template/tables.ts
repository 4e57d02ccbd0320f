import * as z from 'zod';
import type { TableModel } from '../model.js';
import type { SkippedNames } from './coverage.js';
import { cfnBoolean, cfnNumber, type LiveResource } from './resources.js';

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const throughput = z.object({ ReadCapacityUnits: cfnNumber, WriteCapacityUnits: cfnNumber });
const projection = z.object({
  ProjectionType: z.string().optional(),
  NonKeyAttributes: z.array(z.string()).optional(),
});

/** zod leaves out what CreateTable does not take, such as an index's contributor insights. */
const indexSchema = z.object({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: projection,
});

const tableSchema = z.object({
  KeySchema: keySchema,
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  GlobalSecondaryIndexes: z
    .array(
      indexSchema.extend({
        ProvisionedThroughput: throughput.optional(),
        OnDemandThroughput: z.unknown().optional(),
      }),
    )
    .optional(),
  LocalSecondaryIndexes: z.array(indexSchema).optional(),
  BillingMode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).optional(),
  ProvisionedThroughput: throughput.optional(),
  StreamSpecification: z.object({ StreamViewType: z.string() }).optional(),
  TimeToLiveSpecification: z
    .object({ AttributeName: z.string().optional(), Enabled: cfnBoolean })
    .optional(),
  Replicas: z.array(z.object({ Region: z.string() })).optional(),
});

type TableProperties = z.infer<typeof tableSchema>;

export const TABLE_TYPES: ReadonlySet<string> = new Set([
  'AWS::DynamoDB::Table',
  'AWS::DynamoDB::GlobalTable',
]);

/** @throws UnresolvableError, ResourceError */
export function readTable(resource: LiveResource, skipped: SkippedNames): TableModel {
  const properties = resource.read(tableSchema);
  if (properties.Replicas?.some(({ Region }) => Region !== resource.stack.region)) {
    skipped.add(`${resource.type}.Replicas (other regions)`);
  }
  if (properties.GlobalSecondaryIndexes?.some((index) => index.OnDemandThroughput !== undefined)) {
    skipped.add(`${resource.type}.GlobalSecondaryIndexes.OnDemandThroughput`);
  }
  const ttl = properties.TimeToLiveSpecification;
  return {
    name: resource.ref(),
    arn: resource.attribute('Arn'),
    ...(properties.StreamSpecification && { streamArn: resource.attribute('StreamArn') }),
    createTable: createTableRequest(resource.ref(), properties),
    ...(ttl?.Enabled === true && { ttlAttribute: ttl.AttributeName }),
  };
}

function createTableRequest(name: string, table: TableProperties): Record<string, unknown> {
  const onDemand =
    table.BillingMode === 'PAY_PER_REQUEST' || table.ProvisionedThroughput === undefined;
  const indexes = table.GlobalSecondaryIndexes?.map(
    ({ IndexName, KeySchema, Projection, ProvisionedThroughput }) => ({
      IndexName,
      KeySchema,
      Projection,
      ...(!onDemand && { ProvisionedThroughput }),
    }),
  );
  return {
    TableName: name,
    KeySchema: table.KeySchema,
    AttributeDefinitions: table.AttributeDefinitions,
    BillingMode: onDemand ? 'PAY_PER_REQUEST' : 'PROVISIONED',
    ...(!onDemand && { ProvisionedThroughput: table.ProvisionedThroughput }),
    ...(indexes && { GlobalSecondaryIndexes: indexes }),
    ...(table.LocalSecondaryIndexes && { LocalSecondaryIndexes: table.LocalSecondaryIndexes }),
    ...(table.StreamSpecification && {
      StreamSpecification: { StreamEnabled: true, ...table.StreamSpecification },
    }),
  };
}
