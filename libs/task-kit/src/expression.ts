/** What can be said about references beyond their fields: JSONata, with small helpers for what is said often. */
import { atomOf, referTo, sourceOf, type Ref, type Reference, type Wired } from './reference.js';

/**
 * Any JSONata expression, whose type the author vouches for.
 *
 * ```ts
 * expression<number>`$sum(${fetch.output.sizes}) / 1024`;
 * ```
 * Tasks are taken from the references inside; those a plain text names have to be in `dependsOn`.
 */
export function expression<T>(
  text: string | TemplateStringsArray,
  ...values: readonly Wired<unknown>[]
): Ref<T> {
  const pieces = typeof text === 'string' ? [text] : text.raw;
  return composed(pieces, values, false);
}

/** Whether the two are the same JSON. */
export const equals = <T>(left: Reference<T>, right: Wired<NoInfer<T>>): Ref<boolean> =>
  composed(['', ' = ', ''], [left, right], false);

/** Whether there is such a value: not when a field is missing; null is a value. */
export const exists = (value: Reference<unknown>): Ref<boolean> =>
  composed(['$exists(', ')'], [value], true);

export const not = (condition: Reference<boolean>): Ref<boolean> =>
  composed(['$not(', ')'], [condition], true);

/** The value, or `other` where there is none. Null is a value. */
export const orElse = <T>(
  value: Reference<T>,
  other: Wired<Exclude<NoInfer<T>, undefined>>,
): Ref<Exclude<T, undefined>> => composed(['', ' ?? ', ''], [value, other], false);

function composed<T>(
  pieces: readonly string[],
  values: readonly unknown[],
  isAtom: boolean,
): Ref<T> {
  const tasks = new Set<string>();
  const words = pieces.flatMap((piece, index) =>
    index < values.length ? [piece, jsonata(values[index], tasks)] : [piece],
  );
  const text = withoutMarks(words.join(''));
  if (text === '') throw new TypeError('an expression cannot be empty');
  return referTo({ text, isAtom, tasks });
}

/** As it stands between `{%` and `%}`, or with them. */
export function withoutMarks(text: string): string {
  return /^\s*\{%([^]*)%\}\s*$/.exec(text)?.[1]?.trim() ?? text.trim();
}

/** The value as JSONata, which reads every JSON; tasks it takes from are added to `tasks`. */
function jsonata(value: unknown, tasks: Set<string>): string {
  const source = sourceOf(value);
  if (source !== undefined) {
    for (const task of source.tasks) tasks.add(task);
    return atomOf(source);
  }
  if (Array.isArray(value)) return `[${value.map((item) => jsonata(item, tasks)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => `${JSON.stringify(name)}: ${jsonata(field, tasks)}`);
  return `{${fields.join(', ')}}`;
}
