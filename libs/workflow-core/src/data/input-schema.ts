/** A definition's `inputSchema`: whether it is a JSON Schema (2020-12), and whether the input of a workflow meets it. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Issue } from '../errors.js';
import { placeOf } from '../json-path.js';
import { OutOfTimeError, createTimeBox } from './time-box.js';

/** Compiled schemas kept; each takes some ten kilobytes. */
const SCHEMAS_KEPT = 200;
/** A list of a million wrong entries is told by its first. */
const ISSUES_TOLD = 100;
/** Of one schema, and of one input: a pattern or a schema that calls itself can take for ever. */
const CHECK_MS = 1_000;

const SCHEMA = 'inputSchema';

/** Nothing is fetched: a schema refers to itself only. */
function createAjv(onWarning: (text: string) => void): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    // Keywords of others are allowed, as the standard has it.
    strict: false,
    logger: { log: () => undefined, warn: onWarning, error: () => undefined },
  });
  formats.default(ajv);
  return ajv;
}

/** With paths such as `inputSchema.properties.email.format`. */
export function inputSchemaIssues(schema: object): Issue[] {
  const issues: Issue[] = [];
  const ajv = createAjv((text) => issues.push(issueOfWarning(text, schema)));
  try {
    createTimeBox(CHECK_MS)(() => {
      if (!ajv.validateSchema(schema)) issues.push(...issuesOf(ajv.errors, schema, SCHEMA));
      else ajv.compile(asSynchronous(schema));
    });
  } catch (error) {
    issues.push(issueOfCompiling(error, schema));
  }
  return distinct(issues);
}

/** The first of each place: ajv says of what is wrong in several ways, and again of what contains it. */
function distinct(issues: readonly Issue[]): Issue[] {
  const byPlace = new Map(issues.toReversed().map((issue) => [issue.path, issue]));
  return [...byPlace.values()].reverse().slice(0, ISSUES_TOLD);
}

/** ajv's own keyword `$async` would make of every check a promise, which no one awaits. */
const asSynchronous = (schema: object) => ({ ...schema, $async: false });

/** ajv tells only in words, such as: unknown format "x" ignored in schema at path "#/properties/a". */
function issueOfWarning(text: string, schema: object): Issue {
  const [, problem, pointer] = /^(.*?)(?: ignored)? in schema at path "#(.*)"$/.exec(text) ?? [];
  return problem === undefined
    ? { path: SCHEMA, message: text }
    : { path: placeAt(pointer ?? '', schema, SCHEMA), message: `has an ${problem}` };
}

function issueOfCompiling(error: unknown, schema: object): Issue {
  if (error instanceof OutOfTimeError)
    return { path: SCHEMA, message: `takes longer than ${CHECK_MS} ms to be read` };
  if (error instanceof RangeError) return { path: SCHEMA, message: 'is nested too deeply' };
  const { message, missingRef } = error as Error & { readonly missingRef?: string };
  if (message.startsWith('no schema with key or ref'))
    return { path: `${SCHEMA}.$schema`, message: 'must be that of JSON Schema 2020-12, or absent' };
  if (missingRef === undefined) return { path: SCHEMA, message };
  return {
    path: placeOfReference(missingRef, schema),
    message: `refers to "${missingRef}", which is not in this schema`,
  };
}

/** Of the first `$ref` that ends so; ajv tells what is missing, not where it is asked for. */
function placeOfReference(missing: string, schema: object): string {
  const open: [string, unknown][] = [[SCHEMA, schema]];
  for (const [place, value] of open) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, each] of entriesOf(value)) {
      const below = placeOf(place, key);
      if ((key === '$ref' || key === '$dynamicRef') && isReferenceTo(missing, each)) return below;
      open.push([below, each]);
    }
  }
  return SCHEMA;
}

const isReferenceTo = (missing: string, reference: unknown) =>
  typeof reference === 'string' && (missing.endsWith(reference) || reference.endsWith(missing));

/** @param key of the schema: its definition's name and revision, such as `nightly@3`. Issues have paths such as `input.items[2]`. */
export type InputCheck = (key: string, schema: object, input: unknown) => Issue[];

/** Compiles each schema once. */
export function createInputCheck(): InputCheck {
  const ajv = createAjv(() => undefined);
  const within = createTimeBox(CHECK_MS);
  const compiled = new Map<string, ValidateFunction>();

  const compile = (schema: object) => {
    const synchronous = asSynchronous(schema);
    try {
      return ajv.compile(synchronous);
    } finally {
      // It would be kept for ever, and stand in the way of another with the same `$id`.
      ajv.removeSchema(synchronous);
    }
  };
  const validatorOf = (key: string, schema: object): ValidateFunction => {
    const validate = compiled.get(key) ?? within(() => compile(schema));
    compiled.delete(key);
    compiled.set(key, validate);
    for (const oldest of compiled.keys())
      if (compiled.size > SCHEMAS_KEPT) compiled.delete(oldest);
      else break;
    return validate;
  };
  return (key, schema, input) => {
    try {
      const validate = validatorOf(key, schema);
      return within(() => validate(input)) ? [] : issuesOf(validate.errors, input, 'input');
    } catch (error) {
      if (error instanceof OutOfTimeError)
        return [{ path: 'input', message: `takes longer than ${CHECK_MS} ms to be checked` }];
      if (error instanceof RangeError)
        return [{ path: 'input', message: 'is nested too deeply to be checked' }];
      throw error;
    }
  };
}

function issuesOf(
  errors: readonly ErrorObject[] | null | undefined,
  document: unknown,
  root: string,
): Issue[] {
  const issues = (errors ?? []).slice(0, ISSUES_TOLD).map((error) => {
    const { instancePath, params } = error;
    const place = placeAt(instancePath, document, root);
    const named = PROPERTY_OF[error.keyword];
    const property = named && (params as Record<string, string>)[named];
    return {
      path: property === undefined ? place : placeOf(place, property),
      message: messageOf(error),
    };
  });
  return distinct(issues);
}

/** Errors about a property that ajv reports at its object, and the parameter that names it. */
const PROPERTY_OF: Readonly<Record<string, string | undefined>> = {
  required: 'missingProperty',
  dependentRequired: 'missingProperty',
  additionalProperties: 'additionalProperty',
  unevaluatedProperties: 'unevaluatedProperty',
  propertyNames: 'propertyName',
};

function messageOf({ keyword, message, params }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'is missing';
    case 'dependentRequired':
      return `is missing, and needed together with "${params['property']}"`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not a property the schema knows';
    case 'propertyNames':
      return 'has a name the schema does not allow';
    case 'false schema':
      return 'is not allowed here';
    case 'enum':
      return `must be one of ${listOf(params['allowedValues'])}`;
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}`;
    default:
      return message ?? `does not meet "${keyword}"`;
  }
}

function listOf(values: unknown): string {
  const texts = (Array.isArray(values) ? values : []).map((value) => JSON.stringify(value));
  return texts.length > 20 ? `${texts.slice(0, 20).join(', ')}, ...` : texts.join(', ');
}

/** A JSON pointer as our path: only the document tells whether `2` is a name or an index. */
function placeAt(pointer: string, document: unknown, root: string): string {
  let at: unknown = document;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((place, part) => {
      const key = Array.isArray(at) ? Number(part) : part;
      at = (at as Record<string | number, unknown> | null | undefined)?.[key];
      return placeOf(place, key);
    }, root);
}

const entriesOf = (value: object): [string | number, unknown][] =>
  Array.isArray(value) ? [...value.entries()] : Object.entries(value);
