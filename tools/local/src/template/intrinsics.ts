import type { StackTemplate } from './assembly.js';
import { fail, isRecord, NO_VALUE, type Evaluator, type Place } from './evaluation.js';
import { callFunction, holds } from './function-table.js';
import { createReferences } from './references.js';

/**
 * Evaluates CloudFormation's expressions over a set of stacks that may import from each other.
 *
 * Nothing is evaluated before it is asked for: a part of a template that this runtime has no use for may hold
 * expressions it cannot know. Whatever is asked for either has a value or throws; there is no placeholder.
 */
export interface Resolver {
  /**
   * The value with every expression replaced; `AWS::NoValue` removes its property or list item.
   * @param at the logical id (or output) that holds the value, for errors
   * @throws UnresolvableError
   */
  value(stack: StackTemplate, value: unknown, at: string): unknown;
  /** Whether a named condition holds; true without a name. @throws UnresolvableError */
  holds(stack: StackTemplate, condition: string | undefined): boolean;
}

interface ResolverContext {
  readonly localSiteUrl?: (bucketName: string) => string;
}

type Exports = ReadonlyMap<string, { readonly value: unknown; readonly place: Place }>;

export function createResolver(
  stacks: readonly StackTemplate[],
  { localSiteUrl }: ResolverContext = {},
): Resolver {
  const once = createLoopGuard();
  let exports: Exports | undefined;

  const on: Evaluator = {
    ...createReferences((value, place) => on.evaluate(value, place), localSiteUrl),
    evaluate: (value, place) => evaluate(value, place, on),
    text(value, place) {
      const resolved = on.evaluate(value, place);
      if (typeof resolved === 'string') return resolved;
      if (typeof resolved === 'number' || typeof resolved === 'boolean') return String(resolved);
      return fail(place, `${JSON.stringify(value)} is not text`);
    },
    list(value, place) {
      const resolved = on.evaluate(value, place);
      if (Array.isArray(resolved)) return resolved;
      return fail(place, `${JSON.stringify(value)} is not a list`);
    },
    imported(name, place) {
      exports ??= exportsOf(stacks, on);
      const found = exports.get(name) ?? fail(place, `Fn::ImportValue: no stack exports ${name}`);
      return once(`import ${name}`, place, () => on.evaluate(found.value, found.place));
    },
    output(stackName, outputName, place) {
      const stack = stacks.find(({ name }) => name === stackName);
      const output = stack?.template.Outputs[outputName];
      if (stack === undefined || output === undefined) {
        return fail(place, `Fn::GetStackOutput: there is no output ${stackName}.${outputName}`);
      }
      const at = { stack, at: outputName };
      return once(`output ${stackName}.${outputName}`, place, () => on.evaluate(output.Value, at));
    },
    named(name, place) {
      const { name: stackName, template } = place.stack;
      if (!Object.hasOwn(template.Conditions, name)) {
        return fail(place, `the condition ${name} is not defined`);
      }
      const at = { stack: place.stack, at: name };
      return once(`condition ${stackName}.${name}`, place, () =>
        holds(template.Conditions[name], at, on),
      );
    },
  };

  return {
    value(stack, value, at) {
      const resolved = on.evaluate(value, { stack, at });
      return resolved === NO_VALUE ? undefined : resolved;
    },
    holds: (stack, name) => name === undefined || on.named(name, { stack, at: name }),
  };
}

function evaluate(value: unknown, place: Place, on: Evaluator): unknown {
  if (typeof value === 'string') return withoutDynamicReference(value, place);
  if (Array.isArray(value)) {
    return value.map((item) => on.evaluate(item, place)).filter((item) => item !== NO_VALUE);
  }
  if (!isRecord(value)) return value;
  const expression = expressionOf(value);
  if (expression !== undefined) return callFunction(expression[0], expression[1], place, on);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, on.evaluate(item, place)] as const)
      .filter(([, item]) => item !== NO_VALUE),
  );
}

/** An object of one key that names a function is an expression; anything else is data. */
function expressionOf(value: Record<string, unknown>): readonly [string, unknown] | undefined {
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0) return undefined;
  return entry[0] === 'Ref' || entry[0].startsWith('Fn::') ? entry : undefined;
}

/** A dynamic reference would be read from another service at deployment; as text it would only mislead. */
function withoutDynamicReference(value: string, place: Place): string {
  return value.includes('{{resolve:')
    ? fail(place, `the dynamic reference ${value} has no value on this machine`)
    : value;
}

function exportsOf(stacks: readonly StackTemplate[], on: Evaluator): Exports {
  const found = new Map<string, { value: unknown; place: Place }>();
  for (const stack of stacks) {
    for (const [at, { Export, Value, Condition }] of Object.entries(stack.template.Outputs)) {
      const place = { stack, at };
      if (Export === undefined || (Condition !== undefined && !on.named(Condition, place)))
        continue;
      found.set(on.text(Export.Name, place), { value: Value, place });
    }
  }
  return found;
}

/** Refuses what comes back to itself while it is evaluated. */
function createLoopGuard() {
  const open = new Set<string>();
  return <T>(key: string, place: Place, run: () => T): T => {
    if (open.has(key)) return fail(place, `${key} refers to itself`);
    open.add(key);
    try {
      return run();
    } finally {
      open.delete(key);
    }
  };
}
