import { Match } from 'aws-cdk-lib/assertions';
import { conditionsOf, functionProperties, grantsOf, readable } from './grants.fixture.js';
import { removeWorkspaces, synthesise } from './stacks.fixture.js';

const ORCHESTRATOR = /^OrchestratorFunction/;
const WORKER = /^WorkerFunction/;
const TASK_NAMES = ['A', 'B1', 'B2', 'B3', 'C'] as const;

const { orchestration } = synthesise();

afterAll(removeWorkspaces);

describe('the orchestrator', () => {
  it('may do to the table what a decision takes, and invoke the worker alone', () => {
    expect(grantsOf(orchestration, ORCHESTRATOR)).toEqual({
      'dynamodb:GetItem': ['Workflows.Arn'],
      'dynamodb:BatchGetItem': ['Workflows.Arn'],
      'dynamodb:Query': ['Workflows.Arn', 'Workflows.Arn/index/due'],
      'dynamodb:PutItem': ['Workflows.Arn'],
      'dynamodb:DeleteItem': ['Workflows.Arn'],
      'dynamodb:PartiQLInsert': ['Workflows.Arn'],
      'dynamodb:PartiQLUpdate': ['Workflows.Arn'],
      'dynamodb:DescribeStream': ['Workflows.StreamArn'],
      'dynamodb:GetRecords': ['Workflows.StreamArn'],
      'dynamodb:GetShardIterator': ['Workflows.StreamArn'],
      'dynamodb:ListStreams': ['*'],
      'lambda:InvokeFunction': ['WorkerFunction.Arn'],
      ...sendingToTheFailureQueue,
    });
  });

  it('deletes places of workflows alone', () => {
    expect(conditionsOf(orchestration, ORCHESTRATOR, 'dynamodb:DeleteItem')).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['PLACES#*'] } },
    ]);
  });

  it('knows the table, the worker and when the sweep looks', () => {
    const { Variables } = functionProperties(orchestration, ORCHESTRATOR).Environment;
    expect(Object.keys(Variables).sort()).toEqual([
      'FAILURE_QUEUE_URL',
      'FIRST_CHECK_SECONDS',
      'SWEEP_GRACE_SECONDS',
      'TABLE_NAME',
      'WORKER_ARN',
    ]);
    expect(readable(Variables.TABLE_NAME)).toBe('Workflows');
    expect(readable(Variables.WORKER_ARN)).toBe('WorkerFunction.Arn');
    expect(readable(Variables.FAILURE_QUEUE_URL)).toBe('Failures');
    expect(Variables).toMatchObject({ SWEEP_GRACE_SECONDS: '30', FIRST_CHECK_SECONDS: '60' });
  });

  it('has a minute and half a gigabyte', () => {
    expect(functionProperties(orchestration, ORCHESTRATOR)).toMatchObject({
      Timeout: 60,
      MemorySize: 512,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
    });
  });
});

describe('the concurrency of the account', () => {
  const reservedBy = (template: typeof orchestration) =>
    Object.entries(template.findResources('AWS::Lambda::Function')).flatMap(
      ([id, { Properties }]) =>
        'ReservedConcurrentExecutions' in Properties
          ? [[id.replace(/[0-9A-F]{8}$/, ''), Properties.ReservedConcurrentExecutions]]
          : [],
    );

  it('is kept in part for the orchestrator, which the workers cannot starve', () => {
    expect(reservedBy(orchestration)).toEqual([['OrchestratorFunction', 20]]);
  });

  it('is shared by all where nothing may be reserved, and never taken away', () => {
    const { orchestration: sharing } = synthesise({ orchestratorConcurrency: '0' });
    expect(reservedBy(sharing)).toEqual([]);
  });
});

