import { AssemblyFixture, functionResources } from './assembly-fixture.js';

const TABLE = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  },
};
const TABLE_ARN = 'arn:aws:dynamodb:eu-north-1:000000000000:table/Stack-Table';

const allow = (Action: unknown, Resource: unknown, more = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const document = (...Statement: unknown[]) => ({ Version: '2012-10-17', Statement });

describe("reading a function's rights", () => {
  let fixture: AssemblyFixture;
  beforeEach(() => {
    fixture = new AssemblyFixture();
    fixture.folder('code', { 'index.js': '' });
  });
  afterEach(() => fixture.remove());

  function read(resources: Record<string, unknown>, roleProperties = {}) {
    const base = functionResources('Task', 'code');
    const role = base['TaskRole'] as { Properties: object };
    const TaskRole = { ...role, Properties: { ...role.Properties, ...roleProperties } };
    fixture.stack('Stack', { Resources: { ...base, TaskRole, Table: TABLE, ...resources } });
    const model = fixture.read();
    return { ...model, statements: model.functions[0]?.statements };
  }

  it('resolves the resources of attached policies to full ARNs', () => {
    const index = { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Table', 'Arn'] }, '/index/*']] };
    const { statements } = read({
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: 'Policy',
          Roles: [{ Ref: 'TaskRole' }],
          PolicyDocument: document(
            allow(['dynamodb:GetItem'], [{ 'Fn::GetAtt': ['Table', 'Arn'] }, index]),
            allow('lambda:InvokeFunction', '*', { Condition: { Bool: { x: 'true' } } }),
          ),
        },
      },
    });
    expect(statements).toEqual([
      {
        effect: 'Allow',
        actions: ['dynamodb:GetItem'],
        resources: [TABLE_ARN, `${TABLE_ARN}/index/*`],
      },
      {
        effect: 'Allow',
        actions: ['lambda:InvokeFunction'],
        resources: ['*'],
        conditions: { Bool: { x: 'true' } },
      },
    ]);
  });

  it('adds inline policies and managed policies of the templates', () => {
    const { statements } = read(
      {
        ByRole: {
          Type: 'AWS::IAM::ManagedPolicy',
          Properties: { PolicyDocument: document(allow('a:ByRole', '*')) },
        },
        ByPolicy: {
          Type: 'AWS::IAM::ManagedPolicy',
          Properties: {
            Roles: [{ Ref: 'TaskRole' }],
            PolicyDocument: document({ Effect: 'Deny', Action: 'a:ByPolicy', Resource: '*' }),
          },
        },
      },
      {
        ManagedPolicyArns: [{ Ref: 'ByRole' }],
        Policies: [{ PolicyName: 'own', PolicyDocument: document(allow('a:Inline', '*')) }],
      },
    );
    expect(statements?.map(({ effect, actions }) => [effect, ...actions])).toEqual([
      ['Allow', 'a:Inline'],
      ['Deny', 'a:ByPolicy'],
      ['Allow', 'a:ByRole'],
    ]);
  });

  it("knows AWS's own policies for logs and traces, and names those it does not know", () => {
    const { statements, skipped } = read(
      {},
      {
        ManagedPolicyArns: [
          'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
          'arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess',
          'arn:aws:iam::aws:policy/service-role/AWSLambdaRole',
          'arn:aws:iam::aws:policy/AdministratorAccess',
        ],
      },
    );
    expect(statements).toEqual([
      { effect: 'Allow', actions: ['lambda:InvokeFunction'], resources: ['*'] },
    ]);
    expect(skipped).toEqual(['AWS::IAM::Role.ManagedPolicyArns (AdministratorAccess)']);
  });

  it('leaves a resource of a type that does not exist here out of a grant', () => {
    const { statements } = read({
      Stream: { Type: 'AWS::Kinesis::Stream' },
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          Roles: [{ Ref: 'TaskRole' }],
          PolicyDocument: document(
            allow('x:Put', [
              { 'Fn::GetAtt': ['Stream', 'Arn'] },
              { 'Fn::GetAtt': ['Table', 'Arn'] },
            ]),
          ),
        },
      },
    });
    expect(statements).toEqual([{ effect: 'Allow', actions: ['x:Put'], resources: [TABLE_ARN] }]);
  });

  it('names a statement that says what it does not cover', () => {
    const { statements, skipped } = read({
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          Roles: [{ Ref: 'TaskRole' }],
          PolicyDocument: document({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }),
        },
      },
    });
    expect(statements).toEqual([]);
    expect(skipped).toEqual(['AWS::IAM::Policy.PolicyDocument.NotAction']);
  });

  it('gives a function with a role from elsewhere no rights, and says so', () => {
    const Role = 'arn:aws:iam::000000000000:role/path/imported';
    fixture.stack('Stack', { Resources: functionResources('Task', 'code', { Role }) });
    const { functions, skipped } = fixture.read();
    expect(functions[0]).toMatchObject({ roleName: 'imported', statements: [] });
    expect(skipped).toEqual(['AWS::Lambda::Function.Role (imported is in no template)']);
  });
});
