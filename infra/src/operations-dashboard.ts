import { Aws, Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Alarms } from './alarms.js';
import {
  engineMetric,
  lostEvents,
  streamLag,
  tableSystemErrors,
  tableThrottles,
  type Monitored,
} from './metrics.js';

const PERIOD = Duration.minutes(5);

/** What the whole system does on one page: throughput, outcomes, durations, API, health. */
export class OperationsDashboard extends Construct {
  constructor(scope: Construct, id: string, monitored: Monitored, alarms: Alarms) {
    super(scope, id);
    // Names of dashboards are shared by all regions of an account.
    new Dashboard(this, 'Dashboard', {
      dashboardName: `Orchestra-${Aws.REGION}`,
      defaultInterval: Duration.hours(3),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', width: 24, height: 3, alarms: alarms.all })],
        workflowRow(),
        durationRow(),
        apiRow(monitored),
        healthRow(monitored),
      ],
    });
  }
}

function workflowRow(): GraphWidget[] {
  return [
    graph('Workflows started', [engineMetric('WorkflowsStarted')]),
    graph('Workflow outcomes', [
      engineMetric('WorkflowsSucceeded'),
      engineMetric('WorkflowsFailed'),
      engineMetric('WorkflowsCancelled'),
      engineMetric('WorkflowsRedriven'),
    ]),
    graph('Task outcomes', [engineMetric('TasksSucceeded'), engineMetric('TasksFailed')]),
  ];
}

function durationRow(): GraphWidget[] {
  const spread = (metric: 'WorkflowDurationMs' | 'TaskDurationMs') => [
    engineMetric(metric, Stats.p(50)),
    engineMetric(metric, Stats.p(95)),
    engineMetric(metric, Stats.MAXIMUM),
  ];
  return [
    graph('Workflow duration (ms)', spread('WorkflowDurationMs'), 12),
    graph('Task duration (ms)', spread('TaskDurationMs'), 12),
  ];
}

function apiRow({ api }: Monitored): GraphWidget[] {
  const stage = api.api.deploymentStage;
  return [
    graph('API requests', [stage.metricCount({ period: PERIOD, statistic: Stats.SUM })]),
    graph('API errors', [
      stage.metricClientError({ period: PERIOD }),
      stage.metricServerError({ period: PERIOD }),
    ]),
    graph('API latency (ms)', [
      stage.metricLatency({ period: PERIOD, statistic: Stats.p(50) }),
      stage.metricLatency({ period: PERIOD, statistic: Stats.p(95) }),
    ]),
  ];
}

function healthRow({ orchestration, api, table }: Monitored): GraphWidget[] {
  const { orchestrator, worker, failures } = orchestration;
  const functions = [orchestrator.lambda, worker.lambda, api.function.lambda];
  const concurrent = { period: PERIOD, statistic: Stats.MAXIMUM };
  return [
    graph(
      'Concurrent executions',
      functions.map((each) => each.metric('ConcurrentExecutions', concurrent)),
      5,
    ),
    graph(
      'Function errors and throttles',
      functions.flatMap((each) => [
        each.metricErrors({ period: PERIOD }),
        each.metricThrottles({ period: PERIOD }),
      ]),
      5,
    ),
    graph('Table', [tableThrottles(table), tableSystemErrors(table)], 5),
    graph(
      'Stream lag (ms), lost events, repairs',
      [streamLag(orchestrator), lostEvents(failures), engineMetric('SweeperRepairs')],
      5,
    ),
    graph('Retries, lost workers', [engineMetric('TasksRetried'), engineMetric('WorkersLost')], 4),
  ];
}

function graph(title: string, left: IMetric[], width = 8): GraphWidget {
  return new GraphWidget({ title, left, width, height: 6 });
}
