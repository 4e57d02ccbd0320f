/** Wired values as the JSON of a definition, in which a text `{% ... %}` is an expression. */
import type { Json } from './definition.js';
import { withoutMarks } from './expression.js';
import { sourceOf, type Source } from './reference.js';

/** @param taken gets the ids of the tasks that the value takes from @throws TypeError for what is no JSON */
export function templateOf(value: unknown, taken: Set<string>, path = 'input'): Json {
  const source = sourceOf(value);
  if (source !== undefined) return marked(source, taken);
  if (typeof value === 'string') return textOf(value);
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return value as Json;
  if (Array.isArray(value))
    return value.map((item, index) => templateOf(item, taken, `${path}[${index}]`));
  if (isPlainObject(value)) return objectOf(value, taken, path);
  throw new TypeError(`${path} is no JSON`);
}

export function marked({ text, tasks }: Source, taken: Set<string>): string {
  for (const task of tasks) taken.add(task);
  return `{% ${text} %}`;
}

function objectOf(value: object, taken: Set<string>, path: string): Json {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => [name, templateOf(field, taken, `${path}.${name}`)]),
  );
}

/** A text that looks like an expression stays the text it is. */
function textOf(text: string): string {
  return withoutMarks(text) === text.trim() ? text : `{% ${JSON.stringify(text)} %}`;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
