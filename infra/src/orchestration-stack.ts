import { CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import {
  EventInvokeConfig,
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Bundles } from './bundles.js';
import { ContextError, type Settings } from './context.js';
import { arnsByName, OrchestraFunction } from './orchestra-function.js';
import { TaskFunctions } from './task-functions.js';

export interface OrchestrationStackProps {
  readonly settings: Settings;
  readonly bundles: Bundles;
  readonly table: ITable;
}

/** The engine: who decides (orchestrator), who runs (worker), what is run (tasks), and when. */
export class OrchestrationStack extends Stack {
  readonly orchestrator: OrchestraFunction;
  readonly worker: OrchestraFunction;
  readonly tasks: TaskFunctions;
  readonly failures: Queue;

  constructor(scope: Construct, id: string, props: OrchestrationStackProps) {
    super(scope, id, { description: 'Orchestra: the engine and the sample tasks' });
    this.failures = createFailureQueue(this);
    this.tasks = new TaskFunctions(this, 'Task', props.settings, props.bundles);
    this.worker = createWorker(this, props, this.tasks);
    this.orchestrator = createOrchestrator(this, props, this.worker, this.failures);
    keepLostEvents(this.worker, this.failures);
    keepLostEvents(this.orchestrator, this.failures);
    decideOnOutcomes(this.orchestrator, props.table, this.failures);
    sweepEveryMinute(this.orchestrator);
    this.addOutputs();
  }

  private addOutputs(): void {
    new CfnOutput(this, 'OrchestratorArn', { value: this.orchestrator.arn });
    new CfnOutput(this, 'WorkerArn', { value: this.worker.arn });
    new CfnOutput(this, 'TaskFunctions', { value: arnsByName(this, this.tasks.byName) });
    new CfnOutput(this, 'FailureQueueUrl', { value: this.failures.queueUrl });
  }
}

/** What was given up on, kept as long as a queue can keep it, so that a person can look. */
function createFailureQueue(scope: Construct): Queue {
  const queue = new Queue(scope, 'Failures', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: 'It is the dead-letter queue of the functions; nothing consumes it but people.',
  });
  return queue;
}

function createWorker(
  scope: Construct,
  { settings, bundles, table }: OrchestrationStackProps,
  tasks: TaskFunctions,
): OrchestraFunction {
  const worker = new OrchestraFunction(scope, 'Worker', {
    package: bundles.node('worker'),
    timeout: Duration.minutes(15),
    memoryMiB: 512,
    logRetention: settings.logRetentionDays,
    environment: {
      TASK_TIMEOUT_SECONDS: '60',
      LEASE_MARGIN_SECONDS: '15',
      FIRST_CHECK_SECONDS: '60',
      TASK_LIMITS: JSON.stringify(taskLimits(settings, tasks)),
    },
  });
  worker.usesTable(table, {
    actions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'PartiQLInsert', 'PartiQLUpdate'],
    // It gives back the places of functions that take only so many tasks at once.
    deletesFrom: ['PLACES#.function#*'],
  });
  worker.canInvokeAnyOf(tasks.byName, 'TASK_FUNCTIONS');
  return worker;
}

/** How many tasks each function takes at once, where that is limited. */
function taskLimits({ taskLimits }: Settings, { byName }: TaskFunctions): Settings['taskLimits'] {
  if (Object.keys(taskLimits).every((name) => Object.hasOwn(byName, name))) return taskLimits;
  const expected = `limits of task functions, of which there are ${Object.keys(byName).join(', ')}`;
  throw new ContextError('taskLimits', expected, taskLimits);
}

function createOrchestrator(
  scope: Construct,
  { settings, bundles, table }: OrchestrationStackProps,
  worker: OrchestraFunction,
  failures: Queue,
): OrchestraFunction {
  const orchestrator = new OrchestraFunction(scope, 'Orchestrator', {
    package: bundles.node('orchestrator'),
    timeout: Duration.seconds(60),
    memoryMiB: 512,
    logRetention: settings.logRetentionDays,
    environment: { SWEEP_GRACE_SECONDS: '30', FIRST_CHECK_SECONDS: '60' },
    // What thousands of workers may take of the account's concurrency, they cannot take of this.
    reservedConcurrency: settings.orchestratorConcurrency,
  });
  orchestrator.usesTable(table, {
    actions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'PartiQLInsert', 'PartiQLUpdate'],
    // Whoever ends gives its place back.
    deletesFrom: ['PLACES#*'],
    indexes: ['due'],
  });
  orchestrator.canInvoke(worker, 'WORKER_ARN');
  orchestrator.canSendTo(failures, 'FAILURE_QUEUE_URL');
  return orchestrator;
}

