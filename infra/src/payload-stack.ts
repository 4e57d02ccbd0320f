import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { Repository, TagStatus } from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import type { Settings } from './context.js';

export type IndexName = 'list' | 'filter' | 'due';

/** What a list of workflows shows; without `nextCheckAt`, so that a check rewrites no list entry. */
const LISTED = ['status', 'definition', 'revision', 'startedAt', 'endedAt'];

/** What outlives a deployment of code: the workflows, and the images of people's own tasks. */
export class PayloadStack extends Stack {
  readonly table: Table;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, { description: 'Orchestra: the table of workflows and the task images' });
    this.table = createTable(this, settings);
    const repository = createRepository(this, settings);
    new CfnOutput(this, 'TableName', { value: this.table.tableName });
    new CfnOutput(this, 'TaskRepositoryUri', { value: repository.repositoryUri });
  }
}

function createTable(scope: Construct, { retainData }: Settings): Table {
  const table = new Table(scope, 'Workflows', {
    partitionKey: text('pk'),
    sortKey: text('sk'),
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.AWS_MANAGED,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: 'expiresAt',
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
    removalPolicy: retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    deletionProtection: retainData,
  });
  addListIndex(table, 'list', 'list');
  addListIndex(table, 'filter', 'filter');
  table.addGlobalSecondaryIndex({
    indexName: 'due' satisfies IndexName,
    partitionKey: text('due'),
    sortKey: text('nextCheckAt'),
    projectionType: ProjectionType.KEYS_ONLY,
  });
  return table;
}

function addListIndex(table: Table, indexName: IndexName, partition: string): void {
  table.addGlobalSecondaryIndex({
    indexName,
    partitionKey: text(partition),
    sortKey: text('listKey'),
    projectionType: ProjectionType.INCLUDE,
    nonKeyAttributes: LISTED,
  });
}

function createRepository(scope: Construct, { retainData }: Settings): Repository {
  return new Repository(scope, 'TaskImages', {
    repositoryName: 'orchestra-tasks',
    imageScanOnPush: true,
    lifecycleRules: [{ tagStatus: TagStatus.UNTAGGED, maxImageAge: Duration.days(14) }],
    removalPolicy: retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    emptyOnDelete: !retainData,
  });
}

function text(name: string): Attribute {
  return { name, type: AttributeType.STRING };
}
