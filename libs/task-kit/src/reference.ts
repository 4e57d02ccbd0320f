/**
 * Values that are there only once a workflow runs, as they are wired: each stands for a JSONata expression, and knows
 * its type and the tasks it takes from.
 */

declare const TYPE: unique symbol;

/** A value of this type, once the workflow runs. Only the type system sees the field. */
export interface Reference<out T> {
  readonly [TYPE]: T;
}

/** A reference whose fields and elements are references in turn. */
export type Ref<T> = Reference<T> & Members<NonNullable<T>, Gap<T>>;

/** What lies below something that may be missing may be missing too. */
type Gap<T> = [T] extends [NonNullable<T>] ? never : undefined;

type Members<T, Missing> = T extends readonly (infer Element)[]
  ? { readonly [index: number]: Ref<Element | Missing> }
  : T extends object
    ? { readonly [Name in keyof T]-?: Ref<T[Name] | Missing> }
    : unknown;

/** Where a `T` is asked for: a literal, a reference, or a literal with references inside. */
export type Wired<T> = Reference<Present<T>> | Literal<T>;

/** An expression that gives nothing fails its task, so what may be missing needs `orElse`. */
type Present<T> = unknown extends T ? T : Exclude<T, undefined>;

type Literal<T> = unknown extends T
  ? Anything
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly unknown[]
      ? { readonly [Index in keyof T]: Wired<T[Index]> }
      : T extends object
        ? { readonly [Name in keyof T]: Wired<T[Name]> } & { readonly [TYPE]?: never }
        : never;

type Anything =
  | Reference<unknown>
  | string
  | number
  | boolean
  | null
  | readonly Anything[]
  | { readonly [name: string]: Anything | undefined };

/** What a reference stands for. */
export interface Source {
  /** JSONata, without `{%` and `%}`. */
  readonly text: string;
  /** Whether more can be written around it as it is: a path, or a call. */
  readonly isAtom: boolean;
  /** Ids of the tasks it takes from. */
  readonly tasks: ReadonlySet<string>;
}

const sources = new WeakMap<object, Source>();

/** Undefined for everything that is no reference. */
export function sourceOf(value: unknown): Source | undefined {
  return typeof value === 'object' && value !== null ? sources.get(value) : undefined;
}

export const atomOf = ({ text, isAtom }: Source): string => (isAtom ? text : `(${text})`);

export function referTo<T>(source: Source): Ref<T> {
  const reference = new Proxy(Object.freeze({}), {
    get: (_, name) =>
      typeof name === 'symbol'
        ? symbolOf(name, source)
        : referTo({ ...source, isAtom: true, text: memberOf(atomOf(source), name) }),
    ownKeys: () => {
      throw new TypeError(`${source.text} has no fields before the workflow runs: pass it whole`);
    },
  });
  sources.set(reference, source);
  return reference as Ref<T>;
}

function symbolOf(name: symbol, { text }: Source): unknown {
  if (name !== Symbol.toPrimitive) return undefined;
  return () => {
    throw new TypeError(`${text} has no value before the workflow runs: use expression\`...\``);
  };
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Words JSONata reads as something else where a name may stand. */
const RESERVED = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

/** A name that is a whole number is taken for the place in a list. */
export function memberOf(text: string, name: string): string {
  if (/^\d+$/.test(name)) return `${text}[${name}]`;
  if (PLAIN_NAME.test(name) && !RESERVED.has(name)) return `${text}.${name}`;
  // Between backticks JSONata knows no way to write one.
  if (name === '' || name.includes('`')) return `$lookup(${text}, ${JSON.stringify(name)})`;
  return `${text}.\`${name}\``;
}

/** For ids of tasks, which may begin with a digit. */
export function taskPath(taskId: string): string {
  return PLAIN_NAME.test(taskId) && !RESERVED.has(taskId)
    ? `tasks.${taskId}`
    : `tasks.\`${taskId}\``;
}
