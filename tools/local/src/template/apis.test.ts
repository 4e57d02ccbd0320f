import { AssemblyFixture, functionResources } from './assembly-fixture.js';

const FUNCTION_ARN = 'arn:aws:lambda:eu-north-1:000000000000:function:Stack-Task';
const ROOT = { 'Fn::GetAtt': ['Api', 'RootResourceId'] };
const OF_API = { RestApiId: { Ref: 'Api' } };

const PROXY = {
  Type: 'AWS_PROXY',
  IntegrationHttpMethod: 'POST',
  Uri: {
    'Fn::Join': [
      '',
      [
        'arn:',
        { Ref: 'AWS::Partition' },
        ':apigateway:eu-north-1:lambda:path/2015-03-31/functions/',
        { 'Fn::GetAtt': ['Task', 'Arn'] },
        '/invocations',
      ],
    ],
  },
};

const resource = (PathPart: string, ParentId: unknown) => ({
  Type: 'AWS::ApiGateway::Resource',
  Properties: { ...OF_API, ParentId, PathPart },
});

const method = (HttpMethod: string, ResourceId: unknown, Integration: unknown, more = {}) => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: {
    ...OF_API,
    AuthorizationType: 'NONE',
    HttpMethod,
    ResourceId,
    Integration,
    ...more,
  },
});

