import { AssemblyFixture, functionResources } from './template/assembly-fixture.js';

/** Calls DynamoDB as any client does, without one: bundles of a few lines start at once. */
const CALL = `
const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, TABLE_NAME } = process.env;
const call = async (operation, body) => {
  const response = await fetch(AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: {
      'x-amz-target': 'DynamoDB_20120810.' + operation,
      authorization: 'AWS4-HMAC-SHA256 Credential=' + AWS_ACCESS_KEY_ID + '/20250101/us-east-1/dynamodb/aws4_request',
    },
    body: JSON.stringify({ TableName: TABLE_NAME, ...body }),
  });
  return response.json();
};`;

/** `PUT /x` notes x; `GET /x` tells what is known of it; `GET /greeting` tells the variable. */
const API = `${CALL}
exports.handler = async ({ httpMethod, path }) => {
  const pk = { S: path };
  if (path === '/greeting') return { statusCode: 200, body: process.env.GREETING };
  if (httpMethod === 'PUT') await call('PutItem', { Item: { pk } });
  const { Item } = await call('GetItem', { Key: { pk }, ConsistentRead: true });
  console.log('asked for', path);
  return { statusCode: Item ? 200 : 404, body: JSON.stringify(Item ?? {}) };
};`;

/** Adds to what was noted that the stream told of it. */
const FOLLOWER = `${CALL}
exports.handler = async ({ Records = [] }) => {
  for (const { dynamodb } of Records)
    await call('UpdateItem', {
      Key: dynamodb.Keys,
      UpdateExpression: 'SET seen = :yes',
      ExpressionAttributeValues: { ':yes': { BOOL: true } },
    });
  return { seen: Records.length };
};`;

const CLOCK = `${CALL}
exports.handler = async () => call('PutItem', { Item: { pk: { S: '/tick' } } });`;

const FAILING = `exports.handler = async () => { console.log('about to fail'); throw new Error('no luck'); };`;

const tableName = { Ref: 'Table' };
const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const usingTable = (variables = {}) => ({
  Environment: { Variables: { TABLE_NAME: tableName, ...variables } },
});

/** A whole small product: an API, a table whose stream is followed, a schedule, a site. */
export function smallProduct(): AssemblyFixture {
  return new AssemblyFixture()
    .folder('api', { 'index.js': API })
    .folder('follower', { 'index.js': FOLLOWER })
    .folder('clock', { 'index.js': CLOCK })
    .folder('failing', { 'index.js': FAILING })
    .folder('pages', { 'index.html': '<title>A site</title>' })
    .stack('Small', { Resources: { ...backend(), ...api(), ...site() } })
    .finish();
}

function backend() {
  return {
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      },
    },
    ...functionResources('Api', 'api', usingTable({ GREETING: 'hello' })),
    ...functionResources('Follower', 'follower', usingTable()),
    ...functionResources('Clock', 'clock', usingTable()),
    ...functionResources('Failing', 'failing'),
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
        FunctionName: { Ref: 'Follower' },
        StartingPosition: 'TRIM_HORIZON',
        FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
      },
    },
    EachMinute: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'rate(1 minute)',
        State: 'ENABLED',
        Targets: [{ Arn: arnOf('Clock'), Id: 'Target0' }],
      },
    },
  };
}

function api() {
  const uri = [
    'arn:aws:apigateway:',
    ':lambda:path/2015-03-31/functions/',
    '/invocations',
  ] as const;
  const integration = {
    Type: 'AWS_PROXY',
    IntegrationHttpMethod: 'POST',
    Uri: { 'Fn::Join': ['', [uri[0], { Ref: 'AWS::Region' }, uri[1], arnOf('Api'), uri[2]]] },
  };
  return {
    Rest: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'Rest' } },
    Everything: {
      Type: 'AWS::ApiGateway::Resource',
      Properties: {
        RestApiId: { Ref: 'Rest' },
        ParentId: { 'Fn::GetAtt': ['Rest', 'RootResourceId'] },
        PathPart: '{proxy+}',
      },
    },
    Any: {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        ...{ RestApiId: { Ref: 'Rest' }, ResourceId: { Ref: 'Everything' } },
        ...{ HttpMethod: 'ANY', AuthorizationType: 'NONE', Integration: integration },
      },
    },
    Stage: {
      Type: 'AWS::ApiGateway::Stage',
      Properties: { RestApiId: { Ref: 'Rest' }, StageName: 'prod' },
    },
  };
}

function site() {
  return {
    Pages: {
      Type: 'AWS::S3::Bucket',
      Properties: { WebsiteConfiguration: { IndexDocument: 'index.html' } },
    },
    Deployment: {
      Type: 'Custom::CDKBucketDeployment',
      Properties: {
        ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:provider',
        SourceBucketNames: ['assets'],
        SourceObjectKeys: ['pages.zip'],
        DestinationBucketName: { Ref: 'Pages' },
      },
    },
  };
}