describe('the worker', () => {
  it('may claim, record and start other workflows in the table, and invoke the task functions alone', () => {
    expect(grantsOf(orchestration, WORKER)).toEqual({
      'dynamodb:GetItem': ['Workflows.Arn'],
      'dynamodb:BatchGetItem': ['Workflows.Arn'],
      'dynamodb:Query': ['Workflows.Arn'],
      'dynamodb:PutItem': ['Workflows.Arn'],
      'dynamodb:DeleteItem': ['Workflows.Arn'],
      'dynamodb:PartiQLInsert': ['Workflows.Arn'],
      'dynamodb:PartiQLUpdate': ['Workflows.Arn'],
      'lambda:InvokeFunction': TASK_NAMES.map((name) => `Task${name}Function.Arn`),
      ...sendingToTheFailureQueue,
    });
  });

  it('knows the table and each task function by its name', () => {
    const { Variables } = functionProperties(orchestration, WORKER).Environment;
    expect(Object.keys(Variables).sort()).toEqual([
      'FIRST_CHECK_SECONDS',
      'LEASE_MARGIN_SECONDS',
      'TABLE_NAME',
      'TASK_FUNCTIONS',
      'TASK_LIMITS',
      'TASK_TIMEOUT_SECONDS',
    ]);
    expect(JSON.parse(readable(Variables.TASK_FUNCTIONS))).toEqual(arnOfEachTask);
  });

  it('deletes places at functions alone', () => {
    expect(conditionsOf(orchestration, WORKER, 'dynamodb:DeleteItem')).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['PLACES#.function#*'] } },
    ]);
  });

  it('limits no function unless asked to', () => {
    const limitsIn = (template: typeof orchestration) =>
      functionProperties(template, WORKER).Environment.Variables.TASK_LIMITS;
    expect(limitsIn(orchestration)).toBe('{}');
    expect(limitsIn(synthesise({ taskLimits: '{"B1": 2}' }).orchestration)).toBe('{"B1":2}');
  });

  it('limits no function that is not there', () => {
    expect(() => synthesise({ taskLimits: { X: 1 } })).toThrow(
      'Context "taskLimits" must be limits of task functions, of which there are A, B1, B2, B3, C; it is {"X":1}.',
    );
  });

  it('has the longest time that Lambda gives', () => {
    expect(functionProperties(orchestration, WORKER)).toMatchObject({
      Timeout: 900,
      MemorySize: 512,
    });
  });
});

describe('the task functions', () => {
  it.each(TASK_NAMES)('gives %s no right but to write its own log', (name) => {
    expect(grantsOf(orchestration, taskFunction(name))).toEqual({});
    expect(functionProperties(orchestration, taskFunction(name))).toMatchObject({
      Timeout: 60,
      MemorySize: 256,
    });
  });

  it('tells them nothing of the engine', () => {
    for (const name of TASK_NAMES) {
      expect(functionProperties(orchestration, taskFunction(name))).not.toHaveProperty(
        'Environment',
      );
    }
  });

  it('runs B2 in Python', () => {
    expect(functionProperties(orchestration, taskFunction('B2'))).toMatchObject({
      Runtime: 'python3.13',
      Handler: 'handler.handler',
    });
  });

  it('ships B3 as a container image for the architecture it runs on', () => {
    const b3 = functionProperties(orchestration, taskFunction('B3'));
    expect(b3).toMatchObject({ PackageType: 'Image', Architectures: ['x86_64'] });
    expect(b3).not.toHaveProperty('Runtime');
  });

  it('ships B3 as a plain zip where deploying must not need Docker', () => {
    const { orchestration: withoutImage } = synthesise({ containerTask: 'false' });
    const b3 = functionProperties(withoutImage, taskFunction('B3'));
    expect(b3).toMatchObject({ Runtime: 'nodejs24.x', Handler: 'index.handler' });
    expect(b3).not.toHaveProperty('PackageType');
    expect(b3.Code).toHaveProperty('S3Key');
    expect(withoutImage.findOutputs('TaskFunctions')).toHaveProperty('TaskFunctions');
  });
});

