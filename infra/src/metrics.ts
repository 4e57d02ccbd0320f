import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Operation, type ITable, type Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { ApiStack } from './api-stack.js';
import type { OrchestraFunction } from './orchestra-function.js';
import type { OrchestrationStack } from './orchestration-stack.js';
import type { IndexName } from './payload-stack.js';

/** What is watched. */
export interface Monitored {
  readonly table: Table;
  readonly orchestration: OrchestrationStack;
  readonly api: ApiStack;
}

const PERIOD = Duration.minutes(5);

/** What the engine itself counts and times; it writes them with its log, without dimensions. */
export type EngineMetric =
  | 'WorkflowsStarted'
  | 'WorkflowsSucceeded'
  | 'WorkflowsFailed'
  | 'WorkflowsCancelled'
  | 'WorkflowsRedriven'
  | 'TasksSucceeded'
  | 'TasksFailed'
  | 'TasksRetried'
  | 'WorkersLost'
  | 'SweeperRepairs'
  | 'PassesFailed'
  | 'WorkflowDurationMs'
  | 'TaskDurationMs';

export function engineMetric(metricName: EngineMetric, statistic: string = Stats.SUM): Metric {
  return new Metric({ namespace: 'Orchestra', metricName, statistic, period: PERIOD });
}

/** Milliseconds by which the orchestrator lags behind the table. */
export function streamLag(orchestrator: OrchestraFunction): Metric {
  return orchestrator.lambda.metric('IteratorAge', { statistic: Stats.MAXIMUM, period: PERIOD });
}

export function lostEvents(failures: Queue): Metric {
  return failures.metricApproximateNumberOfMessagesVisible({
    statistic: Stats.MAXIMUM,
    period: PERIOD,
  });
}

/** Throttled reads and writes of the table and of its indexes, which throttle on their own. */
export function tableThrottles(table: ITable): IMetric {
  const indexes: readonly IndexName[] = ['list', 'filter', 'due'];
  const usingMetrics: Record<string, IMetric> = {
    reads: throttleEvents(table, 'ReadThrottleEvents'),
    writes: throttleEvents(table, 'WriteThrottleEvents'),
  };
  for (const index of indexes) {
    usingMetrics[`${index}Reads`] = throttleEvents(table, 'ReadThrottleEvents', index);
    usingMetrics[`${index}Writes`] = throttleEvents(table, 'WriteThrottleEvents', index);
  }
  return new MathExpression({
    expression: 'SUM(METRICS())',
    label: 'Throttled requests',
    usingMetrics,
    period: PERIOD,
  });
}

export function tableSystemErrors(table: Table): IMetric {
  return table.metricSystemErrorsForOperations({
    label: 'System errors',
    period: PERIOD,
    operations: [
      Operation.GET_ITEM,
      Operation.BATCH_GET_ITEM,
      Operation.QUERY,
      Operation.PUT_ITEM,
      Operation.BATCH_WRITE_ITEM,
      Operation.BATCH_EXECUTE_STATEMENT,
      Operation.EXECUTE_STATEMENT,
    ],
  });
}

function throttleEvents(table: ITable, metricName: string, index?: IndexName): Metric {
  return new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: {
      TableName: table.tableName,
      ...(index && { GlobalSecondaryIndexName: index }),
    },
    statistic: Stats.SUM,
    period: PERIOD,
  });
}
