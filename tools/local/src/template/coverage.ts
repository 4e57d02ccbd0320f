/**
 * What this runtime does with a type's properties. A property in neither list might change behaviour and is
 * reported; `ignored` are those that change nothing a program here could see (tags, tracing, encryption, retention).
 */
interface Coverage {
  readonly used: readonly string[];
  readonly ignored?: readonly string[];
}

const API_PARENT = ['RestApiId'];
const DESCRIPTIVE = ['Tags', 'Description'];

const COVERAGE: Readonly<Record<string, Coverage>> = {
  'AWS::DynamoDB::Table': {
    used: [
      'TableName',
      'KeySchema',
      'AttributeDefinitions',
      'GlobalSecondaryIndexes',
      'LocalSecondaryIndexes',
      'BillingMode',
      'ProvisionedThroughput',
      'StreamSpecification',
      'TimeToLiveSpecification',
    ],
    ignored: [
      ...DESCRIPTIVE,
      'PointInTimeRecoverySpecification',
      'SSESpecification',
      'DeletionProtectionEnabled',
      'ContributorInsightsSpecification',
      'TableClass',
      'WarmThroughput',
    ],
  },
  'AWS::DynamoDB::GlobalTable': {
    used: [
      'TableName',
      'KeySchema',
      'AttributeDefinitions',
      'GlobalSecondaryIndexes',
      'LocalSecondaryIndexes',
      'BillingMode',
      'StreamSpecification',
      'TimeToLiveSpecification',
      'Replicas',
    ],
    ignored: ['SSESpecification', 'WarmThroughput'],
  },
  'AWS::Lambda::Function': {
    used: [
      'FunctionName',
      'Code',
      'Handler',
      'Runtime',
      'PackageType',
      'ImageConfig',
      'Role',
      'Environment',
      'Timeout',
      'MemorySize',
      'ReservedConcurrentExecutions',
    ],
    ignored: [
      ...DESCRIPTIVE,
      'Architectures',
      'TracingConfig',
      'LoggingConfig',
      'KmsKeyArn',
      'EphemeralStorage',
      'SnapStart',
      'RuntimeManagementConfig',
      'CodeSigningConfigArn',
    ],
  },
  'AWS::Lambda::EventInvokeConfig': {
    used: [
      'FunctionName',
      'Qualifier',
      'DestinationConfig',
      'MaximumEventAgeInSeconds',
      'MaximumRetryAttempts',
    ],
  },
  'AWS::Lambda::EventSourceMapping': {
    used: [
      'FunctionName',
      'EventSourceArn',
      'BatchSize',
      'MaximumBatchingWindowInSeconds',
      'ParallelizationFactor',
      'MaximumRetryAttempts',
      'MaximumRecordAgeInSeconds',
      'BisectBatchOnFunctionError',
      'FunctionResponseTypes',
      'StartingPosition',
      'FilterCriteria',
      'DestinationConfig',
      'Enabled',
    ],
    ignored: ['MetricsConfig', 'KmsKeyArn', 'Tags'],
  },
  'AWS::Events::Rule': {
    used: ['Name', 'ScheduleExpression', 'State', 'Targets'],
    ignored: DESCRIPTIVE,
  },
  'AWS::Scheduler::Schedule': {
    used: ['Name', 'ScheduleExpression', 'State', 'Target'],
    ignored: ['Description', 'FlexibleTimeWindow', 'ScheduleExpressionTimezone', 'GroupName'],
  },
  'AWS::SQS::Queue': {
    used: ['QueueName', 'VisibilityTimeout'],
    ignored: [
      'Tags',
      'MessageRetentionPeriod',
      'ReceiveMessageWaitTimeSeconds',
      'KmsMasterKeyId',
      'KmsDataKeyReusePeriodSeconds',
      'SqsManagedSseEnabled',
      'RedriveAllowPolicy',
    ],
  },
  'AWS::IAM::Role': {
    used: ['RoleName', 'Policies', 'ManagedPolicyArns'],
    ignored: [...DESCRIPTIVE, 'AssumeRolePolicyDocument', 'Path', 'MaxSessionDuration'],
  },
  'AWS::IAM::Policy': { used: ['PolicyName', 'PolicyDocument', 'Roles'] },
  'AWS::IAM::ManagedPolicy': {
    used: ['ManagedPolicyName', 'PolicyDocument', 'Roles'],
    ignored: ['Description', 'Path'],
  },
  'AWS::ApiGateway::RestApi': {
    used: ['Name', 'BinaryMediaTypes'],
    ignored: [
      ...DESCRIPTIVE,
      'EndpointConfiguration',
      'MinimumCompressionSize',
      'ApiKeySourceType',
      'SecurityPolicy',
    ],
  },
  'AWS::ApiGateway::Resource': { used: [...API_PARENT, 'ParentId', 'PathPart'] },
  'AWS::ApiGateway::Method': {
    used: [
      ...API_PARENT,
      'ResourceId',
      'HttpMethod',
      'Integration',
      'RequestModels',
      'RequestParameters',
      'RequestValidatorId',
      'AuthorizationType',
      'ApiKeyRequired',
    ],
    ignored: ['MethodResponses', 'OperationName'],
  },
  'AWS::ApiGateway::Stage': {
    used: [...API_PARENT, 'StageName', 'MethodSettings'],
    ignored: [
      ...DESCRIPTIVE,
      'DeploymentId',
      'AccessLogSetting',
      'TracingEnabled',
      'DocumentationVersion',
    ],
  },
  'AWS::ApiGateway::Model': {
    used: [...API_PARENT, 'Name', 'ContentType', 'Schema'],
    ignored: ['Description'],
  },
  'AWS::ApiGateway::RequestValidator': {
    used: [...API_PARENT, 'ValidateRequestBody', 'ValidateRequestParameters'],
    ignored: ['Name'],
  },
  'AWS::ApiGateway::GatewayResponse': {
    used: [...API_PARENT, 'ResponseType', 'StatusCode', 'ResponseParameters', 'ResponseTemplates'],
  },
  'AWS::S3::Bucket': {
    used: ['BucketName', 'WebsiteConfiguration', 'LoggingConfiguration'],
    ignored: [
      'Tags',
      'AccessControl',
      'BucketEncryption',
      'PublicAccessBlockConfiguration',
      'OwnershipControls',
      'VersioningConfiguration',
      'LifecycleConfiguration',
      'CorsConfiguration',
    ],
  },
  'Custom::CDKBucketDeployment': {
    used: [
      'DestinationBucketName',
      'DestinationBucketKeyPrefix',
      'SourceObjectKeys',
      'SourceMarkers',
      'SourceMarkersConfig',
      'Exclude',
    ],
    ignored: [
      'ServiceToken',
      'SourceBucketNames',
      'Prune',
      'RetainOnDelete',
      'WaitForDistributionInvalidation',
      'OutputObjectKeys',
      'DistributionId',
      'DistributionPaths',
      'DestinationBucketArn',
      'SystemMetadata',
      'UserMetadata',
    ],
  },
};