describe('the stream mapping', () => {
  const mapping = (properties: Record<string, unknown>) =>
    orchestration.hasResourceProperties('AWS::Lambda::EventSourceMapping', properties);

  it('is the only one', () => {
    orchestration.resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
  });

  it('brings full batches from the oldest record on, at once and in one lane', () => {
    mapping({
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 0,
      ParallelizationFactor: 1,
    });
  });

  it('lets no record hold its shard for ever, and keeps what it gives up on', () => {
    mapping({
      MaximumRetryAttempts: 20,
      MaximumRecordAgeInSeconds: 12 * 60 * 60,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: failureQueueArn } },
    });
  });

  it('passes records that need a decision, and nothing else', () => {
    const [found] = Object.values(orchestration.findResources('AWS::Lambda::EventSourceMapping'));
    const filters: { Pattern: string }[] = found?.Properties.FilterCriteria.Filters;
    const recordsOf = (prefix: string, image: object) => ({
      eventName: ['INSERT', 'MODIFY'],
      dynamodb: { NewImage: { sk: { S: [{ prefix }] }, ...image } },
    });
    const isThere = { S: [{ exists: true }] };
    expect(filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual([
      recordsOf('TASK', { status: { S: ['SUCCEEDED', 'FAILED'] } }),
      recordsOf('TASK', {
        status: { S: ['SKIPPED'] },
        reason: { S: ['CONDITION_FALSE', 'OPERATOR'] },
      }),
      recordsOf('TASK', { status: { S: ['RUNNING'] }, suspendedAt: isThere, items: isThere }),
      recordsOf('META#', { status: { S: ['PENDING', 'RUNNING'] }, startBy: isThere }),
      recordsOf('META#', {
        ...{ status: { S: ['SUCCESS', 'FAILED', 'CANCELLED'] }, nextCheckAt: isThere },
        duties: isThere,
      }),
    ]);
  });

  it("stays within Lambda's five filters", () => {
    const [found] = Object.values(orchestration.findResources('AWS::Lambda::EventSourceMapping'));
    expect(found?.Properties.FilterCriteria.Filters.length).toBeLessThanOrEqual(5);
  });
});

describe('lost events', () => {
  it.each(['Worker', 'Orchestrator'])(
    'tries what the %s failed at twice more, for an hour, and keeps it after that',
    (name) => {
      orchestration.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
        FunctionName: { Ref: Match.stringLikeRegexp(`^${name}Function`) },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 2,
        MaximumEventAgeInSeconds: 3600,
        DestinationConfig: { OnFailure: { Destination: failureQueueArn } },
      });
    },
  );

  it('keeps them encrypted, for two weeks, and refuses plain HTTP', () => {
    orchestration.hasResourceProperties('AWS::SQS::Queue', {
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
    });
    orchestration.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Effect: 'Deny',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ],
      },
    });
  });
});

describe('the sweep', () => {
  it('runs every minute', () => {
    orchestration.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [
        Match.objectLike({
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^OrchestratorFunction'), 'Arn'] },
          Input: JSON.stringify({ mode: 'sweep' }),
        }),
      ],
    });
  });
});

describe('what the stack tells', () => {
  it('names the functions that the command line invokes', () => {
    const outputs = orchestration.findOutputs('*');
    expect(readable(outputs['OrchestratorArn']?.['Value'])).toBe('OrchestratorFunction.Arn');
    expect(readable(outputs['WorkerArn']?.['Value'])).toBe('WorkerFunction.Arn');
    expect(JSON.parse(readable(outputs['TaskFunctions']?.['Value']))).toEqual(arnOfEachTask);
  });
});

const failureQueueArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Failures'), 'Arn'] };

const sendingToTheFailureQueue = {
  'sqs:SendMessage': ['Failures.Arn'],
  'sqs:GetQueueAttributes': ['Failures.Arn'],
  'sqs:GetQueueUrl': ['Failures.Arn'],
};

const arnOfEachTask = Object.fromEntries(
  TASK_NAMES.map((name) => [name, `Task${name}Function.Arn`]),
);

function taskFunction(name: string): RegExp {
  return new RegExp(`^Task${name}Function`);
}
