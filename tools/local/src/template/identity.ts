import { createHash } from 'node:crypto';

/**
 * What CloudFormation would give a resource once it exists: its name, what `Ref` returns, its attributes.
 * Everything is computed from the stack's name and the logical id, so nothing needs a second pass.
 */
export interface IdentifiedResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly region: string;
  readonly accountId: string;
  readonly name: string;
  /** A property as text, resolved; undefined when the template does not set it. */
  property(name: string): string | undefined;
  /** Where this machine serves the bucket's website, without a slash at the end. */
  localSiteUrl(bucketName: string): string | undefined;
}

type Rule = (resource: IdentifiedResource) => string;

interface Identity {
  readonly name: Rule;
  /** What `Ref` returns; the name when left out. */
  readonly ref?: Rule;
  readonly attributes?: Readonly<Record<string, Rule>>;
}

export const PARTITION = 'aws';
export const URL_SUFFIX = 'amazonaws.com';

/** Streams have no creation time here; one label for all keeps their ARNs known before the tables exist. */
const STREAM_LABEL = '2024-01-01T00:00:00.000';

const named =
  (property: string | undefined, maxLength: number, shape = (text: string) => text): Rule =>
  (resource) =>
    (property === undefined ? undefined : resource.property(property)) ??
    shape(shorten(`${resource.stackName}-${resource.logicalId}`, maxLength));

const lowerCase = (text: string) => text.toLowerCase();

