import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssemblyFixture, functionResources } from './assembly-fixture.js';
import { readAssembly } from './read-assembly.js';

describe('reading a cloud assembly', () => {
  let fixture: AssemblyFixture;
  beforeEach(() => {
    fixture = new AssemblyFixture();
    fixture.folder('code', { 'index.js': '' });
  });
  afterEach(() => fixture.remove());

  it('follows references from stack to stack', () => {
    fixture.stack('PayloadStack', {
      Resources: { Table: { Type: 'AWS::DynamoDB::Table', Properties: tableProperties() } },
      Outputs: {
        ExportsOutputRefTable: {
          Value: { Ref: 'Table' },
          Export: { Name: 'PayloadStack:ExportsOutputRefTable' },
        },
      },
    });
    fixture.stack('OrchestrationStack', {
      Resources: functionResources('Worker', 'code', {
        Environment: {
          Variables: { TABLE_NAME: { 'Fn::ImportValue': 'PayloadStack:ExportsOutputRefTable' } },
        },
      }),
    });
    const { tables, functions } = fixture.read();
    expect(functions[0]?.environment).toEqual({ TABLE_NAME: tables[0]?.name });
  });

  it("takes a function's settings, and Lambda's defaults where there are none", () => {
    fixture.stack('Stack', {
      Resources: {
        Dead: { Type: 'AWS::SQS::Queue' },
        ...functionResources('Set', 'code', {
          FunctionName: 'workflow-api',
          Timeout: 900,
          MemorySize: '512',
          ReservedConcurrentExecutions: 5,
          Environment: { Variables: { TEXT: 'a', NUMBER: 5, GONE: { Ref: 'AWS::NoValue' } } },
        }),
        SetAsync: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            FunctionName: { Ref: 'Set' },
            Qualifier: '$LATEST',
            MaximumRetryAttempts: 0,
            MaximumEventAgeInSeconds: 60,
            DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Dead', 'Arn'] } } },
          },
        },
        ...functionResources('Unset', 'code'),
      },
    });
    const { functions, queues } = fixture.read();
    expect(functions).toEqual([
      expect.objectContaining({
        logicalId: 'Set',
        name: 'workflow-api',
        arn: 'arn:aws:lambda:eu-north-1:000000000000:function:workflow-api',
        environment: { TEXT: 'a', NUMBER: '5' },
        timeoutSeconds: 900,
        memoryMb: 512,
        reservedConcurrency: 5,
        asyncRetries: 0,
        asyncMaxAgeSeconds: 60,
        onFailureArn: queues[0]?.arn,
        roleName: 'Stack-SetRole',
      }),
      expect.objectContaining({
        logicalId: 'Unset',
        name: 'Stack-Unset',
        environment: {},
        timeoutSeconds: 3,
        memoryMb: 128,
        asyncRetries: 2,
        asyncMaxAgeSeconds: 21_600,
      }),
    ]);
    expect(functions[1]).not.toHaveProperty('onFailureArn');
  });

  it('names a failure destination that is no queue', () => {
    fixture.stack('Stack', {
      Resources: {
        Topic: { Type: 'AWS::SNS::Topic' },
        ...functionResources('Task', 'code'),
        Async: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            FunctionName: { Ref: 'Task' },
            DestinationConfig: { OnFailure: { Destination: { Ref: 'Topic' } } },
          },
        },
      },
    });
    const { functions, skipped } = fixture.read();
    expect(functions[0]).not.toHaveProperty('onFailureArn');
    expect(skipped).toContain(
      'AWS::Lambda::EventInvokeConfig.DestinationConfig.OnFailure (not a queue)',
    );
  });

  it('cuts a long name and keeps two long names apart', () => {
    const [one, two] = ['A', 'B'].map((end) => `${'Long'.repeat(20)}${end}`);
    fixture.stack('Stack', {
      Resources: { ...functionResources(one!, 'code'), ...functionResources(two!, 'code') },
    });
    const names = fixture.read().functions.map(({ name }) => name);
    expect(names.map(({ length }) => length)).toEqual([64, 64]);
    expect(new Set(names).size).toBe(2);
    expect(fixture.read().functions.map(({ name }) => name)).toEqual(names);
  });

  it('makes of a table what CreateTable takes', () => {
    fixture.stack('Stack', {
      Resources: {
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            ...tableProperties(),
            GlobalSecondaryIndexes: [
              {
                IndexName: 'list',
                KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
                Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['a'] },
                ContributorInsightsSpecification: { Enabled: true },
              },
            ],
            StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
            TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            SSESpecification: { SSEEnabled: true },
          },
        },
      },
    });
    const { tables, skipped } = fixture.read();
    const arn = 'arn:aws:dynamodb:eu-north-1:000000000000:table/Stack-Table';
    expect(tables).toEqual([
      {
        name: 'Stack-Table',
        arn,
        streamArn: expect.stringContaining(`${arn}/stream/`),
        ttlAttribute: 'expiresAt',
        createTable: {
          TableName: 'Stack-Table',
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          GlobalSecondaryIndexes: [
            {
              IndexName: 'list',
              KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['a'] },
            },
          ],
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
        },
      },
    ]);
    expect(skipped).toEqual([]);
  });

  it('reads a global table of one region as a table', () => {
    fixture.stack('Stack', {
      Resources: {
        Table: {
          Type: 'AWS::DynamoDB::GlobalTable',
          Properties: { ...tableProperties(), Replicas: [{ Region: 'eu-north-1' }] },
        },
        Wide: {
          Type: 'AWS::DynamoDB::GlobalTable',
          Properties: { ...tableProperties(), Replicas: [{ Region: 'us-east-1' }] },
        },
      },
    });
    const { tables, skipped } = fixture.read();
    expect(tables.map(({ name }) => name)).toEqual(['Stack-Table', 'Stack-Wide']);
    expect(skipped).toEqual(['AWS::DynamoDB::GlobalTable.Replicas (other regions)']);
  });

  it("leaves out the functions that only serve CloudFormation's custom resources", () => {
    fixture.stack('Stack', {
      Resources: {
        ...functionResources('Provider', 'code', { Layers: ['arn:layer'] }),
        ...functionResources('Task', 'code'),
        Empty: {
          Type: 'Custom::S3AutoDeleteObjects',
          Properties: { ServiceToken: { 'Fn::GetAtt': ['Provider', 'Arn'] } },
        },
      },
    });
    const { functions, skipped } = fixture.read();
    expect(functions.map(({ logicalId }) => logicalId)).toEqual(['Task']);
    expect(skipped).toEqual([]);
  });

  it('leaves out what has a condition that does not hold', () => {
    const { TaskRole, Task } = functionResources('Task', 'code');
    fixture.stack('Stack', {
      Conditions: { Wanted: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] } },
      Resources: { TaskRole, Task: { ...(Task as object), Condition: 'Wanted' } },
      Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Task', 'Arn'] }, Condition: 'Wanted' } },
    });
    expect(fixture.read()).toMatchObject({ functions: [], outputs: {} });
    expect(fixture.read({ region: 'us-east-1' }).functions).toHaveLength(1);
  });

  it('uses the environment a stack is bound to', () => {
    fixture.stack(
      'Stack',
      { Resources: { Jobs: { Type: 'AWS::SQS::Queue' } } },
      'aws://111111111111/us-west-2',
    );
    expect(fixture.read().queues).toEqual([
      {
        name: 'Stack-Jobs',
        arn: 'arn:aws:sqs:us-west-2:111111111111:Stack-Jobs',
        url: 'https://sqs.us-west-2.amazonaws.com/111111111111/Stack-Jobs',
      },
    ]);
  });

  it('reads the assemblies nested in it', () => {
    const inner = new AssemblyFixture();
    inner.stack('Inner', { Resources: { Jobs: { Type: 'AWS::SQS::Queue' } } }).finish();
    fixture.nest('Dev', inner);
    inner.remove();
    expect(fixture.read().queues.map(({ name }) => name)).toEqual(['Inner-Jobs']);
  });

  it('names every type and property it leaves out, once', () => {
    fixture.stack('Stack', {
      Resources: {
        ...functionResources('One', 'code', { VpcConfig: {}, TracingConfig: { Mode: 'Active' } }),
        ...functionResources('Two', 'code', { VpcConfig: {}, Tags: [] }),
        Cdn: { Type: 'AWS::CloudFront::Distribution' },
        Cdn2: { Type: 'AWS::CloudFront::Distribution' },
        Metadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'x' } },
        Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { Threshold: 1 } },
        Log: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 7 } },
        Queue: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
      },
    });
    expect(fixture.read().skipped).toEqual([
      'AWS::Lambda::Function.VpcConfig',
      'AWS::CloudFront::Distribution',
      'AWS::SQS::Queue.FifoQueue',
    ]);
  });

  it('refuses what it cannot know with stack and logical id', () => {
    const Environment = { Variables: { KEY: { 'Fn::GetAtt': ['Nothing', 'Arn'] } } };
    fixture.stack('Stack', { Resources: functionResources('Task', 'code', { Environment }) });
    expect(() => fixture.read()).toThrow('Stack/Task: Fn::GetAtt Nothing.Arn');
  });

  it('refuses properties a type cannot have with stack and logical id', () => {
    const Resources = functionResources('Task', 'code', { Timeout: 'soon' });
    fixture.stack('Stack', { Resources });
    expect(() => fixture.read()).toThrow(/^Stack\/Task: AWS::Lambda::Function does not read: /);
  });
});

describe('a folder that is no cloud assembly', () => {
  const context = { region: 'x', accountId: '1', localApiUrl: () => '' };
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'orchestra-no-assembly-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is refused in one line', () => {
    expect(() => readAssembly(directory, context)).toThrow(
      `${directory} holds no cloud assembly: manifest.json is missing`,
    );
  });

  it('is refused with the file that does not read', () => {
    writeFileSync(join(directory, 'manifest.json'), '{"artifacts":');
    expect(() => readAssembly(directory, context)).toThrow(/manifest\.json does not read/);
  });
});

function tableProperties() {
  return {
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  };
}
