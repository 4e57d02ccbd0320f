/**
 * Lambda's event patterns: a pattern mirrors the event's shape and holds, at each leaf, the list of rules of which one must
 * match. Rules see leaves only: what is an object in the event does not exist for them, which is why `exists` on a DynamoDB
 * attribute has to name the type below it.
 */
export class EventPatternError extends Error {
  override readonly name = 'EventPatternError';
}

type Matcher = (value: unknown) => boolean;

/** No pattern: everything matches. Several: one of them has to. @throws EventPatternError on an operator Lambda has not */
export function eventFilter(patterns: readonly unknown[]): (event: unknown) => boolean {
  const matchers = patterns.map((pattern) => objectMatcher(pattern));
  return (event) => matchers.length === 0 || matchers.some((matches) => matches(event));
}

function objectMatcher(pattern: unknown): Matcher {
  if (!isObject(pattern)) throw new EventPatternError(`Not a pattern: ${JSON.stringify(pattern)}`);
  const fields = Object.entries(pattern).map(([name, inner]) => fieldMatcher(name, inner));
  return (event) => fields.every((matches) => matches(event));
}

function fieldMatcher(name: string, inner: unknown): Matcher {
  if (name === '$or') return alternatives(inner);
  const matches = Array.isArray(inner) ? leafMatcher(inner) : elementMatcher(objectMatcher(inner));
  return (event) => matches(isObject(event) ? event[name] : undefined);
}

function alternatives(patterns: unknown): Matcher {
  if (!Array.isArray(patterns)) throw new EventPatternError('$or needs a list of patterns');
  const matchers = patterns.map((pattern) => objectMatcher(pattern));
  return (event) => matchers.some((matches) => matches(event));
}

/** A list in the event matches when one of its elements does. */
function elementMatcher(matches: Matcher): Matcher {
  return (value) => (Array.isArray(value) ? value.some(matches) : matches(value));
}

function leafMatcher(rules: readonly unknown[]): Matcher {
  const matchers = rules.map((rule) => ruleMatcher(rule));
  return (value) => {
    const leaves = Array.isArray(value) ? value : [value];
    const visible = leaves.map((leaf) => (isObject(leaf) ? undefined : leaf));
    return matchers.some((matches) => visible.some(matches));
  };
}

function ruleMatcher(rule: unknown): Matcher {
  if (!isObject(rule)) return (value) => value === rule;
  const [entry, ...more] = Object.entries(rule);
  const operator = entry && operators.get(entry[0]);
  if (!entry || !operator || more.length)
    throw new EventPatternError(`Not a rule: ${JSON.stringify(rule)}`);
  return operator(entry[1]);
}

const operators = new Map<string, (operand: unknown) => Matcher>(
  Object.entries({
    prefix: (operand: unknown) => textMatcher(operand, (value, start) => value.startsWith(start)),
    suffix: (operand: unknown) => textMatcher(operand, (value, end) => value.endsWith(end)),
    'equals-ignore-case': (operand: unknown) =>
      textMatcher(operand, (value, other) => value.toLowerCase() === other.toLowerCase()),
    exists: (operand: unknown) => {
      if (typeof operand !== 'boolean') throw new EventPatternError('exists needs true or false');
      return (value) => (value !== undefined) === operand;
    },
    numeric: (operand: unknown) => numericMatcher(operand),
    'anything-but': (operand: unknown) => {
      const refused = (Array.isArray(operand) ? operand : [operand]).flatMap((one) => spread(one));
      const matchers = refused.map((one) => ruleMatcher(one));
      return (value) => value !== undefined && !matchers.some((matches) => matches(value));
    },
  }),
);

/** `{ prefix: ['a', 'b'] }`, allowed inside `anything-but`, stands for one rule each. */
function spread(rule: unknown): readonly unknown[] {
  const [name, operand] = isObject(rule) ? (Object.entries(rule)[0] ?? []) : [];
  if (name === undefined || !Array.isArray(operand) || name === 'numeric') return [rule];
  return operand.map((one: unknown) => ({ [name]: one }));
}

/** `prefix` and `suffix` may themselves hold `{ "equals-ignore-case": text }`. */
function textMatcher(operand: unknown, test: (value: string, operand: string) => boolean): Matcher {
  if (isObject(operand) && typeof operand['equals-ignore-case'] === 'string') {
    const lower = operand['equals-ignore-case'].toLowerCase();
    return (value) => typeof value === 'string' && test(value.toLowerCase(), lower);
  }
  if (typeof operand !== 'string')
    throw new EventPatternError(`Not a text: ${JSON.stringify(operand)}`);
  return (value) => typeof value === 'string' && test(value, operand);
}

const comparisons = new Map(
  Object.entries({
    '=': (value: number, bound: number) => value === bound,
    '<': (value: number, bound: number) => value < bound,
    '<=': (value: number, bound: number) => value <= bound,
    '>': (value: number, bound: number) => value > bound,
    '>=': (value: number, bound: number) => value >= bound,
  }),
);

/** `[">", 0, "<=", 5]`: all have to hold. A DynamoDB number is a text, so it never matches. */
function numericMatcher(operand: unknown): Matcher {
  const terms = Array.isArray(operand) ? (operand as readonly unknown[]) : [];
  if (terms.length < 2 || terms.length % 2) throw new EventPatternError('numeric needs pairs');
  const tests = terms.flatMap((sign, at) => (at % 2 ? [] : [comparison(sign, terms[at + 1])]));
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function comparison(sign: unknown, bound: unknown): (value: number) => boolean {
  const compare = comparisons.get(String(sign));
  if (!compare || typeof bound !== 'number')
    throw new EventPatternError(`Not a comparison: ${JSON.stringify([sign, bound])}`);
  return (value) => compare(value, bound);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
