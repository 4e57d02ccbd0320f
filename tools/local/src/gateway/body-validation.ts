import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { RouteModel } from '../model.js';
import { bareMediaType } from './incoming.js';

/** Checks a body against the schema of its media type. @returns what is wrong, or undefined */
export type BodyCheck = (contentType: string | undefined, body: Buffer) => string | undefined;

type Schema = Readonly<Record<string, unknown>>;

/**
 * API Gateway's models are written in JSON Schema draft 4.
 * A media type without a schema passes unchecked, as it does there.
 * @throws Error where a schema does not compile
 */
export function createBodyCheck({ bodySchemas }: RouteModel): BodyCheck {
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    logger: false,
    validateFormats: false,
    unicodeRegExp: false,
  });
  const checks = new Map(
    Object.entries(bodySchemas ?? {}).map(([type, schema]) => [
      type.toLowerCase(),
      ajv.compile(fromDraft4(schema) as Schema),
    ]),
  );
  return (contentType, body) => {
    const check = checks.get(bareMediaType(contentType ?? 'application/json'));
    return check === undefined ? undefined : problemOf(check, body);
  };
}

function problemOf(check: ValidateFunction, body: Buffer): string | undefined {
  let value: unknown;
  try {
    value = body.length === 0 ? null : JSON.parse(body.toString('utf8'));
  } catch {
    return '[the body is not JSON]';
  }
  return check(value) ? undefined : `[${(check.errors ?? []).map(describe).join(', ')}]`;
}

const describe = ({ instancePath, message, params }: ErrorObject): string => {
  const extra: unknown = params['additionalProperty'];
  const name = typeof extra === 'string' ? ` (${extra})` : '';
  return `${instancePath || 'the body'} ${message ?? 'is not valid'}${name}`;
};

const SCHEMAS_BY_NAME = new Set(['properties', 'patternProperties', 'definitions', 'dependencies']);
const IDENTIFYING = new Set(['$schema', 'id']);
const PLAIN_DATA = new Set(['enum', 'default', 'example', 'examples']);

/** Rewrites what draft 4 says differently: `$schema`, `id`, and bounds that are exclusive by a boolean. */
function fromDraft4(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(fromDraft4);
  if (!isSchema(schema)) return schema;
  const kept = Object.entries(schema).filter(([keyword]) => !IDENTIFYING.has(keyword));
  const rewritten = kept.map(([keyword, value]) => {
    if (PLAIN_DATA.has(keyword)) return [keyword, value];
    if (SCHEMAS_BY_NAME.has(keyword) && isSchema(value)) {
      return [keyword, mapValues(value, fromDraft4)];
    }
    return [keyword, fromDraft4(value)];
  });
  return exclusiveBounds(Object.fromEntries(rewritten));
}

function exclusiveBounds(schema: Schema): Schema {
  const result: Record<string, unknown> = { ...schema };
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof result[flag] !== 'boolean') continue;
    if (result[flag]) {
      result[flag] = result[bound];
      delete result[bound];
    } else {
      delete result[flag];
    }
  }
  return result;
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mapValues = (value: Schema, change: (value: unknown) => unknown): Schema =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));
