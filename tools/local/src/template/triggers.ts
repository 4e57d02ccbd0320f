import * as z from 'zod';
import type { EventSourceMappingModel, QueueModel, ScheduleModel } from '../model.js';
import type { SkippedNames } from './coverage.js';
import { ResourceError } from './errors.js';
import {
  cfnBoolean,
  cfnNumber,
  functionArnOf,
  functionNameOf,
  type LiveResource,
} from './resources.js';

/** What makes functions run: event source mappings and schedules, and the queues failures go to. */

const mappingSchema = z.object({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  BatchSize: cfnNumber.default(100),
  MaximumBatchingWindowInSeconds: cfnNumber.default(0),
  ParallelizationFactor: cfnNumber.default(1),
  MaximumRetryAttempts: cfnNumber.default(-1),
  MaximumRecordAgeInSeconds: cfnNumber.default(-1),
  BisectBatchOnFunctionError: cfnBoolean.default(false),
  FunctionResponseTypes: z.array(z.string()).default([]),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  FilterCriteria: z
    .object({ Filters: z.array(z.object({ Pattern: z.string() })).default([]) })
    .default({ Filters: [] }),
  DestinationConfig: z
    .object({ OnFailure: z.object({ Destination: z.string() }).optional() })
    .default({}),
  Enabled: cfnBoolean.default(true),
});

const sourceSchema = z.object({ EventSourceArn: z.string().optional() });

/** A mapping of a DynamoDB stream; others are named as skipped. @throws UnresolvableError, ResourceError */
export function readMapping(
  resource: LiveResource,
  functionArns: ReadonlyMap<string, string>,
  skipped: SkippedNames,
): readonly EventSourceMappingModel[] {
  const { EventSourceArn = '' } = resource.read(sourceSchema);
  if (!/^arn:[^:]+:dynamodb:.*\/stream\//.test(EventSourceArn)) {
    skipped.add(`${resource.type} (${EventSourceArn.split(':')[2] ?? 'no'} source)`);
    return [];
  }
  const mapping = resource.read(mappingSchema);
  if (!mapping.Enabled) return [];
  const functionArn = functionArns.get(functionNameOf(mapping.FunctionName));
  if (functionArn === undefined) {
    throw new ResourceError(
      resource.where,
      `${mapping.FunctionName} is no function of these stacks`,
    );
  }
  const onFailureArn = mapping.DestinationConfig.OnFailure?.Destination;
  return [
    {
      logicalId: resource.logicalId,
      functionArn,
      sourceArn: mapping.EventSourceArn,
      batchSize: mapping.BatchSize,
      batchingWindowSeconds: mapping.MaximumBatchingWindowInSeconds,
      parallelizationFactor: mapping.ParallelizationFactor,
      maximumRetryAttempts: mapping.MaximumRetryAttempts,
      maximumRecordAgeSeconds: mapping.MaximumRecordAgeInSeconds,
      bisectOnError: mapping.BisectBatchOnFunctionError,
      reportsItemFailures: mapping.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      startingPosition: mapping.StartingPosition,
      filters: mapping.FilterCriteria.Filters.map(({ Pattern }) => parseJson(Pattern, resource)),
      ...(onFailureArn !== undefined && { onFailureArn }),
    },
  ];
}

const ruleSchema = z.object({
  ScheduleExpression: z.string().optional(),
  State: z.string().default('ENABLED'),
  Targets: z
    .array(
      z.object({
        Arn: z.string(),
        Input: z.string().optional(),
        InputPath: z.string().optional(),
        InputTransformer: z.unknown().optional(),
      }),
    )
    .default([]),
});

/** An EventBridge rule with a rate; others are named as skipped. @throws UnresolvableError, ResourceError */
export function readRule(resource: LiveResource, skipped: SkippedNames): readonly ScheduleModel[] {
  const rule = resource.read(ruleSchema);
  const everySeconds = everySecondsOf(rule.ScheduleExpression, resource, skipped);
  if (everySeconds === undefined || rule.State === 'DISABLED') return [];
  const targets = rule.Targets.flatMap(({ Arn, Input, InputPath, InputTransformer }) => {
    if (InputPath !== undefined || InputTransformer !== undefined) {
      skipped.add(`${resource.type}.Targets.${InputPath ? 'InputPath' : 'InputTransformer'}`);
    }
    return scheduleTarget(Arn, Input, 'Targets', resource, skipped);
  });
  const ruleArn = resource.attribute('Arn');
  return targets.length === 0
    ? []
    : [{ logicalId: resource.logicalId, everySeconds, ruleArn, targets }];
}

const schedulerSchema = z.object({
  ScheduleExpression: z.string(),
  State: z.string().default('ENABLED'),
  Target: z.object({ Arn: z.string(), Input: z.string().optional() }),
});

/** An EventBridge Scheduler schedule with a rate. @throws UnresolvableError, ResourceError */
export function readScheduler(
  resource: LiveResource,
  skipped: SkippedNames,
): readonly ScheduleModel[] {
  const { ScheduleExpression, State, Target } = resource.read(schedulerSchema);
  const everySeconds = everySecondsOf(ScheduleExpression, resource, skipped);
  if (everySeconds === undefined || State === 'DISABLED') return [];
  const targets = scheduleTarget(Target.Arn, Target.Input, 'Target', resource, skipped);
  return targets.length === 0 ? [] : [{ logicalId: resource.logicalId, everySeconds, targets }];
}

function scheduleTarget(
  arn: string,
  input: string | undefined,
  property: string,
  resource: LiveResource,
  skipped: SkippedNames,
): ScheduleModel['targets'] {
  const functionArn = functionArnOf(arn);
  if (functionArn === undefined) {
    skipped.add(`${resource.type}.${property} (${resource.where}: not a function)`);
    return [];
  }
  return [{ functionArn, ...(input !== undefined && { input: parseJson(input, resource) }) }];
}

const SECONDS: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

/** `rate(5 minutes)` in seconds; undefined, and noted, for anything else. */
function everySecondsOf(
  expression: string | undefined,
  resource: LiveResource,
  skipped: SkippedNames,
): number | undefined {
  if (expression === undefined) return undefined;
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const seconds = SECONDS[unit];
  if (seconds !== undefined) return Number(count) * seconds;
  skipped.add(`${resource.type}.ScheduleExpression (${resource.where}: ${expression})`);
  return undefined;
}

const queueSchema = z.object({ VisibilityTimeout: cfnNumber.optional() });

/** @throws UnresolvableError, ResourceError */
export function readQueue(resource: LiveResource): QueueModel {
  const { VisibilityTimeout } = resource.read(queueSchema);
  return {
    name: resource.attribute('QueueName'),
    arn: resource.attribute('Arn'),
    url: resource.ref(),
    ...(VisibilityTimeout !== undefined && { visibilityTimeoutSeconds: VisibilityTimeout }),
  };
}

function parseJson(text: string, { where }: LiveResource): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ResourceError(where, `${text} is not JSON`, { cause: error });
  }
}
