import { type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionPackage } from './bundles.js';
import type { IndexName } from './payload-stack.js';

export interface OrchestraFunctionProps {
  readonly package: FunctionPackage;
  readonly timeout: Duration;
  readonly memoryMiB: number;
  readonly logRetention: RetentionDays;
  /** Only for a function that people call by name; CloudFormation names the others. */
  readonly functionName?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Executions at once that it has for itself, and cannot exceed; 0 or absent: it shares the account's with all. */
  readonly reservedConcurrency?: number;
}

/** The table actions that some function needs; each function is granted its own few. */
type TableAction =
  'BatchGetItem' | 'GetItem' | 'PartiQLInsert' | 'PartiQLUpdate' | 'PutItem' | 'Query';

export interface TableAccess {
  readonly actions: readonly TableAction[];
  /** It may put items too, into partitions whose keys these patterns match and no others. */
  readonly putsInto?: readonly string[];
  /** And delete items, from those. */
  readonly deletesFrom?: readonly string[];
  /** The indexes it may query; indexes are never read in another way. */
  readonly indexes?: readonly IndexName[];
}

/**
 * A Lambda function with a role and a log group of its own. It starts with the right to write its
 * log and nothing else: each binding below gives an environment variable together with the least
 * grant that makes it usable.
 */
export class OrchestraFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: OrchestraFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      // `aws logs tail /aws/lambda/<name>` is what people type for a function with a name.
      ...(props.functionName && { logGroupName: `/aws/lambda/${props.functionName}` }),
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // A role of ours: the default one may write to every log group of the account.
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    logGroup.grantWrite(role);
    this.lambda = new LambdaFunction(this, 'Function', {
      ...props.package,
      functionName: props.functionName,
      timeout: props.timeout,
      memorySize: props.memoryMiB,
      // A reservation of 0 would mean to Lambda that the function never runs.
      reservedConcurrentExecutions: props.reservedConcurrency || undefined,
      environment: { ...props.environment },
      logGroup,
      role,
    });
  }

  get arn(): string {
    return this.lambda.functionArn;
  }

  /** Gives `TABLE_NAME` and exactly what is named. */
  usesTable(table: ITable, access: TableAccess): void {
    this.lambda.addEnvironment('TABLE_NAME', table.tableName);
    this.allow(
      access.actions.map((action) => `dynamodb:${action}`),
      [table.tableArn],
    );
    if (access.putsInto) this.allowWithin(table, 'PutItem', access.putsInto);
    if (access.deletesFrom) this.allowWithin(table, 'DeleteItem', access.deletesFrom);
    const indexes = (access.indexes ?? []).map((index) => `${table.tableArn}/index/${index}`);
    if (indexes.length > 0) this.allow(['dynamodb:Query'], indexes);
  }

  /** Gives the ARN of one function, and the right to invoke it. */
  canInvoke(target: OrchestraFunction, variable: string): void {
    this.lambda.addEnvironment(variable, target.arn);
    this.allow(['lambda:InvokeFunction'], [target.arn]);
  }

  /** Gives a JSON map of names to ARNs, and the right to invoke those functions and no other. */
  canInvokeAnyOf(targets: Readonly<Record<string, OrchestraFunction>>, variable: string): void {
    this.lambda.addEnvironment(variable, arnsByName(this, targets));
    this.allow(
      ['lambda:InvokeFunction'],
      Object.values(targets).map((target) => target.arn),
    );
  }

  /** Gives the address of one queue, and the right to put messages into it and nothing else. */
  canSendTo(queue: IQueue, variable: string): void {
    this.lambda.addEnvironment(variable, queue.queueUrl);
    this.allow(['sqs:SendMessage'], [queue.queueArn]);
  }

  /** In the partitions whose keys these patterns match. */
  private allowWithin(
    table: ITable,
    action: 'PutItem' | 'DeleteItem',
    partitions: readonly string[],
  ): void {
    this.allow([`dynamodb:${action}`], [table.tableArn], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
    });
  }

  private allow(
    actions: string[],
    resources: string[],
    conditions?: Record<string, Record<string, unknown>>,
  ): void {
    const statement = new PolicyStatement({
      actions,
      resources,
      ...(conditions && { conditions }),
    });
    this.lambda.addToRolePolicy(statement);
  }
}

/** `{"A":"arn:...","B1":"arn:..."}`, resolved when the stack is deployed. */
export function arnsByName(
  scope: Construct,
  functions: Readonly<Record<string, OrchestraFunction>>,
): string {
  const arns = Object.entries(functions).map(([name, each]) => [name, each.arn]);
  return Stack.of(scope).toJsonString(Object.fromEntries(arns));
}
