import type { Template } from 'aws-cdk-lib/assertions';

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** What the role of one function may do, as `action -> resources`, its own log left out. */
export function grantsOf(template: Template, functionId: RegExp): Record<string, string[]> {
  const roleId = roleOf(template, functionId);
  const grants: Record<string, string[]> = {};
  for (const statement of statementsOf(template, roleId)) {
    const resources = [statement.Resource].flat().map(readable);
    for (const action of [statement.Action].flat()) {
      if (action.startsWith('logs:')) continue;
      grants[action] = [...(grants[action] ?? []), ...resources].sort();
    }
  }
  return grants;
}

/** The conditions on an action of one function's role, one for each statement that has it. */
export const conditionsOf = (template: Template, functionId: RegExp, action: string): unknown[] =>
  statementsOf(template, roleOf(template, functionId))
    .filter(({ Action }) => [Action].flat().includes(action))
    .map(({ Condition }) => Condition);

/** Every statement of every inline policy of a template, or of one role's. */
export function statementsOf(template: Template, roleId?: string): Statement[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  return policies
    .filter((policy) => roleId === undefined || policy.Properties.Roles[0].Ref === roleId)
    .flatMap((policy) => policy.Properties.PolicyDocument.Statement as Statement[]);
}

/** The properties of the one function whose logical id matches. */
export function functionProperties(template: Template, functionId: RegExp) {
  const matching = Object.entries(template.findResources('AWS::Lambda::Function')).filter(([id]) =>
    functionId.test(id),
  );
  if (matching.length !== 1 || !matching[0]) {
    throw new Error(`${matching.length} functions match ${functionId}`);
  }
  return matching[0][1].Properties;
}

/** A reference as people name it: logical ids without their hashes, joins run together. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const intrinsic = value as Partial<Record<string, unknown>>;
  if (intrinsic['Ref']) return withoutHash(String(intrinsic['Ref']));
  if (intrinsic['Fn::GetAtt']) {
    const [id, attribute] = intrinsic['Fn::GetAtt'] as [string, string];
    return `${withoutHash(id)}.${attribute}`;
  }
  if (intrinsic['Fn::ImportValue']) return imported(String(intrinsic['Fn::ImportValue']));
  if (intrinsic['Fn::Join']) {
    const [separator, parts] = intrinsic['Fn::Join'] as [string, unknown[]];
    return parts.map(readable).join(separator);
  }
  throw new Error(`Unreadable reference ${JSON.stringify(value)}`);
}

function roleOf(template: Template, functionId: RegExp): string {
  return functionProperties(template, functionId).Role['Fn::GetAtt'][0];
}

/** `PayloadStack:ExportsOutputFnGetAttWorkflows<hash>Arn<hash>` -> `Workflows.Arn` */
function imported(name: string): string {
  const match = /:ExportsOutput(FnGetAtt|Ref)(\w+?)[0-9A-F]{8}([A-Za-z]*?)[0-9A-F]{8}$/.exec(name);
  if (!match) throw new Error(`Unreadable import ${name}`);
  return match[1] === 'Ref' ? String(match[2]) : `${match[2]}.${match[3]}`;
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