/** Cuts a name that is too long and ends it with a hash of the whole, so that two long names stay two. */
function shorten(name: string, maxLength: number): string {
  if (name.length <= maxLength) return name;
  return `${name.slice(0, maxLength - 9)}-${hash(name).slice(0, 8)}`;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** Ten letters and digits, as API Gateway's ids are. */
const opaqueId: Rule = ({ stackName, logicalId }) =>
  BigInt(`0x${hash(`${stackName}/${logicalId}`)}`)
    .toString(36)
    .slice(0, 10);

const regional =
  (service: string, rest: Rule): Rule =>
  (resource) =>
    `arn:${PARTITION}:${service}:${resource.region}:${resource.accountId}:${rest(resource)}`;

const global =
  (rest: Rule): Rule =>
  (resource) =>
    `arn:${PARTITION}:iam::${resource.accountId}:${rest(resource)}`;

const tableArn = regional('dynamodb', ({ name }) => `table/${name}`);
const table: Identity = {
  name: named('TableName', 255),
  attributes: {
    Arn: tableArn,
    StreamArn: (resource) => `${tableArn(resource)}/stream/${STREAM_LABEL}`,
  },
};

const queueUrl: Rule = ({ region, accountId, name }) =>
  `https://sqs.${region}.${URL_SUFFIX}/${accountId}/${name}`;

const topicArn = regional('sns', ({ name }) => name);
const keyArn = regional('kms', ({ name }) => `key/${name}`);
const layerArn = regional('lambda', ({ name }) => `layer:${name}:1`);
const managedPolicyArn = global(({ name }) => `policy/${name}`);
const secretArn = regional('secretsmanager', ({ name }) => `secret:${name}-000000`);
const stateMachineArn = regional('states', ({ name }) => `stateMachine:${name}`);

/** A version's or alias's own ARN: the function's, then the qualifier. */
const qualified =
  (qualifier: Rule): Rule =>
  (resource) => {
    const target = resource.property('FunctionName') ?? '';
    const arn = target.startsWith('arn:')
      ? target
      : regional('lambda', () => `function:${target}`)(resource);
    return `${arn}:${qualifier(resource)}`;
  };

const bucketUrl: Rule = (resource) =>
  resource.localSiteUrl(resource.name) ??
  `http://${resource.name}.s3-website-${resource.region}.${URL_SUFFIX}`;

const opaque: Identity = { name: opaqueId };
const alarm: Identity = {
  name: named('AlarmName', 255),
  attributes: { Arn: regional('cloudwatch', ({ name }) => `alarm:${name}`) },
};

/** Every type a template may refer to. A long table, on purpose in one place. */
const IDENTITIES: Readonly<Record<string, Identity>> = {
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::Lambda::Function': {
    name: named('FunctionName', 64),
    attributes: { Arn: regional('lambda', ({ name }) => `function:${name}`) },
  },
  'AWS::Lambda::Version': {
    name: qualified(() => '1'),
    attributes: { Version: () => '1', FunctionArn: qualified(() => '1') },
  },
  'AWS::Lambda::Alias': {
    name: qualified((resource) => resource.property('Name') ?? ''),
    attributes: { AliasArn: ({ name }) => name },
  },
  'AWS::Lambda::EventSourceMapping': { name: opaqueId, attributes: { Id: ({ name }) => name } },
  'AWS::Lambda::EventInvokeConfig': opaque,
  'AWS::Lambda::Permission': opaque,
  'AWS::Lambda::LayerVersion': {
    name: named('LayerName', 64),
    ref: layerArn,
    attributes: { LayerVersionArn: layerArn },
  },
  'AWS::SQS::Queue': {
    name: named('QueueName', 80),
    ref: queueUrl,
    attributes: {
      Arn: regional('sqs', ({ name }) => name),
      QueueName: ({ name }) => name,
      QueueUrl: queueUrl,
    },
  },
  'AWS::SNS::Topic': {
    name: named('TopicName', 256),
    ref: topicArn,
    attributes: { TopicArn: topicArn, TopicName: ({ name }) => name },
  },
  'AWS::IAM::Role': {
    name: named('RoleName', 64),
    attributes: { Arn: global(({ name }) => `role/${name}`), RoleId: opaqueId },
  },
  'AWS::IAM::Policy': { name: named('PolicyName', 128) },
  'AWS::IAM::ManagedPolicy': {
    name: named('ManagedPolicyName', 128),
    ref: managedPolicyArn,
    attributes: { PolicyArn: managedPolicyArn },
  },
  'AWS::S3::Bucket': {
    name: named('BucketName', 63, lowerCase),
    attributes: {
      Arn: ({ name }) => `arn:${PARTITION}:s3:::${name}`,
      DomainName: ({ name }) => `${name}.s3.${URL_SUFFIX}`,
      RegionalDomainName: ({ name, region }) => `${name}.s3.${region}.${URL_SUFFIX}`,
      WebsiteURL: bucketUrl,
    },
  },
  'AWS::ECR::Repository': {
    name: named('RepositoryName', 256, lowerCase),
    attributes: {
      Arn: regional('ecr', ({ name }) => `repository/${name}`),
      RepositoryUri: ({ name, accountId, region }) =>
        `${accountId}.dkr.ecr.${region}.${URL_SUFFIX}/${name}`,
    },
  },
  'AWS::Events::Rule': {
    name: named('Name', 64),
    attributes: { Arn: regional('events', ({ name }) => `rule/${name}`) },
  },
  'AWS::Events::EventBus': {
    name: named('Name', 256),
    attributes: {
      Arn: regional('events', ({ name }) => `event-bus/${name}`),
      Name: ({ name }) => name,
    },
  },
  'AWS::Scheduler::Schedule': {
    name: named('Name', 64),
    attributes: { Arn: regional('scheduler', ({ name }) => `schedule/default/${name}`) },
  },
  'AWS::Scheduler::ScheduleGroup': {
    name: named('Name', 64),
    attributes: { Arn: regional('scheduler', ({ name }) => `schedule-group/${name}`) },
  },
  'AWS::ApiGateway::RestApi': {
    name: opaqueId,
    attributes: {
      RestApiId: ({ name }) => name,
      RootResourceId: ({ stackName, logicalId, ...rest }) =>
        opaqueId({ ...rest, stackName, logicalId: `${logicalId}/` }),
    },
  },
  'AWS::ApiGateway::Resource': { name: opaqueId, attributes: { ResourceId: ({ name }) => name } },
  'AWS::ApiGateway::Deployment': {
    name: opaqueId,
    attributes: { DeploymentId: ({ name }) => name },
  },
  'AWS::ApiGateway::Stage': { name: named('StageName', 128) },
  'AWS::ApiGateway::Model': { name: named('Name', 128, (text) => text.replace(/\W/g, '')) },
  'AWS::ApiGateway::RequestValidator': {
    name: opaqueId,
    attributes: { RequestValidatorId: ({ name }) => name },
  },
  'AWS::ApiGateway::Method': opaque,
  'AWS::ApiGateway::GatewayResponse': opaque,
  'AWS::ApiGateway::Account': opaque,
  'AWS::Logs::LogGroup': {
    name: named('LogGroupName', 512),
    attributes: { Arn: regional('logs', ({ name }) => `log-group:${name}:*`) },
  },
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::CompositeAlarm': alarm,
  'AWS::CloudWatch::Dashboard': { name: named('DashboardName', 255) },
  'AWS::KMS::Key': { name: opaqueId, attributes: { Arn: keyArn, KeyId: ({ name }) => name } },
  'AWS::SSM::Parameter': {
    name: named('Name', 2048),
    attributes: {
      Type: (resource) => resource.property('Type') ?? 'String',
      Value: (resource) => resource.property('Value') ?? '',
    },
  },
  'AWS::SecretsManager::Secret': {
    name: named('Name', 512),
    ref: secretArn,
    attributes: { Id: secretArn },
  },
  'AWS::StepFunctions::StateMachine': {
    name: named('StateMachineName', 80),
    ref: stateMachineArn,
    attributes: { Arn: stateMachineArn, Name: ({ name }) => name },
  },
};

/** The rules of a type; undefined for a type this runtime has never heard of. */
export function identityOf(type: string): Identity | undefined {
  return Object.hasOwn(IDENTITIES, type) ? IDENTITIES[type] : undefined;
}
