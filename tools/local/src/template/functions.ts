import * as z from 'zod';
import type { FunctionModel } from '../model.js';
import type { Assembly } from './assembly.js';
import { codeSchema, imageConfigSchema, readCode } from './code.js';
import type { SkippedNames } from './coverage.js';
import { cfnNumber, cfnString, functionNameOf, type LiveResource } from './resources.js';
import type { RoleModel } from './roles.js';

/** Lambda's defaults, where the template is silent. */
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_MEMORY_MB = 128;
const DEFAULT_ASYNC_RETRIES = 2;
const DEFAULT_ASYNC_MAX_AGE_SECONDS = 6 * 60 * 60;

const functionSchema = z.object({
  Code: codeSchema,
  Handler: z.string().optional(),
  Runtime: z.string().optional(),
  ImageConfig: imageConfigSchema.default({}),
  Role: z.string(),
  Environment: z
    .object({ Variables: z.record(z.string(), cfnString).default({}) })
    .default({ Variables: {} }),
  Timeout: cfnNumber.default(DEFAULT_TIMEOUT_SECONDS),
  MemorySize: cfnNumber.default(DEFAULT_MEMORY_MB),
  ReservedConcurrentExecutions: cfnNumber.optional(),
});

const invokeConfigSchema = z.object({
  FunctionName: z.string(),
  MaximumRetryAttempts: cfnNumber.default(DEFAULT_ASYNC_RETRIES),
  MaximumEventAgeInSeconds: cfnNumber.default(DEFAULT_ASYNC_MAX_AGE_SECONDS),
  DestinationConfig: z
    .object({
      OnFailure: z.object({ Destination: z.string() }).optional(),
      OnSuccess: z.object({ Destination: z.string() }).optional(),
    })
    .default({}),
});

export interface FunctionReader {
  readonly assembly: Assembly;
  readonly resources: readonly LiveResource[];
  readonly skipped: SkippedNames;
  readonly roleOf: (roleArn: string) => RoleModel;
  /** Replaces the addresses the stacks would have by those of this machine. */
  readonly localised: (text: string) => string;
  /** For code that has to be laid out before it can run. */
  readonly stagingDirectory: string;
}

/** @throws UnresolvableError, ResourceError */
export function readFunction(resource: LiveResource, reader: FunctionReader): FunctionModel {
  const properties = resource.read(functionSchema);
  const { Code: code, ImageConfig: imageConfig, Runtime: runtime, Handler: handler } = properties;
  const name = resource.ref();
  const { environment, ...found } = readCode(
    { code, imageConfig, runtime, handler },
    reader.assembly,
    reader.stagingDirectory,
  );
  const own = Object.entries(properties.Environment.Variables).map(
    ([key, value]) => [key, reader.localised(value)] as const,
  );
  return {
    logicalId: resource.logicalId,
    name,
    arn: resource.attribute('Arn'),
    ...found,
    environment: { ...environment, ...Object.fromEntries(own) },
    timeoutSeconds: properties.Timeout,
    memoryMb: properties.MemorySize,
    ...(properties.ReservedConcurrentExecutions !== undefined && {
      reservedConcurrency: properties.ReservedConcurrentExecutions,
    }),
    ...asyncSettings(name, reader),
    ...reader.roleOf(properties.Role),
  };
}

function asyncSettings(name: string, { resources, skipped }: FunctionReader) {
  const config = resources
    .filter(({ type }) => type === 'AWS::Lambda::EventInvokeConfig')
    .map((resource) => resource.read(invokeConfigSchema))
    .find(({ FunctionName }) => functionNameOf(FunctionName) === name);
  const { OnFailure, OnSuccess } = config?.DestinationConfig ?? {};
  if (OnSuccess !== undefined) {
    skipped.add('AWS::Lambda::EventInvokeConfig.DestinationConfig.OnSuccess');
  }
  const queueArn = /^arn:[^:]+:sqs:/.test(OnFailure?.Destination ?? '')
    ? OnFailure?.Destination
    : undefined;
  if (OnFailure !== undefined && queueArn === undefined) {
    skipped.add('AWS::Lambda::EventInvokeConfig.DestinationConfig.OnFailure (not a queue)');
  }
  return {
    asyncRetries: config?.MaximumRetryAttempts ?? DEFAULT_ASYNC_RETRIES,
    asyncMaxAgeSeconds: config?.MaximumEventAgeInSeconds ?? DEFAULT_ASYNC_MAX_AGE_SECONDS,
    ...(queueArn !== undefined && { onFailureArn: queueArn }),
  };
}

/** Functions that only serve CloudFormation while it deploys: those a custom resource names as its provider. */
export function providerArns(resources: readonly LiveResource[]): ReadonlySet<string> {
  const tokens = resources
    .filter(({ type }) => type.startsWith('Custom::') || type === CUSTOM_RESOURCE)
    .map((resource) => resource.property('ServiceToken'));
  return new Set(tokens.filter((token) => typeof token === 'string'));
}

const CUSTOM_RESOURCE = 'AWS::CloudFormation::CustomResource';
