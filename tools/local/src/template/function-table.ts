import { isDeepStrictEqual } from 'node:util';
import { fail, isRecord, parts, splitOnce, type Evaluator, type Place } from './evaluation.js';

type IntrinsicFunction = (argument: unknown, place: Place, on: Evaluator) => unknown;

/** CloudFormation's functions. A long table, on purpose in one place. */
const FUNCTIONS: Readonly<Record<string, IntrinsicFunction>> = {
  Ref: (argument, place, on) => on.reference(String(argument), place),
  'Fn::GetAtt': (argument, place, on) => {
    const [logicalId, attribute] =
      typeof argument === 'string' ? splitOnce(argument) : parts(argument, 2, place);
    return on.attribute(String(logicalId), on.text(attribute, place), place);
  },
  'Fn::Join': (argument, place, on) => {
    const [separator, items] = parts(argument, 2, place);
    const texts = on.list(items, place).map((item) => on.text(item, place));
    return texts.join(on.text(separator, place));
  },
  'Fn::Sub': substitute,
  'Fn::Select': (argument, place, on) => {
    const [index, items] = parts(argument, 2, place);
    const position = Number(on.text(index, place));
    const found = on.list(items, place)[position];
    return found ?? fail(place, `Fn::Select: the list has no item ${position}`);
  },
  'Fn::Split': (argument, place, on) => {
    const [separator, source] = parts(argument, 2, place);
    return on.text(source, place).split(on.text(separator, place));
  },
  'Fn::ImportValue': (argument, place, on) => on.imported(on.text(argument, place), place),
  'Fn::GetStackOutput': (argument, place, on) => {
    const { StackName, OutputName } = isRecord(argument) ? argument : {};
    return on.output(on.text(StackName, place), on.text(OutputName, place), place);
  },
  'Fn::If': (argument, place, on) => {
    const [condition, whenTrue, whenFalse] = parts(argument, 3, place);
    return on.evaluate(on.named(String(condition), place) ? whenTrue : whenFalse, place);
  },
  'Fn::FindInMap': findInMap,
  'Fn::Base64': (argument, place, on) => Buffer.from(on.text(argument, place)).toString('base64'),
  'Fn::GetAZs': (argument, place, on) => {
    const region = on.text(argument, place) || place.stack.region;
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  },
  'Fn::ToJsonString': (argument, place, on) => JSON.stringify(on.evaluate(argument, place)),
  'Fn::Length': (argument, place, on) => on.list(argument, place).length,
  'Fn::Equals': (argument, place, on) => holds({ 'Fn::Equals': argument }, place, on),
  'Fn::And': (argument, place, on) => holds({ 'Fn::And': argument }, place, on),
  'Fn::Or': (argument, place, on) => holds({ 'Fn::Or': argument }, place, on),
  'Fn::Not': (argument, place, on) => holds({ 'Fn::Not': argument }, place, on),
};

/** @throws UnresolvableError for a function this runtime does not know, or what the function itself refuses */
export function callFunction(name: string, argument: unknown, place: Place, on: Evaluator) {
  const run = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  return run === undefined
    ? fail(place, `${name} is not a function this runtime knows`)
    : run(argument, place, on);
}

/** Whether a condition's expression holds. @throws UnresolvableError */
export function holds(value: unknown, place: Place, on: Evaluator): boolean {
  const [name, argument] = (isRecord(value) ? Object.entries(value)[0] : undefined) ?? [];
  const all = () => parts(argument, 1, place);
  if (name === 'Condition') return on.named(String(argument), place);
  if (name === 'Fn::And') return all().every((item) => holds(item, place, on));
  if (name === 'Fn::Or') return all().some((item) => holds(item, place, on));
  if (name === 'Fn::Not') return !holds(all()[0], place, on);
  if (name === 'Fn::Equals') {
    const [left, right] = parts(argument, 2, place).map((item) => on.evaluate(item, place));
    return isDeepStrictEqual(comparable(left), comparable(right));
  }
  return fail(place, `${JSON.stringify(value)} is not a condition this runtime knows`);
}

/** CloudFormation compares text: 1 equals "1". */
const comparable = (value: unknown): unknown =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;

/** `${Name}`, `${Resource.Attribute}`, `${!Literal}`, and the names of the form with a map. */
function substitute(argument: unknown, place: Place, on: Evaluator): string {
  const [pattern, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const own: Record<string, unknown> = isRecord(variables) ? variables : {};
  return String(pattern).replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, inner: string) => {
    if (literal === '!') return `\${${inner}}`;
    const name = inner.trim();
    if (Object.hasOwn(own, name)) return on.text(own[name], place);
    const [logicalId, attribute] = splitOnce(name);
    return attribute === ''
      ? on.text({ Ref: name }, place)
      : on.attribute(logicalId, attribute, place);
  });
}

function findInMap(argument: unknown, place: Place, on: Evaluator): unknown {
  const keys = parts(argument, 3, place);
  const [map = '', first = '', second = ''] = keys.slice(0, 3).map((key) => on.text(key, place));
  const found = place.stack.template.Mappings[map]?.[first]?.[second];
  if (found !== undefined) return on.evaluate(found, place);
  const fallback = keys[3];
  return isRecord(fallback) && 'DefaultValue' in fallback
    ? on.evaluate(fallback['DefaultValue'], place)
    : fail(place, `Fn::FindInMap: ${map}.${first}.${second} is in no mapping`);
}
