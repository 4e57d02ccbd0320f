import type { StackTemplate } from './assembly.js';
import { UnresolvableError } from './errors.js';

/** Where an expression stands. */
export interface Place {
  readonly stack: StackTemplate;
  /** The logical id, output or condition that holds it. */
  readonly at: string;
}

/** What an expression may ask of the evaluator that runs it. Every method throws UnresolvableError. */
export interface Evaluator {
  /** Replaces every expression inside a value. */
  evaluate(value: unknown, place: Place): unknown;
  text(value: unknown, place: Place): string;
  list(value: unknown, place: Place): readonly unknown[];
  /** What `Ref` returns for a pseudo parameter, a parameter or a resource. */
  reference(name: string, place: Place): unknown;
  attribute(logicalId: string, attribute: string, place: Place): string;
  /** The value another stack exports under this name. */
  imported(exportName: string, place: Place): unknown;
  output(stackName: string, outputName: string, place: Place): unknown;
  /** Whether a condition of the place's stack holds. */
  named(condition: string, place: Place): boolean;
}

/** What `{ Ref: AWS::NoValue }` evaluates to until the object or list around it leaves it out. */
export const NO_VALUE = Symbol('AWS::NoValue');

export function fail({ stack, at }: Place, reason: string, skippedType = false): never {
  throw new UnresolvableError(`${stack.name}/${at}`, reason, skippedType);
}

/** At least so many arguments of an expression that takes a list. */
export function parts(argument: unknown, count: number, place: Place): readonly unknown[] {
  return Array.isArray(argument) && argument.length >= count
    ? argument
    : fail(place, `an expression needs ${count} arguments, not ${JSON.stringify(argument)}`);
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function splitOnce(name: string): readonly [string, string] {
  const dot = name.indexOf('.');
  return dot === -1 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)];
}
