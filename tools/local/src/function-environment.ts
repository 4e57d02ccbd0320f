import type { FunctionModel } from './model.js';

export class UndeclaredVariableError extends Error {
  override readonly name = 'UndeclaredVariableError';
}

export interface EnvironmentOverrides {
  /** Each must be declared by some function. */
  readonly asked?: Readonly<Record<string, string>>;
  /** Set where they are declared, and else of no matter. */
  readonly suggested?: Readonly<Record<string, string>>;
}

/**
 * Sets variables on the functions whose template declares them, and on no other.
 * @throws UndeclaredVariableError naming what was asked for and no function declares
 */
export function overrideEnvironment(
  functions: readonly FunctionModel[],
  { asked = {}, suggested = {} }: EnvironmentOverrides,
): readonly FunctionModel[] {
  const declared = new Set(functions.flatMap(({ environment }) => Object.keys(environment)));
  const unknown = Object.keys(asked).filter((name) => !declared.has(name));
  if (unknown.length > 0) {
    throw new UndeclaredVariableError(
      `no function declares ${unknown.join(', ')}; declared are ${[...declared].sort().join(', ')}`,
    );
  }
  const overrides = new Map(Object.entries({ ...suggested, ...asked }));
  return functions.map((fn) => ({
    ...fn,
    environment: Object.fromEntries(
      Object.entries(fn.environment).map(([name, value]) => [name, overrides.get(name) ?? value]),
    ),
  }));
}
