import { Match } from 'aws-cdk-lib/assertions';
import { removeWorkspaces, synthesise } from './stacks.fixture.js';

const { monitoring } = synthesise();

afterAll(removeWorkspaces);

describe('the alarms', () => {
  it.each(['Orchestrator', 'Worker', 'WorkflowApi'])('watch the function %s', (name) => {
    for (const metric of ['Errors', 'Throttles']) {
      alarmOn('AWS/Lambda', metric, {
        Dimensions: [
          {
            Name: 'FunctionName',
            Value: { 'Fn::ImportValue': Match.stringLikeRegexp(`Ref${name}Function`) },
          },
        ],
      });
    }
  });

  it.each([
    ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 0],
    ['AWS/Lambda', 'IteratorAge', 60_000],
    ['AWS/ApiGateway', '5XXError', 0],
    ['Orchestra', 'SweeperRepairs', 0],
    ['Orchestra', 'PassesFailed', 0],
    ['Orchestra', 'WorkersLost', 0],
    ['Orchestra', 'WorkflowsFailed', 0],
  ])('watch %s %s', (namespace, metric, threshold) => {
    alarmOn(namespace, metric, { Threshold: threshold });
  });

  it('find the counters of the engine, which have no dimensions', () => {
    alarmOn('Orchestra', 'SweeperRepairs', { Dimensions: Match.absent() });
  });

  it('watch the table and each of its indexes for throttling', () => {
    const watched = metricsOfAlarm('TableThrottles').map(({ Metric }) => [
      Metric.MetricName,
      indexOf(Metric.Dimensions),
    ]);
    const each = (metric: string) =>
      [undefined, 'list', 'filter', 'due'].map((index) => [metric, index]);
    const expected = [...each('ReadThrottleEvents'), ...each('WriteThrottleEvents')];
    expect(watched).toHaveLength(expected.length);
    expect(watched).toEqual(expect.arrayContaining(expected));
  });

  it('watch the table for failures of its own', () => {
    const metrics = metricsOfAlarm('TableSystemErrors');
    expect(new Set(metrics.map(({ Metric }) => Metric.MetricName))).toEqual(
      new Set(['SystemErrors']),
    );
  });

  it('stay silent while nothing runs', () => {
    for (const alarm of alarms()) expect(alarm.Properties.TreatMissingData).toBe('notBreaching');
  });

  it('tell nobody unless an address is given', () => {
    for (const alarm of alarms()) expect(alarm.Properties).not.toHaveProperty('AlarmActions');
  });

  it('write to the address that is given, all of them', () => {
    const { monitoring: mailing } = synthesise({ alarmEmail: 'someone@example.com' });
    mailing.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'someone@example.com',
    });
    mailing.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^AlarmMail') }],
    });
  });
});

describe('the operations dashboard', () => {
  const body = JSON.stringify(monitoring.findResources('AWS::CloudWatch::Dashboard'));

  it.each([
    'WorkflowsStarted',
    'WorkflowsSucceeded',
    'WorkflowsFailed',
    'TasksSucceeded',
    'TasksFailed',
    'WorkflowsCancelled',
    'WorkflowsRedriven',
    'TasksRetried',
    'WorkersLost',
    'WorkflowDurationMs',
    'TaskDurationMs',
    'SweeperRepairs',
    'Latency',
    '5XXError',
    'IteratorAge',
    'ConcurrentExecutions',
    'ApproximateNumberOfMessagesVisible',
    'WriteThrottleEvents',
  ])('shows %s', (metric) => {
    expect(body).toContain(metric);
  });

  it('has a name of its own in each region', () => {
    monitoring.hasResourceProperties('AWS::CloudWatch::Dashboard', {
      DashboardName: { 'Fn::Join': ['', ['Orchestra-', { Ref: 'AWS::Region' }]] },
    });
  });
});

interface AlarmMetric {
  readonly Metric: { MetricName: string; Dimensions: { Name: string; Value: unknown }[] };
}

function alarms() {
  return Object.values(monitoring.findResources('AWS::CloudWatch::Alarm'));
}

function alarmOn(Namespace: string, MetricName: string, more: Record<string, unknown>): void {
  monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace,
    MetricName,
    ComparisonOperator: 'GreaterThanThreshold',
    ...more,
  });
}

function metricsOfAlarm(id: string): AlarmMetric[] {
  const found = Object.entries(monitoring.findResources('AWS::CloudWatch::Alarm')).find(([each]) =>
    each.startsWith(`Alarm${id}`),
  );
  const metrics: { MetricStat?: AlarmMetric }[] = found?.[1].Properties.Metrics ?? [];
  return metrics.flatMap(({ MetricStat }) => MetricStat ?? []);
}

function indexOf(dimensions: { Name: string; Value: unknown }[]): unknown {
  return dimensions.find(({ Name }) => Name === 'GlobalSecondaryIndexName')?.Value;
}
