import { Match } from 'aws-cdk-lib/assertions';
import { conditionsOf, functionProperties, grantsOf, readable } from './grants.fixture.js';
import { removeWorkspaces, synthesise } from './stacks.fixture.js';

const { api } = synthesise();

afterAll(removeWorkspaces);

describe('the API function', () => {
  it('reads the table, stores definitions and schedules, and changes workflows through the orchestrator alone', () => {
    expect(grantsOf(api, /^WorkflowApiFunction/)).toEqual({
      'dynamodb:GetItem': ['Workflows.Arn'],
      'dynamodb:BatchGetItem': ['Workflows.Arn'],
      'dynamodb:Query': ['Workflows.Arn', 'Workflows.Arn/index/filter', 'Workflows.Arn/index/list'],
      'dynamodb:PutItem': ['Workflows.Arn'],
      'dynamodb:DeleteItem': ['Workflows.Arn'],
      'lambda:InvokeFunction': ['OrchestratorFunction.Arn'],
    });
    expect(conditionsOf(api, /^WorkflowApiFunction/, 'dynamodb:PutItem')).toEqual([
      {
        'ForAllValues:StringLike': {
          'dynamodb:LeadingKeys': ['DEFINITION#*', 'DEFINITIONS', 'SCHEDULES'],
        },
      },
    ]);
    expect(conditionsOf(api, /^WorkflowApiFunction/, 'dynamodb:DeleteItem')).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['SCHEDULES'] } },
    ]);
  });

  it('is called workflow-api, and so is its log', () => {
    expect(functionProperties(api, /^WorkflowApi/)).toMatchObject({
      FunctionName: 'workflow-api',
      Timeout: 29,
    });
    api.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: '/aws/lambda/workflow-api' });
  });

  it('knows the table, the orchestrator, the names of the tasks and who may call', () => {
    const { Variables } = functionProperties(api, /^WorkflowApi/).Environment;
    expect(readable(Variables.TABLE_NAME)).toBe('Workflows');
    expect(readable(Variables.ORCHESTRATOR_ARN)).toBe('OrchestratorFunction.Arn');
    expect(Variables.CORS_ORIGINS).toBe('*');
    expect(JSON.parse(Variables.TASK_FUNCTION_NAMES)).toEqual(['A', 'B1', 'B2', 'B3', 'C']);
    expect(Object.keys(Variables)).toHaveLength(4);
  });

  it('lets the origins of the context call', () => {
    const origins = 'https://a.example,http://localhost:5173';
    const { Variables } = functionProperties(
      synthesise({ corsOrigins: origins }).api,
      /^WorkflowApi/,
    ).Environment;
    expect(Variables.CORS_ORIGINS).toBe(origins);
  });
});

describe('the routes', () => {
  it('all lead to the function, which answers preflights as well', () => {
    const methods = Object.values(api.findResources('AWS::ApiGateway::Method'));
    const routes = methods.map(({ Properties }) => [
      Properties.HttpMethod,
      readable(Properties.ResourceId),
    ]);
    expect(routes.sort()).toEqual([
      ['ANY', 'Rest.RootResourceId'],
      ['ANY', 'Restcallbacks'],
      ['ANY', 'Restcallbacksproxy'],
      ['ANY', 'Restdefinitions'],
      ['ANY', 'Restdefinitionsproxy'],
      ['ANY', 'Restproxy'],
      ['ANY', 'Restschedules'],
      ['ANY', 'Restschedulesproxy'],
      ['ANY', 'Restworkflows'],
      ['ANY', 'Restworkflowsproxy'],
      ['POST', 'Restworkflows'],
    ]);
    for (const { Properties } of methods) {
      expect(Properties.Integration.Type).toBe('AWS_PROXY');
      expect(readable(Properties.Integration.Uri)).toContain('WorkflowApiFunction.Arn');
    }
  });

  it('take any path', () => {
    api.hasResourceProperties('AWS::ApiGateway::Resource', { PathPart: '{proxy+}' });
    api.hasResourceProperties('AWS::ApiGateway::Resource', { PathPart: 'workflows' });
  });

  it('look into the body of a start alone: an order such as /workflows/{id}/cancel needs none', () => {
    const looking = Object.values(api.findResources('AWS::ApiGateway::Method')).filter(
      ({ Properties }) => 'RequestValidatorId' in Properties || 'RequestModels' in Properties,
    );
    expect(
      looking.map(({ Properties }) => [Properties.HttpMethod, readable(Properties.ResourceId)]),
    ).toEqual([['POST', 'Restworkflows']]);
  });

  it('may be called by API Gateway for this API only', () => {
    const permissions = Object.values(api.findResources('AWS::Lambda::Permission'));
    expect(permissions.map(({ Properties }) => readable(Properties.SourceArn))).toEqual([
      expect.stringMatching(/:Rest\/\*\/\*\/\*$/),
    ]);
  });
});