describe('reading a REST API', () => {
  let fixture: AssemblyFixture;
  beforeEach(() => {
    fixture = new AssemblyFixture();
    fixture.folder('code', { 'index.js': '' });
  });
  afterEach(() => fixture.remove());

  function read(resources: Record<string, unknown>, apiProperties = {}) {
    fixture.stack('Stack', {
      Resources: {
        ...functionResources('Task', 'code'),
        Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'Api', ...apiProperties } },
        Stage: {
          Type: 'AWS::ApiGateway::Stage',
          Properties: { ...OF_API, StageName: 'prod', TracingEnabled: true },
        },
        ...resources,
      },
      Outputs: {
        Endpoint: {
          Value: {
            'Fn::Join': [
              '',
              [
                'https://',
                { Ref: 'Api' },
                '.execute-api.eu-north-1.',
                { Ref: 'AWS::URLSuffix' },
                '/',
                { Ref: 'Stage' },
                '/workflows',
              ],
            ],
          },
        },
      },
    });
    const model = fixture.read({ localApiUrl: (_, stage) => `http://localhost:3000/${stage}/` });
    const [api] = model.apis;
    if (api === undefined) throw new Error('the assembly has no API');
    return { ...model, api };
  }

  it('puts paths together and finds the function behind each method', () => {
    const { api, skipped } = read({
      Workflows: resource('workflows', ROOT),
      One: resource('{workflowId}', { Ref: 'Workflows' }),
      Proxy: resource('{proxy+}', ROOT),
      Get: method('GET', { Ref: 'One' }, PROXY),
      Any: method('ANY', { Ref: 'Proxy' }, { ...PROXY, TimeoutInMillis: 5000 }),
      Root: method('GET', ROOT, PROXY),
    });
    const integration = { kind: 'lambda', functionArn: FUNCTION_ARN };
    expect(api.stage).toBe('prod');
    expect(api.id).toMatch(/^[a-z0-9]{10}$/);
    expect(api.routes).toEqual([
      { resourcePath: '/workflows/{workflowId}', method: 'GET', integration },
      {
        resourcePath: '/{proxy+}',
        method: 'ANY',
        integration: { ...integration, timeoutMs: 5000 },
      },
      { resourcePath: '/', method: 'GET', integration },
    ]);
    expect(skipped).toEqual([]);
  });

  it('replaces the address the API would have, in outputs and in variables', () => {
    const address = {
      'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}/x',
    };
    const { outputs, functions } = read({
      ...functionResources('Caller', 'code', { Environment: { Variables: { API: address } } }),
    });
    expect(outputs['Stack.Endpoint']).toBe('http://localhost:3000/prod/workflows');
    expect(functions.map(({ environment }) => environment)).toContainEqual({
      API: 'http://localhost:3000/prod/x',
    });
  });

  const preflight = (response: Record<string, unknown>) =>
    read({
      Options: method('OPTIONS', ROOT, {
        Type: 'MOCK',
        RequestTemplates: { 'application/json': '{ statusCode: 200 }' },
        IntegrationResponses: [{ StatusCode: '204', ...response }],
      }),
    });

  it("answers a preflight with the template's headers", () => {
    const { api } = preflight({
      ResponseParameters: {
        'method.response.header.Access-Control-Allow-Origin': "'*'",
        'method.response.header.Access-Control-Allow-Methods': "'GET,POST'",
      },
    });
    expect(api.routes[0]?.integration).toEqual({
      kind: 'mock',
      statusCode: 204,
      headers: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Methods': 'GET,POST' },
    });
  });

  it('reads the template CDK writes for several origins', () => {
    const { api, skipped } = preflight({
      ResponseParameters: {
        'method.response.header.Access-Control-Allow-Origin': "'https://a.example'",
      },
      ResponseTemplates: {
        'application/json':
          '#set($origin = $input.params().header.get("Origin"))\n#if($origin == "")\n  #set($origin = $input.params().header.get("origin"))\n#end\n#if($origin == "http://localhost:4200" || $origin == "https://b.example")\n  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n#end',
      },
    });
    expect(api.routes[0]?.integration).toMatchObject({
      headers: { 'Access-Control-Allow-Origin': 'https://a.example' },
      echoedOrigins: ['http://localhost:4200', 'https://b.example'],
    });
    expect(skipped).toEqual([]);
  });

  it("keeps a mock's fixed body, and names one that is computed", () => {
    const fixed = preflight({ ResponseTemplates: { 'application/json': '{"ok":true}' } });
    expect(fixed.api.routes[0]?.integration).toMatchObject({ body: '{"ok":true}' });
    const computed = preflight({ ResponseTemplates: { 'application/json': '$input.body' } });
    expect(computed.skipped).toEqual([
      'AWS::ApiGateway::Method.Integration.IntegrationResponses.ResponseTemplates',
    ]);
  });

  it('answers 500 for a mock that has no response', () => {
    const { api } = read({ Any: method('ANY', ROOT, { Type: 'MOCK' }) });
    expect(api.routes[0]?.integration).toMatchObject({ kind: 'mock', statusCode: 500 });
  });

  const SCHEMA = { $schema: 'http://json-schema.org/draft-04/schema#', type: 'object' };
  const validated = (validator: Record<string, unknown>, more = {}) =>
    read({
      Model: {
        Type: 'AWS::ApiGateway::Model',
        Properties: { ...OF_API, ContentType: 'application/json', Schema: SCHEMA },
      },
      Validator: {
        Type: 'AWS::ApiGateway::RequestValidator',
        Properties: { ...OF_API, ...validator },
      },
      Post: method('POST', ROOT, PROXY, {
        RequestModels: { 'application/json': { Ref: 'Model' } },
        RequestValidatorId: { Ref: 'Validator' },
        ...more,
      }),
    });

  it('gives a method the schemas of its body when its validator asks for it', () => {
    const { api } = validated({ ValidateRequestBody: true });
    expect(api.routes[0]?.bodySchemas).toEqual({ 'application/json': SCHEMA });
  });

  it('gives none when the validator does not look at the body', () => {
    const { api, skipped } = validated({ ValidateRequestParameters: true });
    expect(api.routes[0]).not.toHaveProperty('bodySchemas');
    expect(skipped).toEqual([]);
  });

  it('names required parameters, which nothing here checks', () => {
    const RequestParameters = { 'method.request.querystring.q': true };
    const { skipped } = validated({ ValidateRequestParameters: true }, { RequestParameters });
    expect(skipped).toEqual(['AWS::ApiGateway::Method.RequestParameters']);
  });

  it('keeps gateway responses with their mapping expressions', () => {
    const { api } = read({
      BadBody: {
        Type: 'AWS::ApiGateway::GatewayResponse',
        Properties: {
          ...OF_API,
          ResponseType: 'BAD_REQUEST_BODY',
          StatusCode: '400',
          ResponseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
          ResponseTemplates: { 'application/problem+json': '{"title":"Bad"}' },
        },
      },
      Default: {
        Type: 'AWS::ApiGateway::GatewayResponse',
        Properties: { ...OF_API, ResponseType: 'DEFAULT_4XX' },
      },
    });
    expect(api.gatewayResponses).toEqual({
      BAD_REQUEST_BODY: {
        statusCode: 400,
        headers: { 'Access-Control-Allow-Origin': "'*'" },
        templates: { 'application/problem+json': '{"title":"Bad"}' },
      },
      DEFAULT_4XX: { headers: {}, templates: {} },
    });
  });

  it('names what it does not do: authorisers, keys, throttles, other integrations', () => {
    const { api, skipped } = read(
      {
        Stage: {
          Type: 'AWS::ApiGateway::Stage',
          Properties: {
            ...OF_API,
            StageName: 'prod',
            MethodSettings: [
              {
                HttpMethod: '*',
                ResourcePath: '/*',
                LoggingLevel: 'ERROR',
                ThrottlingRateLimit: 5,
              },
            ],
          },
        },
        Get: method('GET', ROOT, PROXY, { AuthorizationType: 'AWS_IAM', ApiKeyRequired: true }),
        Put: method('PUT', ROOT, { Type: 'HTTP_PROXY', Uri: 'https://example.com' }),
      },
      { BinaryMediaTypes: ['image~1png'] },
    );
    expect(api.binaryMediaTypes).toEqual(['image/png']);
    expect(api.routes.map(({ method: name }) => name)).toEqual(['GET']);
    expect(skipped).toEqual([
      'AWS::ApiGateway::Method.AuthorizationType (AWS_IAM)',
      'AWS::ApiGateway::Method.ApiKeyRequired',
      'AWS::ApiGateway::Method.Integration (PUT: HTTP_PROXY)',
      'AWS::ApiGateway::Stage.MethodSettings.ThrottlingRateLimit',
    ]);
  });
});