/** After an hour the sweep has long repaired what an event would have done. */
function keepLostEvents(target: OrchestraFunction, failures: Queue): void {
  new EventInvokeConfig(target, 'AsyncInvoke', {
    function: target.lambda,
    retryAttempts: 2,
    maxEventAge: Duration.hours(1),
    onFailure: new SqsDestination(failures),
  });
}

/**
 * The stream mapping. By default a record that always fails would hold its shard for a day:
 * retries and age are finite, a failing batch is halved, and what is given up on is kept. The
 * factor stays 1: more would only decide records of one workflow at the same time.
 */
function decideOnOutcomes(orchestrator: OrchestraFunction, table: ITable, failures: Queue): void {
  if (!table.tableStreamArn) throw new Error('The table has no stream to decide on.');
  table.grantStreamRead(orchestrator.lambda);
  Validations.of(orchestrator).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'dynamodb:ListStreams knows no resource; reading is granted on this stream alone.',
  });
  new EventSourceMapping(orchestrator, 'TableStream', {
    target: orchestrator.lambda,
    eventSourceArn: table.tableStreamArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 100,
    maxBatchingWindow: Duration.seconds(0),
    parallelizationFactor: 1,
    retryAttempts: 20,
    maxRecordAge: Duration.hours(12),
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    onFailure: new SqsDlq(failures),
    filters: [taskOutcomes(), skipsToFollow(), expandedMaps(), startedByTable(), endsWithDuties()],
  });
}

/** Tasks that became SUCCEEDED or FAILED. */
const taskOutcomes = () => taskRecords({ status: { S: FilterRule.or('SUCCEEDED', 'FAILED') } });

/** Tasks that a worker or an operator skipped; of those it skips itself the orchestrator need not be told. */
const skipsToFollow = () =>
  taskRecords({
    status: { S: FilterRule.isEqual('SKIPPED') },
    reason: { S: FilterRule.or('CONDITION_FALSE', 'OPERATOR') },
  });

/** Maps of which it is known now what they run over. */
const expandedMaps = () =>
  taskRecords({
    status: { S: FilterRule.isEqual('RUNNING') },
    suspendedAt: { S: FilterRule.exists() },
    items: { S: FilterRule.exists() },
  });

/** Workflows that nobody has started but a write to the table. */
const startedByTable = () =>
  workflowRecords({
    status: { S: FilterRule.or('PENDING', 'RUNNING') },
    startBy: { S: FilterRule.exists() },
  });

/** Workflows that have ended and left something to do: what is settled is not due any more. */
const endsWithDuties = () =>
  workflowRecords({
    status: { S: FilterRule.or('SUCCESS', 'FAILED', 'CANCELLED') },
    nextCheckAt: { S: FilterRule.exists() },
    duties: { S: FilterRule.exists() },
  });

/** Every other record needs no decision. The items of maps are tasks too. */
const taskRecords = (image: Record<string, unknown>) => recordsOf('TASK', image);

const workflowRecords = (image: Record<string, unknown>) => recordsOf('META#', image);

function recordsOf(prefix: string, image: Record<string, unknown>): Record<string, unknown> {
  return FilterCriteria.filter({
    eventName: FilterRule.or('INSERT', 'MODIFY'),
    dynamodb: { NewImage: { sk: { S: FilterRule.beginsWith(prefix) }, ...image } },
  });
}

function sweepEveryMinute(orchestrator: OrchestraFunction): void {
  new Rule(orchestrator, 'Sweep', {
    description: 'Repairs what a lost event or a dead worker left behind',
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [
      new LambdaTarget(orchestrator.lambda, {
        event: RuleTargetInput.fromObject({ mode: 'sweep' }),
      }),
    ],
  });
}
