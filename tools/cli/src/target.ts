/** Which Orchestra a command speaks to: the local stack unless the options name one on AWS, or an address. */
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { createApiClient, type ApiClient } from './api-client.js';
import { CliError, EXIT } from './exit-code.js';
import { readLocalStack } from './local-stack.js';
import type { AwsPlace, System } from './system.js';

export interface TargetOptions {
  readonly apiUrl?: string;
  readonly dataDir?: string;
  readonly region?: string;
  readonly stackName?: string;
  readonly apiStackName?: string;
  readonly orchestratorArn?: string;
}

/** What `invoke-all` and `dlq` need besides the API. */
export interface Functions {
  readonly place: AwsPlace;
  readonly orchestratorArn: string;
  /** Logical name -> ARN, as the worker's registry. */
  readonly tasks: Readonly<Record<string, string>>;
  readonly workerArn?: string;
  readonly failureQueueUrl?: string;
}

const DEFAULT_STACK = 'OrchestrationStack';
const DEFAULT_API_STACK = 'ApiStack';

const isOnAws = ({ region, stackName, apiStackName, orchestratorArn }: TargetOptions) =>
  [region, stackName, apiStackName, orchestratorArn].some((option) => option !== undefined);

/** @throws CliError when there is none */
export async function findApi(options: TargetOptions, system: System): Promise<ApiClient> {
  return createApiClient(await findApiUrl(options, system), system.interrupted);
}

async function findApiUrl(options: TargetOptions, system: System): Promise<string> {
  if (options.apiUrl !== undefined) return options.apiUrl;
  if (!isOnAws(options)) return localStack(options, system).apiUrl;
  const stack = options.apiStackName ?? DEFAULT_API_STACK;
  const outputs = await stackOutputs(stack, awsPlace(options), system);
  return required(outputs, 'WorkflowsApiEndpoint', stack);
}

/** @throws CliError when there are none */
export async function findFunctions(options: TargetOptions, system: System): Promise<Functions> {
  if (!isOnAws(options)) return localFunctions(options, system);
  const place = awsPlace(options);
  const stack = options.stackName ?? DEFAULT_STACK;
  const outputs = await stackOutputs(stack, place, system);
  return {
    place,
    orchestratorArn: options.orchestratorArn ?? required(outputs, 'OrchestratorArn', stack),
    tasks: parseTasks(required(outputs, 'TaskFunctions', stack)),
    workerArn: outputs['WorkerArn'],
    failureQueueUrl: outputs['FailureQueueUrl'],
  };
}

function localFunctions(options: TargetOptions, system: System): Functions {
  const { lambdaEndpoint, outputs = {} } = localStack(options, system);
  const find = (name: string) => required(outputs, `${DEFAULT_STACK}.${name}`, 'the local stack');
  if (lambdaEndpoint === undefined)
    throw new CliError(EXIT.noAnswer, 'the local stack does not tell where its functions are');
  const orchestratorArn = find('OrchestratorArn');
  return {
    place: { endpoint: lambdaEndpoint, region: regionOf(orchestratorArn) },
    orchestratorArn,
    tasks: parseTasks(find('TaskFunctions')),
    workerArn: outputs[`${DEFAULT_STACK}.WorkerArn`],
    failureQueueUrl: outputs[`${DEFAULT_STACK}.FailureQueueUrl`],
  };
}

const localStack = ({ dataDir }: TargetOptions, system: System) =>
  readLocalStack(dataDir ?? system.env['ORCHESTRA_DATA_DIR'] ?? system.dataDirectory, system);

/** An ARN knows its region; without either, the SDK looks where it always does. */
function awsPlace({ region, orchestratorArn }: TargetOptions): AwsPlace {
  const known = region ?? (orchestratorArn === undefined ? undefined : regionOf(orchestratorArn));
  return known === undefined ? {} : { region: known };
}

function regionOf(arn: string): string {
  const region = arn.split(':')[3];
  if (!arn.startsWith('arn:') || !region)
    throw new CliError(EXIT.usage, `"${arn}" is not the ARN of a function`);
  return region;
}

async function stackOutputs(
  stackName: string,
  place: AwsPlace,
  system: System,
): Promise<Readonly<Record<string, string>>> {
  const client = system.cloudFormation(place);
  const { Stacks = [] } = await client
    .send(new DescribeStacksCommand({ StackName: stackName }), { abortSignal: system.interrupted })
    .catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CliError(EXIT.noAnswer, `the stack ${stackName} cannot be read: ${why}`, { cause });
    });
  return Object.fromEntries(
    (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [
      OutputKey,
      OutputValue,
    ]),
  );
}

function required(outputs: Readonly<Record<string, string>>, name: string, of: string): string {
  const value = outputs[name];
  if (value === undefined) throw new CliError(EXIT.noAnswer, `${of} has no output ${name}`);
  return value;
}

function parseTasks(text: string): Readonly<Record<string, string>> {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text));
  } catch (cause) {
    throw new CliError(EXIT.noAnswer, 'the output TaskFunctions is not a map of names to ARNs', {
      cause,
    });
  }
}
