import { Match } from 'aws-cdk-lib/assertions';
import { removeWorkspaces, synthesise } from './stacks.fixture.js';

afterAll(removeWorkspaces);

describe('the table', () => {
  const { payload } = synthesise();
  const table = (properties: Record<string, unknown>) =>
    payload.hasResourceProperties('AWS::DynamoDB::Table', properties);

  it('has one partition for each workflow and text for every key', () => {
    table({
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: ['pk', 'sk', 'list', 'listKey', 'filter', 'due', 'nextCheckAt'].map(
        (AttributeName) => ({ AttributeName, AttributeType: 'S' }),
      ),
    });
  });

  it('is paid by request, recoverable to any second, encrypted, and forgets what expired', () => {
    table({
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });

  it('streams every change with the item before and after it', () => {
    table({ StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } });
  });

  it('has three indexes and no more, each with the least it must hold', () => {
    const listed = {
      ProjectionType: 'INCLUDE',
      NonKeyAttributes: ['status', 'definition', 'revision', 'startedAt', 'endedAt'],
    };
    table({
      GlobalSecondaryIndexes: [
        { IndexName: 'list', KeySchema: keys('list', 'listKey'), Projection: listed },
        { IndexName: 'filter', KeySchema: keys('filter', 'listKey'), Projection: listed },
        {
          IndexName: 'due',
          KeySchema: keys('due', 'nextCheckAt'),
          Projection: { ProjectionType: 'KEYS_ONLY', NonKeyAttributes: Match.absent() },
        },
      ],
    });
  });
});

describe('keeping data', () => {
  it('removes the table and the images with their stack unless told otherwise', () => {
    const { payload } = synthesise();
    payload.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtectionEnabled: false },
    });
    payload.hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'Delete',
      Properties: { EmptyOnDelete: true },
    });
  });

  it('keeps both, and protects the table, with retainData', () => {
    const { payload } = synthesise({ retainData: 'true' });
    payload.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { DeletionProtectionEnabled: true },
    });
    payload.hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'Retain',
      Properties: { EmptyOnDelete: false },
    });
  });
});

describe('the repository of task images', () => {
  it('scans what is pushed', () => {
    synthesise().payload.hasResourceProperties('AWS::ECR::Repository', {
      RepositoryName: 'orchestra-tasks',
      ImageScanningConfiguration: { ScanOnPush: true },
    });
  });
});

function keys(hash: string, range: string) {
  return [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ];
}
