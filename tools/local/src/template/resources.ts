import * as z from 'zod';
import type { Assembly, StackTemplate } from './assembly.js';
import { ResourceError } from './errors.js';
import type { Resolver } from './intrinsics.js';

/** A resource whose condition holds. */
export interface LiveResource {
  readonly type: string;
  readonly stack: StackTemplate;
  readonly logicalId: string;
  /** `Stack/LogicalId`. */
  readonly where: string;
  /** The properties as the template writes them. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Resolves the properties the schema names, and no other. @throws UnresolvableError, ResourceError */
  read<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>): z.infer<z.ZodObject<Shape>>;
  /** One property, resolved. @throws UnresolvableError */
  property(name: string): unknown;
  /** @throws UnresolvableError */
  ref(): string;
  /** @throws UnresolvableError */
  attribute(name: string): string;
}

/** CloudFormation writes numbers and booleans as JSON or as text. */
export const cfnNumber = z.coerce.number();
export const cfnBoolean = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform((value) => value === true || value === 'true');
export const cfnString = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** One value or a list of them. */
export const oneOrMany = z
  .union([z.string(), z.array(z.string())])
  .transform((value): readonly string[] => (typeof value === 'string' ? [value] : value));

/** Every resource that would be deployed, stack by stack in the template's order. */
export function liveResources(assembly: Assembly, resolver: Resolver): readonly LiveResource[] {
  return assembly.stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources)
      .filter(([, { Condition }]) => resolver.holds(stack, Condition))
      .map(([logicalId, { Type, Properties }]) =>
        liveResource(resolver, stack, logicalId, Type, Properties),
      ),
  );
}

function liveResource(
  resolver: Resolver,
  stack: StackTemplate,
  logicalId: string,
  type: string,
  properties: Readonly<Record<string, unknown>>,
): LiveResource {
  const where = `${stack.name}/${logicalId}`;
  const resolve = (value: unknown) => resolver.value(stack, value, logicalId);
  return {
    type,
    stack,
    logicalId,
    where,
    properties,
    property: (name) => resolve(properties[name]),
    ref: () => String(resolve({ Ref: logicalId })),
    attribute: (name) => String(resolve({ 'Fn::GetAtt': [logicalId, name] })),
    read(schema) {
      const wanted = Object.keys(schema.shape).filter((name) => name in properties);
      const resolved = Object.fromEntries(wanted.map((name) => [name, resolve(properties[name])]));
      const parsed = schema.safeParse(resolved);
      if (parsed.success) return parsed.data;
      const reason = `${type} does not read: ${z.prettifyError(parsed.error)}`;
      throw new ResourceError(where, reason, { cause: parsed.error });
    },
  };
}

/** `arn:...:function:name:alias`, `name:alias` or `name`: the function's name. */
export function functionNameOf(nameOrArn: string): string {
  const parts = nameOrArn.split(':');
  return (nameOrArn.startsWith('arn:') ? parts[6] : parts[0]) ?? nameOrArn;
}

/** The ARN without its version or alias; undefined when it is not a function's. */
export function functionArnOf(arn: string): string | undefined {
  return /^arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+/.exec(arn)?.[0];
}
