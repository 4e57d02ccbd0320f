import { AssemblyFixture } from './assembly-fixture.js';

const QUEUE = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } };
const FUNCTION = {
  Type: 'AWS::Lambda::Function',
  Properties: { FunctionName: 'worker', Role: 'arn:aws:iam::1:role/x', Code: { ZipFile: '' } },
};

describe('resolving an expression', () => {
  let fixture: AssemblyFixture;
  beforeEach(() => (fixture = new AssemblyFixture()));
  afterEach(() => fixture.remove());

  /** The value of an output that holds the expression. */
  function valueOf(expression: unknown): string | undefined {
    fixture.stack('Other', {
      Resources: { Jobs: QUEUE },
      Outputs: {
        Exported: {
          Value: { 'Fn::GetAtt': ['Jobs', 'QueueName'] },
          Export: { Name: { 'Fn::Join': [':', ['Other', 'Exported']] } },
        },
        Local: { Value: { Ref: 'AWS::StackName' } },
        Off: { Value: 'off', Condition: 'Never', Export: { Name: 'Other:Off' } },
      },
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
    });
    fixture.stack('Stack', {
      Resources: {
        Jobs: QUEUE,
        Worker: FUNCTION,
        Topic: { Type: 'AWS::SNS::Topic' },
        Unknown: { Type: 'AWS::CloudFront::Distribution' },
      },
      Parameters: {
        Size: { Type: 'Number', Default: 5 },
        Zones: { Type: 'CommaDelimitedList', Default: 'a, b' },
        Required: { Type: 'String' },
        BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk/version' },
      },
      Mappings: { Limits: { 'eu-north-1': { size: 'small' } } },
      Conditions: {
        Yes: { 'Fn::Equals': [1, '1'] },
        No: { 'Fn::Not': [{ Condition: 'Yes' }] },
        Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
        Either: { 'Fn::Or': [{ Condition: 'No' }, { Condition: 'Yes' }] },
        Loop: { 'Fn::Not': [{ Condition: 'Loop' }] },
      },
      Outputs: { Value: { Value: expression, Export: { Name: 'Stack:Value' } } },
    });
    return fixture.read().outputs['Stack.Value'];
  }

  it.each<[string, unknown, string]>([
    [
      'a queue is its address',
      { Ref: 'Jobs' },
      'https://sqs.eu-north-1.amazonaws.com/000000000000/jobs',
    ],
    ['a topic is its ARN', { Ref: 'Topic' }, 'arn:aws:sns:eu-north-1:000000000000:Stack-Topic'],
    ['a function is its name', { Ref: 'Worker' }, 'worker'],
    ['the region', { Ref: 'AWS::Region' }, 'eu-north-1'],
    ['the account', { Ref: 'AWS::AccountId' }, '000000000000'],
    ['the partition', { Ref: 'AWS::Partition' }, 'aws'],
    ['the suffix', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    ['the stack', { Ref: 'AWS::StackName' }, 'Stack'],
    ['a parameter', { Ref: 'Size' }, '5'],
    ['a list parameter', { 'Fn::Select': [1, { Ref: 'Zones' }] }, 'b'],
  ])('Ref: %s', (_, expression, expected) => {
    expect(valueOf(expression)).toBe(expected);
  });

  it.each<[string, unknown, string]>([
    [
      'GetAtt',
      { 'Fn::GetAtt': ['Worker', 'Arn'] },
      'arn:aws:lambda:eu-north-1:000000000000:function:worker',
    ],
    ['GetAtt as text', { 'Fn::GetAtt': 'Jobs.QueueName' }, 'jobs'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Size' }, 'c']] }, 'a-5-c'],
    ['Sub with a name', { 'Fn::Sub': 'x-${AWS::Region}-${Worker}' }, 'x-eu-north-1-worker'],
    ['Sub with an attribute', { 'Fn::Sub': '${Jobs.QueueName}!' }, 'jobs!'],
    ['Sub with a literal', { 'Fn::Sub': '${!Name}-${Size}' }, '${Name}-5'],
    [
      'Sub with a map, whose names go first',
      { 'Fn::Sub': ['${Size}/${Other}', { Size: 'own', Other: { Ref: 'Worker' } }] },
      'own/worker',
    ],
    ['Select', { 'Fn::Select': ['2', ['a', 'b', 'c']] }, 'c'],
    ['Split', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    ['ImportValue', { 'Fn::ImportValue': 'Other:Exported' }, 'jobs'],
    [
      'GetStackOutput',
      { 'Fn::GetStackOutput': { StackName: 'Other', OutputName: 'Local', Region: 'eu-north-1' } },
      'Other',
    ],
    ['If, true', { 'Fn::If': ['Yes', 'a', 'b'] }, 'a'],
    ['If, false', { 'Fn::If': ['No', { Ref: 'NoSuchThing' }, 'b'] }, 'b'],
    ['And', { 'Fn::If': ['Both', 'a', 'b'] }, 'b'],
    ['Or', { 'Fn::If': ['Either', 'a', 'b'] }, 'a'],
    ['FindInMap', { 'Fn::FindInMap': ['Limits', { Ref: 'AWS::Region' }, 'size'] }, 'small'],
    [
      'FindInMap with a default',
      { 'Fn::FindInMap': ['Limits', 'us-east-1', 'size', { DefaultValue: 'none' }] },
      'none',
    ],
    ['Base64', { 'Fn::Base64': 'text' }, 'dGV4dA=='],
    ['GetAZs', { 'Fn::Join': [',', { 'Fn::GetAZs': '' }] }, 'eu-north-1a,eu-north-1b,eu-north-1c'],
    ['Length', { 'Fn::Length': ['a', { Ref: 'AWS::NoValue' }, 'b'] }, '2'],
    [
      'ToJsonString, without what has no value',
      { 'Fn::ToJsonString': { a: { Ref: 'Size' }, b: { Ref: 'AWS::NoValue' } } },
      '{"a":"5"}',
    ],
    [
      'an object that only looks like an expression is data',
      { 'Fn::ToJsonString': { Condition: 'Yes', Ref2: 1 } },
      '{"Condition":"Yes","Ref2":1}',
    ],
  ])('%s', (_, expression, expected) => {
    expect(valueOf(expression)).toBe(expected);
  });

  it.each<[string, unknown, string]>([
    [
      'a name',
      { Ref: 'NoSuchThing' },
      'Stack/Value: Ref NoSuchThing: the template has no such resource',
    ],
    ['an inherited name', { Ref: 'toString' }, 'Ref toString'],
    [
      'an attribute',
      { 'Fn::GetAtt': ['Jobs', 'Depth'] },
      'Stack/Value: Fn::GetAtt Jobs.Depth: this runtime knows no such attribute of AWS::SQS::Queue',
    ],
    [
      'a function',
      { 'Fn::Cidr': ['10.0.0.0/16', 2, 8] },
      'Fn::Cidr is not a function this runtime knows',
    ],
    ['an export', { 'Fn::ImportValue': 'Other:Nothing' }, 'no stack exports Other:Nothing'],
    ['an export whose condition is false', { 'Fn::ImportValue': 'Other:Off' }, 'no stack exports'],
    ['an output', { 'Fn::GetStackOutput': { StackName: 'Other', OutputName: 'X' } }, 'Other.X'],
    ['a parameter without a default', { Ref: 'Required' }, 'the parameter Required has no default'],
    ['a parameter of the store', { Ref: 'BootstrapVersion' }, 'read from the parameter store'],
    ['a dynamic reference', '{{resolve:ssm:/key}}', 'has no value on this machine'],
    ['a list item that is not there', { 'Fn::Select': [3, ['a']] }, 'no item 3'],
    ['a mapping', { 'Fn::FindInMap': ['Limits', 'x', 'y'] }, 'Limits.x.y is in no mapping'],
    ['a condition', { 'Fn::If': ['Nope', 'a', 'b'] }, 'the condition Nope is not defined'],
    ['a condition of itself', { 'Fn::If': ['Loop', 'a', 'b'] }, 'refers to itself'],
    ['an import of itself', { 'Fn::ImportValue': 'Stack:Value' }, 'refers to itself'],
    ['text that is a list', { 'Fn::Join': ['', [['a']]] }, 'is not text'],
  ])('refuses, with stack and place, %s it cannot know', (_, expression, message) => {
    expect(() => valueOf(expression)).toThrow(message);
  });

  it('leaves out an output of what does not exist here, and names it', () => {
    expect(valueOf({ 'Fn::GetAtt': ['Unknown', 'DomainName'] })).toBeUndefined();
    expect(fixture.read().skipped).toEqual(
      expect.arrayContaining(['AWS::CloudFront::Distribution', 'the output Stack.Value']),
    );
  });
});