/** Types that administer, observe or protect what runs: without any of them every program here behaves the same. */
const WITHOUT_LOCAL_MEANING: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  'AWS::ApiGateway::Account',
  'AWS::ApiGateway::Deployment',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::ECR::Repository',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::Lambda::Alias',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::Logs::LogGroup',
  'AWS::Logs::LogStream',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::Logs::ResourcePolicy',
  'AWS::ResourceGroups::Group',
  'AWS::S3::BucketPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::ScheduleGroup',
  'Custom::LogRetention',
  'Custom::ECRAutoDeleteImages',
  'Custom::S3AutoDeleteObjects',
]);

/** What is left out, each name once, in the order it was found. */
export class SkippedNames {
  private readonly found = new Set<string>();

  add(name: string): void {
    this.found.add(name);
  }

  list(): readonly string[] {
    return [...this.found];
  }
}

/** Notes a resource's type, or those of its properties, that this runtime leaves out. */
export function noteSkipped(
  type: string,
  properties: Readonly<Record<string, unknown>>,
  skipped: SkippedNames,
): void {
  if (WITHOUT_LOCAL_MEANING.has(type)) return;
  const coverage = Object.hasOwn(COVERAGE, type) ? COVERAGE[type] : undefined;
  if (coverage === undefined) return skipped.add(type);
  const known = new Set([...coverage.used, ...(coverage.ignored ?? [])]);
  for (const property of Object.keys(properties)) {
    if (!known.has(property)) skipped.add(`${type}.${property}`);
  }
}
