/** Values that a JSON Schema of ours allows, as fast-check draws them. Knows the keywords our schemas use, and no other. */
import fc from 'fast-check';

export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Longer lists and texts find nothing more, and cost time. */
const MOST = { items: 4, characters: 40 };

/** @param resolve of a `$ref` */
export function valuesOf(
  schema: JsonSchema,
  resolve: (reference: string) => JsonSchema,
): fc.Arbitrary<unknown> {
  const of = (part: JsonSchema) => valuesOf(part, resolve);
  if (schema.$ref !== undefined) return of(resolve(schema.$ref));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(of));
  switch (schema.type) {
    case 'object':
      return objectsOf(schema, of);
    case 'array':
      return listsOf(schema, of);
    case 'string':
      return textsOf(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 1e6, 1e6) });
    case 'number':
      return fc.double({ min: schema.minimum ?? -5, max: schema.maximum ?? 1e6, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

type Of = (schema: JsonSchema) => fc.Arbitrary<unknown>;

function objectsOf({ properties = {}, required = [], additionalProperties }: JsonSchema, of: Of) {
  const fields = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, of(part)])),
    { requiredKeys: [...required] },
  );
  if (typeof additionalProperties !== 'object') return fields;
  return fc.dictionary(fc.string(), of(additionalProperties), { maxKeys: 3 });
}

function listsOf(
  { items = {}, minItems = 0, maxItems = Infinity, uniqueItems }: JsonSchema,
  of: Of,
) {
  const length = { minLength: minItems, maxLength: Math.min(maxItems, minItems + MOST.items) };
  return uniqueItems ? fc.uniqueArray(of(items), length) : fc.array(of(items), length);
}

function textsOf({ pattern, minLength = 0, maxLength = Infinity }: JsonSchema) {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ minLength, maxLength: Math.min(maxLength, minLength + MOST.characters) });
}
