import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  EndpointType,
  JsonSchemaType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  Model,
  RequestValidator,
  RestApi,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Bundles } from './bundles.js';
import type { Settings } from './context.js';
import { answerWithProblemDetails } from './gateway-problems.js';
import { OrchestraFunction } from './orchestra-function.js';

export interface ApiStackProps {
  readonly settings: Settings;
  readonly bundles: Bundles;
  readonly table: ITable;
  readonly orchestrator: OrchestraFunction;
  /** By which definitions may call task functions. The API needs no right to them. */
  readonly taskNames: readonly string[];
}

const STAGE = 'prod';

/** The REST API: one function behind every route, which also answers CORS preflights. */
export class ApiStack extends Stack {
  readonly function: OrchestraFunction;
  readonly api: RestApi;
  /** The address of the API, stage included, without a slash at its end. */
  readonly baseUrl: string;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, { description: 'Orchestra: the REST API' });
    this.function = createFunction(this, props);
    this.api = createApi(this, props.settings);
    addRoutes(this.api, this.function);
    answerWithProblemDetails(this.api);
    this.baseUrl = `https://${this.api.restApiId}.execute-api.${this.region}.${this.urlSuffix}/${STAGE}`;
    new CfnOutput(this, 'WorkflowsApiEndpoint', {
      value: `${this.baseUrl}/`,
      exportName: `${this.stackName}:WorkflowsApiEndpoint`,
    });
  }
}

function createFunction(
  scope: Construct,
  { settings, bundles, table, orchestrator, taskNames }: ApiStackProps,
): OrchestraFunction {
  const api = new OrchestraFunction(scope, 'WorkflowApi', {
    functionName: 'workflow-api',
    package: bundles.node('api'),
    // API Gateway waits no longer.
    timeout: Duration.seconds(29),
    memoryMiB: 512,
    logRetention: settings.logRetentionDays,
    environment: {
      CORS_ORIGINS: settings.corsOrigins.join(','),
      TASK_FUNCTION_NAMES: JSON.stringify(taskNames),
    },
  });
  api.usesTable(table, {
    actions: ['GetItem', 'BatchGetItem', 'Query'],
    // Definitions and schedules are its own to store; workflows change through the orchestrator alone.
    putsInto: ['DEFINITION#*', 'DEFINITIONS', 'SCHEDULES'],
    deletesFrom: ['SCHEDULES'],
    indexes: ['list', 'filter'],
  });
  api.canInvoke(orchestrator, 'ORCHESTRATOR_ARN');
  return api;
}

function createApi(scope: Construct, settings: Settings): RestApi {
  const api = new RestApi(scope, 'Rest', {
    restApiName: 'orchestra',
    description: 'Starts, lists and shows workflows',
    endpointTypes: [EndpointType.REGIONAL],
    deployOptions: stageOptions(scope, settings),
    cloudWatchRole: true,
    // The role serves every API of the account: removing it with ours would silence theirs.
    cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
  });
  // The output that RestApi adds by itself repeats ours under a generated name.
  api.node.tryRemoveChild('Endpoint');
  acknowledgeOpenApi(api);
  return api;
}

function stageOptions(scope: Construct, settings: Settings): StageOptions {
  const accessLog = new LogGroup(scope, 'AccessLog', {
    retention: settings.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  return {
    stageName: STAGE,
    throttlingRateLimit: settings.throttleRate,
    throttlingBurstLimit: settings.throttleBurst,
    metricsEnabled: true,
    // Errors only, and no bodies: inputs of workflows do not belong in a log.
    loggingLevel: MethodLoggingLevel.ERROR,
    dataTraceEnabled: false,
    accessLogDestination: new LogGroupLogDestination(accessLog),
    accessLogFormat: accessLogFormat(),
  };
}

/**
 * Who asked for what, how it went and where the time was spent; never a body or a credential. The path would be one: whoever
 * has read `/callbacks/{token}` may answer. So the route stands here, and `requestId` leads to the rest.
 */
function accessLogFormat(): AccessLogFormat {
  const fields = {
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTime(),
    ip: AccessLogField.contextIdentitySourceIp(),
    method: AccessLogField.contextHttpMethod(),
    route: AccessLogField.contextResourcePath(),
    status: AccessLogField.contextStatus(),
    responseBytes: AccessLogField.contextResponseLength(),
    latencyMs: AccessLogField.contextResponseLatency(),
    functionMs: AccessLogField.contextIntegrationLatency(),
    error: AccessLogField.contextErrorResponseType(),
  };
  return AccessLogFormat.custom(JSON.stringify(fields));
}

function addRoutes(api: RestApi, target: OrchestraFunction): void {
  const integration = new LambdaIntegration(target.lambda, {
    // One permission for the whole API instead of one for each route.
    scopePermissionToMethod: false,
  });
  api.root.addMethod('ANY', integration);
  api.root.addProxy({ defaultIntegration: integration, anyMethod: true });
  // Each has a route of its own, by which the access log tells them apart.
  for (const name of ['workflows', 'definitions', 'schedules', 'callbacks']) {
    const resource = api.root.addResource(name);
    resource.addMethod('ANY', integration);
    resource.addProxy({ defaultIntegration: integration, anyMethod: true });
    if (name === 'workflows') resource.addMethod('POST', integration, validatedBody(api));
  }
}

/**
 * A body that is not a JSON object, such as an empty one, never reaches the function. The
 * fields are the function's to judge, because it names every issue at once.
 */
function validatedBody(api: RestApi) {
  const model = new Model(api, 'StartWorkflow', {
    restApi: api,
    modelName: 'StartWorkflow',
    description: 'A request to start a workflow',
    contentType: 'application/json',
    schema: { title: 'StartWorkflow', type: JsonSchemaType.OBJECT },
  });
  const requestValidator = new RequestValidator(api, 'Validator', {
    restApi: api,
    validateRequestBody: true,
    validateRequestParameters: true,
  });
  return { requestModels: { 'application/json': model }, requestValidator };
}

function acknowledgeOpenApi(api: RestApi): void {
  const reason =
    'There is no sign-in yet: whoever knows the address may call the API, within the throttle ' +
    'of the stage. docs/deploy.md says so.';
  Validations.of(api).acknowledge(
    { id: 'AwsSolutions-APIG4', reason },
    { id: 'AwsSolutions-COG4', reason },
    {
      id: 'AwsSolutions-APIG3',
      reason: 'A web application firewall costs more than the rest of the stack; add one in front.',
    },
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      reason: 'API Gateway asks for this managed policy to write logs for the account.',
    },
  );
}
