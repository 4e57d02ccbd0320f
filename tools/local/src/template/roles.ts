import * as z from 'zod';
import type { PolicyStatement } from '../model.js';
import type { SkippedNames } from './coverage.js';
import { ResourceError, UnresolvableError } from './errors.js';
import type { Resolver } from './intrinsics.js';
import { oneOrMany, type LiveResource } from './resources.js';

/** What a function may do, as far as the templates say it. */
export interface RoleModel {
  readonly roleName: string;
  readonly statements: readonly PolicyStatement[];
}

/** AWS's own policies for logs, traces and network interfaces: nothing here asks for those rights. */
const WITHOUT_LOCAL_RIGHTS: ReadonlySet<string> = new Set([
  'AWSLambdaBasicExecutionRole',
  'AWSLambdaVPCAccessExecutionRole',
  'AWSXRayDaemonWriteAccess',
  'AWSXrayWriteOnlyAccess',
  'CloudWatchLambdaInsightsExecutionRolePolicy',
]);

/** AWS's own policies that grant what a program here may use. */
const AWS_POLICIES: Readonly<Record<string, readonly string[]>> = {
  AWSLambdaDynamoDBExecutionRole: [
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
  ],
  AWSLambdaSQSQueueExecutionRole: [
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
  ],
  AWSLambdaRole: ['lambda:InvokeFunction'],
  AmazonDynamoDBFullAccess: ['dynamodb:*'],
};

const attachmentSchema = z.object({ Roles: z.array(z.string()).default([]) });
const roleSchema = z.object({ ManagedPolicyArns: z.array(z.string()).default([]) });

const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMany,
  Condition: z.unknown().optional(),
});

/** Finds the statements of any role of the assembly, by the role's ARN. */
export function createRoleReader(
  resources: readonly LiveResource[],
  resolver: Resolver,
  skipped: SkippedNames,
): (roleArn: string) => RoleModel {
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const roles = ofType('AWS::IAM::Role');
  const policies = ofType('AWS::IAM::Policy');
  const managed = ofType('AWS::IAM::ManagedPolicy');

  const statementsOf = (policy: LiveResource) =>
    readDocument(policy.properties['PolicyDocument'], policy, resolver, skipped);

  const attached = (roleName: string) =>
    [...policies, ...managed]
      .filter((policy) => policy.read(attachmentSchema).Roles.includes(roleName))
      .flatMap(statementsOf);

  const byArn = (arn: string): readonly PolicyStatement[] => {
    const own = managed.find((policy) => policy.ref() === arn);
    if (own !== undefined) return statementsOf(own);
    const name = arn.slice(arn.lastIndexOf('/') + 1);
    const actions = AWS_POLICIES[name];
    if (actions !== undefined) return [{ effect: 'Allow', actions, resources: ['*'] }];
    if (!WITHOUT_LOCAL_RIGHTS.has(name)) {
      skipped.add(`AWS::IAM::Role.ManagedPolicyArns (${name})`);
    }
    return [];
  };

  return (roleArn) => {
    const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const role = roles.find((candidate) => candidate.attribute('Arn') === roleArn);
    if (role === undefined) {
      skipped.add(`AWS::Lambda::Function.Role (${roleName} is in no template)`);
      return { roleName, statements: [] };
    }
    const statements = [
      ...inlineStatements(role, resolver, skipped),
      ...attached(roleName),
      ...role.read(roleSchema).ManagedPolicyArns.flatMap(byArn),
    ];
    return { roleName, statements };
  };
}

function inlineStatements(role: LiveResource, resolver: Resolver, skipped: SkippedNames) {
  const policies = role.properties['Policies'];
  if (!Array.isArray(policies)) return [];
  return policies.flatMap((policy: Readonly<Record<string, unknown>>) =>
    readDocument(policy['PolicyDocument'], role, resolver, skipped),
  );
}

function readDocument(
  document: unknown,
  owner: LiveResource,
  resolver: Resolver,
  skipped: SkippedNames,
): readonly PolicyStatement[] {
  const { Statement } = z.object({ Statement: z.unknown() }).parse(document);
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  return statements.flatMap((statement: Readonly<Record<string, unknown>>) => {
    const inverted = ['NotAction', 'NotResource'].find((key) => key in statement);
    if (inverted !== undefined) {
      skipped.add(`${owner.type}.PolicyDocument.${inverted}`);
      return [];
    }
    return [readStatement(statement, owner, resolver)];
  });
}

function readStatement(
  { Resource, ...rest }: Readonly<Record<string, unknown>>,
  owner: LiveResource,
  resolver: Resolver,
): PolicyStatement {
  const parsed = statementSchema.safeParse(resolver.value(owner.stack, rest, owner.logicalId));
  if (!parsed.success) {
    throw new ResourceError(owner.where, `a policy statement: ${z.prettifyError(parsed.error)}`);
  }
  const { Effect, Action, Condition } = parsed.data;
  return {
    effect: Effect,
    actions: Action,
    resources: resourceArns(Resource, owner, resolver),
    ...(Condition !== undefined && { conditions: Condition }),
  };
}

/** A resource of a type that does not exist here can be left out of a grant: nothing here can ask for it. */
function resourceArns(value: unknown, owner: LiveResource, resolver: Resolver): readonly string[] {
  const items = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => {
    try {
      return oneOrMany.parse(resolver.value(owner.stack, item, owner.logicalId));
    } catch (error) {
      if (error instanceof UnresolvableError && error.refersToSkippedType) return [];
      throw error;
    }
  });
}