describe('starting a workflow', () => {
  it('takes a JSON object and leaves its fields to the function', () => {
    api.hasResourceProperties('AWS::ApiGateway::Method', {
      HttpMethod: 'POST',
      RequestModels: { 'application/json': { Ref: Match.stringLikeRegexp('StartWorkflow') } },
      RequestValidatorId: { Ref: Match.stringLikeRegexp('Validator') },
    });
    api.hasResourceProperties('AWS::ApiGateway::RequestValidator', { ValidateRequestBody: true });
    api.hasResourceProperties('AWS::ApiGateway::Model', {
      ContentType: 'application/json',
      Schema: Match.objectEquals({
        $schema: 'http://json-schema.org/draft-04/schema#',
        title: 'StartWorkflow',
        type: 'object',
      }),
    });
  });
});

describe('the stage', () => {
  const stage = (template: typeof api, settings: Record<string, unknown>) =>
    template.hasResourceProperties('AWS::ApiGateway::Stage', {
      StageName: 'prod',
      MethodSettings: [Match.objectLike({ ResourcePath: '/*', HttpMethod: '*', ...settings })],
    });

  it('throttles', () => {
    stage(api, { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 });
  });

  it('throttles as the context says', () => {
    const strict = synthesise({ throttleRate: '5', throttleBurst: 10 }).api;
    stage(strict, { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 });
  });

  it('logs who asked for what, and no bodies, nor the path: a callback has its token there', () => {
    stage(api, { DataTraceEnabled: false, MetricsEnabled: true });
    const [found] = Object.values(api.findResources('AWS::ApiGateway::Stage'));
    const { DestinationArn, Format } = found?.Properties.AccessLogSetting ?? {};
    expect(readable(DestinationArn)).toBe('AccessLog.Arn');
    expect(JSON.parse(Format)).toMatchObject({
      requestId: '$context.requestId',
      method: '$context.httpMethod',
      route: '$context.resourcePath',
      status: '$context.status',
    });
    expect(Format).not.toMatch(/\$context\.path\b/);
  });
});

describe('errors that API Gateway answers by itself', () => {
  const responses = Object.values(api.findResources('AWS::ApiGateway::GatewayResponse')).map(
    ({ Properties }) => Properties,
  );

  it.each([
    ['BAD_REQUEST_BODY', '400'],
    ['BAD_REQUEST_PARAMETERS', '400'],
    ['MISSING_AUTHENTICATION_TOKEN', '404'],
    ['RESOURCE_NOT_FOUND', '404'],
    ['REQUEST_TOO_LARGE', '413'],
    ['THROTTLED', '429'],
    ['INTEGRATION_TIMEOUT', '504'],
    ['DEFAULT_4XX', undefined],
    ['DEFAULT_5XX', undefined],
  ])('answers %s with problem details that a browser may read', (type, status) => {
    const response = responses.find((each) => each.ResponseType === type);
    expect(response?.StatusCode).toBe(status);
    expect(response?.ResponseParameters).toEqual({
      'gatewayresponse.header.Content-Type': "'application/problem+json'",
      'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
    });
    const problem = JSON.parse(response?.ResponseTemplates['application/json']);
    expect(problem).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      detail: expect.any(String),
      requestId: '$context.requestId',
      ...(status && { status: Number(status) }),
    });
  });
});

describe('what the stack tells', () => {
  it('exports the address of the API', () => {
    const endpoint = api.findOutputs('WorkflowsApiEndpoint')['WorkflowsApiEndpoint'];
    expect(readable(endpoint?.['Value'])).toBe(
      'https://Rest.execute-api.AWS::Region.AWS::URLSuffix/prod/',
    );
    expect(endpoint?.['Export']).toEqual({ Name: 'ApiStack:WorkflowsApiEndpoint' });
  });

  it('names it once', () => {
    const named = Object.entries(api.findOutputs('*')).filter(([id]) => !/^Exports/.test(id));
    expect(named.map(([id]) => id)).toEqual(['WorkflowsApiEndpoint']);
  });
});
