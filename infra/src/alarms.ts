import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import {
  engineMetric,
  lostEvents,
  streamLag,
  tableSystemErrors,
  tableThrottles,
  type Monitored,
} from './metrics.js';

const PERIOD = Duration.minutes(5);

/** Beyond this the engine falls behind the table and people see their workflows stand still. */
const MAX_STREAM_LAG = Duration.minutes(1);

/** One alarm for each thing that a person should look at; all stay silent while nothing runs. */
export class Alarms extends Construct {
  readonly all: Alarm[] = [];

  constructor(scope: Construct, id: string, monitored: Monitored) {
    super(scope, id);
    this.watchFunctions(monitored);
    this.watchEngine(monitored);
    this.watchTable(monitored);
    this.watchApi(monitored);
  }

  notify(action: IAlarmAction): void {
    for (const alarm of this.all) alarm.addAlarmAction(action);
  }

  private watchFunctions({ orchestration, api }: Monitored): void {
    const { orchestrator, worker } = orchestration;
    const functions = { Orchestrator: orchestrator, Worker: worker, Api: api.function };
    for (const [name, { lambda }] of Object.entries(functions)) {
      const errors = lambda.metricErrors({ period: PERIOD });
      this.above(`${name}Errors`, errors, `The ${name} function failed or ran out of time`);
      const throttles = lambda.metricThrottles({ period: PERIOD });
      this.above(`${name}Throttles`, throttles, `The ${name} function reached its concurrency`);
    }
  }

  private watchEngine({ orchestration }: Monitored): void {
    this.above(
      'LostEvents',
      lostEvents(orchestration.failures),
      'The failure queue holds events that were given up on',
    );
    this.above(
      'StreamLag',
      streamLag(orchestration.orchestrator),
      'Decisions lag behind the table (milliseconds)',
      MAX_STREAM_LAG.toMilliseconds(),
    );
    this.above(
      'SweeperRepairs',
      engineMetric('SweeperRepairs'),
      'The sweep had to repair a workflow; without faults it never does',
    );
    this.above(
      'PassesFailed',
      engineMetric('PassesFailed'),
      'The orchestrator could not decide what follows from a finished task; the sweep will',
    );
    this.above(
      'WorkersLost',
      engineMetric('WorkersLost'),
      'A worker died, or outlived its lease, while a task was in its hands',
    );
    this.above('WorkflowsFailed', engineMetric('WorkflowsFailed'), 'A workflow ended FAILED');
  }

  private watchTable({ table }: Monitored): void {
    this.above('TableThrottles', tableThrottles(table), 'DynamoDB throttled reads or writes');
    this.above('TableSystemErrors', tableSystemErrors(table), 'DynamoDB failed requests by itself');
  }

  private watchApi({ api }: Monitored): void {
    const serverErrors = api.api.deploymentStage.metricServerError({ period: PERIOD });
    this.above('ApiServerErrors', serverErrors, 'The API answered 5xx');
  }

  private above(id: string, metric: IMetric, alarmDescription: string, threshold = 0): void {
    const alarm = new Alarm(this, id, {
      metric,
      alarmDescription,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.all.push(alarm);
  }
}
