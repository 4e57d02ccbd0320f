/** Reads the code of expressions: does it parse, and which tasks does it name? */
import jsonata, { type ExprNode } from 'jsonata';
import { problemOf } from './expression-errors.js';

export type Parsed =
  | { readonly kind: 'parsed'; readonly tasks: ReadonlySet<string> }
  | { readonly kind: 'broken'; readonly problem: string };

/** JSONata builds its grammar anew for each text, which takes longer than to read a usual one: texts are read many at a time. */
const CODES_AT_ONCE = 100;

/** Each distinct code once. */
export function parseExpressions(codes: Iterable<string>): ReadonlyMap<string, Parsed> {
  const distinct = [...new Set(codes)];
  const parsed = new Map<string, Parsed>();
  for (let start = 0; start < distinct.length; start += CODES_AT_ONCE) {
    const some = distinct.slice(start, start + CODES_AT_ONCE);
    const together = some.length > 1 ? parseTogether(some) : undefined;
    some.forEach((code, index) => parsed.set(code, together?.[index] ?? parseOne(code)));
  }
  return parsed;
}

function parseOne(code: string): Parsed {
  try {
    return asParsed(jsonata(code).ast());
  } catch (error) {
    return { kind: 'broken', problem: problemOfParsing(error) };
  }
}

function problemOfParsing(error: unknown): string {
  return error instanceof RangeError
    ? 'is nested too deeply to be read'
    : problemOf(error as Error);
}

/**
 * As `[(first),(second)]`. The result counts only when each code stands in the list where it was put: then none of them can have closed
 * its bracket, or opened a text or comment that swallows its neighbour. Undefined when one is broken.
 */
function parseTogether(codes: readonly string[]): Parsed[] | undefined {
  // A bracket makes both of these whole which are not by themselves.
  if (codes.some((code) => code.includes(';') || code.trim() === '')) return undefined;
  try {
    const { expressions = [] } = jsonata(`[${codes.map((code) => `(${code})`).join()}]`).ast();
    const offsets = offsetsIn(codes);
    const inPlace = expressions.every(
      ({ type, position }, index) => type === 'block' && position === offsets[index],
    );
    return inPlace && expressions.length === codes.length ? expressions.map(asParsed) : undefined;
  } catch {
    return undefined;
  }
}

/** JSONata's position of a bracket is behind it. */
function offsetsIn(codes: readonly string[]): number[] {
  let next = 2;
  return codes.map((code) => {
    const offset = next;
    next += code.length + 3;
    return offset;
  });
}

function asParsed(node: ExprNode): Parsed {
  const tasks = new Set<string>();
  collectTasks(node as Node, true, tasks);
  return { kind: 'parsed', tasks };
}

/** JSONata's type of its syntax tree knows only a part of it. */
interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly steps?: readonly Node[];
  readonly procedure?: Node;
  readonly arguments?: readonly Node[];
}

/** Where a node keeps those below it; behind `INSIDE` names are looked up in something else than the context's root. */
const CHILDREN = [
  ...['arguments', 'body', 'condition', 'else', 'expression', 'expressions', 'lhs', 'pattern'],
  ...['procedure', 'rhs', 'then'],
] as const;
const INSIDE = ['delete', 'expr', 'group', 'predicate', 'stages', 'terms', 'update'] as const;

/** @param atRoot whether a plain name means one of `workflow`, `tasks` and `item`. */
function collectTasks(node: unknown, atRoot: boolean, found: Set<string>): void {
  if (Array.isArray(node)) for (const each of node) collectTasks(each, atRoot, found);
  else if (typeof node === 'object' && node !== null) {
    const { steps = [], ...rest } = node as Node;
    const named = taskOfPath(steps, atRoot) ?? taskOfLookup(node as Node, atRoot);
    if (named !== undefined) found.add(named);
    steps.forEach((step, index) => collectTasks(step, atRoot && index === 0, found));
    const below = rest as Readonly<Record<string, unknown>>;
    for (const key of CHILDREN) collectTasks(below[key], atRoot, found);
    for (const key of INSIDE) collectTasks(below[key], false, found);
  }
}

/** `tasks.A`, `$.tasks.A` at the root, `$$.tasks.A` anywhere. */
function taskOfPath(steps: readonly Node[], atRoot: boolean): string | undefined {
  const [first] = steps;
  const names = first?.type === 'variable' ? steps.slice(1) : steps;
  const fromRoot = first?.type === 'variable' ? isRoot(first, atRoot) : atRoot;
  const [tasks, task] = names;
  return fromRoot && isNamed(tasks, 'tasks') && task?.type === 'name'
    ? String(task.value)
    : undefined;
}

/** `$lookup(tasks, "A")`. */
function taskOfLookup(node: Node, atRoot: boolean): string | undefined {
  const [from, key] = node.arguments ?? [];
  if (node.type !== 'function' || node.procedure?.value !== 'lookup') return undefined;
  return key?.type === 'string'
    ? taskOfPath([...(from?.steps ?? []), { type: 'name', value: key.value }], atRoot)
    : undefined;
}

/** JSONata writes `$` as '' and `$$` as '$'. */
const isRoot = ({ value }: Node, atRoot: boolean) => value === '$' || (value === '' && atRoot);
const isNamed = (node: Node | undefined, name: string) =>
  node?.type === 'name' && node.value === name;
