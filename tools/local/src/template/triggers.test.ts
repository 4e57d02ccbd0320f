import { AssemblyFixture, functionResources } from './assembly-fixture.js';

const FUNCTION_ARN = 'arn:aws:lambda:eu-north-1:000000000000:function:Stack-Task';

describe('reading what makes functions run', () => {
  let fixture: AssemblyFixture;
  beforeEach(() => {
    fixture = new AssemblyFixture();
    fixture.folder('code', { 'index.js': '' });
  });
  afterEach(() => fixture.remove());

  function read(resources: Record<string, unknown>) {
    fixture.stack('Stack', {
      Resources: {
        ...functionResources('Task', 'code'),
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
            AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
            StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
          },
        },
        Dead: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1209600 } },
        ...resources,
      },
    });
    return fixture.read();
  }

  const mapping = (properties = {}) => ({
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
      FunctionName: { Ref: 'Task' },
      StartingPosition: 'TRIM_HORIZON',
      ...properties,
    },
  });

  it('takes every setting of a stream mapping', () => {
    const { mappings, tables, queues } = read({
      Mapping: mapping({
        BatchSize: 25,
        MaximumBatchingWindowInSeconds: 1,
        ParallelizationFactor: 2,
        MaximumRetryAttempts: 5,
        MaximumRecordAgeInSeconds: 3600,
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
        DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Dead', 'Arn'] } } },
      }),
    });
    expect(mappings).toEqual([
      {
        logicalId: 'Mapping',
        functionArn: FUNCTION_ARN,
        sourceArn: tables[0]?.streamArn,
        batchSize: 25,
        batchingWindowSeconds: 1,
        parallelizationFactor: 2,
        maximumRetryAttempts: 5,
        maximumRecordAgeSeconds: 3600,
        bisectOnError: true,
        reportsItemFailures: true,
        startingPosition: 'TRIM_HORIZON',
        filters: [{ eventName: ['INSERT'] }],
        onFailureArn: queues[0]?.arn,
      },
    ]);
  });

  it("uses Lambda's defaults where the template is silent", () => {
    expect(read({ Mapping: mapping() }).mappings).toEqual([
      expect.objectContaining({
        batchSize: 100,
        batchingWindowSeconds: 0,
        parallelizationFactor: 1,
        maximumRetryAttempts: -1,
        maximumRecordAgeSeconds: -1,
        bisectOnError: false,
        reportsItemFailures: false,
        filters: [],
      }),
    ]);
  });

  it('takes the time for which a queue hides what was received', () => {
    const { queues, skipped } = read({
      Slow: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 600 } },
    });
    expect(queues).toEqual([
      expect.not.objectContaining({ visibilityTimeoutSeconds: expect.anything() }),
      expect.objectContaining({ name: 'Stack-Slow', visibilityTimeoutSeconds: 600 }),
    ]);
    expect(skipped).toEqual([]);
  });

  it('leaves out a mapping that is switched off', () => {
    expect(read({ Mapping: mapping({ Enabled: false }) }).mappings).toEqual([]);
  });

  it('names a mapping of another source', () => {
    const { mappings, skipped } = read({
      Mapping: mapping({ EventSourceArn: { 'Fn::GetAtt': ['Dead', 'Arn'] } }),
    });
    expect(mappings).toEqual([]);
    expect(skipped).toEqual(['AWS::Lambda::EventSourceMapping (sqs source)']);
  });

  const rule = (ScheduleExpression: string, properties = {}) => ({
    Type: 'AWS::Events::Rule',
    Properties: {
      ScheduleExpression,
      State: 'ENABLED',
      Targets: [
        {
          Arn: { 'Fn::GetAtt': ['Task', 'Arn'] },
          Id: 'Target0',
          Input: { 'Fn::Join': ['', ['{"mode":"sweep","by":"', { Ref: 'Task' }, '"}']] },
        },
      ],
      ...properties,
    },
  });

  it.each([
    ['rate(1 minute)', 60],
    ['rate(5 minutes)', 300],
    ['rate(2 hours)', 7200],
    ['rate(1 day)', 86_400],
  ])('runs %s every %d seconds', (expression, everySeconds) => {
    expect(read({ Sweep: rule(expression) }).schedules).toEqual([
      {
        logicalId: 'Sweep',
        everySeconds,
        ruleArn: 'arn:aws:events:eu-north-1:000000000000:rule/Stack-Sweep',
        targets: [{ functionArn: FUNCTION_ARN, input: { mode: 'sweep', by: 'Stack-Task' } }],
      },
    ]);
  });

  it('reads a schedule of the scheduler', () => {
    const { schedules } = read({
      Sweep: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          FlexibleTimeWindow: { Mode: 'OFF' },
          ScheduleExpression: 'rate(5 minutes)',
          Target: {
            Arn: { 'Fn::GetAtt': ['Task', 'Arn'] },
            RoleArn: 'arn:aws:iam::000000000000:role/x',
            Input: '{"mode":"sweep"}',
          },
        },
      },
    });
    expect(schedules).toEqual([
      {
        logicalId: 'Sweep',
        everySeconds: 300,
        targets: [{ functionArn: FUNCTION_ARN, input: { mode: 'sweep' } }],
      },
    ]);
  });

  it('names a cron expression with its rule', () => {
    const { schedules, skipped } = read({ Nightly: rule('cron(0 3 * * ? *)') });
    expect(schedules).toEqual([]);
    expect(skipped).toEqual([
      'AWS::Events::Rule.ScheduleExpression (Stack/Nightly: cron(0 3 * * ? *))',
    ]);
  });

  it('leaves out a rule that is switched off, and names a target that is no function', () => {
    const toQueue = [{ Arn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, Id: 'Target0' }];
    const { schedules, skipped } = read({
      Off: rule('rate(1 minute)', { State: 'DISABLED' }),
      Other: rule('rate(1 minute)', { Targets: toQueue }),
    });
    expect(schedules).toEqual([]);
    expect(skipped).toEqual(['AWS::Events::Rule.Targets (Stack/Other: not a function)']);
  });

  it('refuses input that is not JSON, by stack and logical id', () => {
    const Targets = [{ Arn: { 'Fn::GetAtt': ['Task', 'Arn'] }, Id: 'T', Input: 'sweep' }];
    expect(() => read({ Sweep: rule('rate(1 minute)', { Targets }) })).toThrow(
      'Stack/Sweep: sweep is not JSON',
    );
  });
});
