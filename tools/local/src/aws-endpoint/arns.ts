/**
 * The engine lives in a region of its own and knows tables by name only; callers see the ARNs of the template. Only fields
 * that hold an ARN by the API's contract are touched, never what a user stores.
 */
import type { TableModel } from '../model.js';
import type { JsonObject } from './capacity.js';

const ENGINE_ARN = /arn:aws:dynamodb:[a-z0-9-]*:\d*:table\/([A-Za-z0-9_.-]+)/g;
const TABLE_ARN = /^arn:aws[a-z-]*:dynamodb:[^:]*:[^:]*:table\/([A-Za-z0-9_.-]+)$/;

export class TableArns {
  readonly #arns: ReadonlyMap<string, string>;
  /** `arn:aws:dynamodb:dynoxide:000000000000:table/`, once an answer showed it. */
  #enginePrefix: string | undefined;

  constructor(tables: readonly TableModel[]) {
    this.#arns = new Map(tables.map(({ name, arn }) => [name, arn]));
  }

  /** An answer that tells of tables or streams, with the template's ARNs. */
  toCaller(body: string): string {
    return body.replace(ENGINE_ARN, (engineArn, name: string) => {
      this.#enginePrefix = engineArn.slice(0, -name.length);
      return this.#arns.get(name) ?? engineArn;
    });
  }

  /** A request with names where the engine wants names, and the engine's own stream ARNs. */
  toEngine(request: JsonObject): JsonObject {
    const changed = { ...request };
    for (const [field, value] of Object.entries(request))
      changed[field] = this.#field(field, value);
    return changed;
  }

  #field(field: string, value: unknown): unknown {
    if (typeof value === 'string') return this.#text(field, value);
    if (field === 'RequestItems' && isObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([name, rest]) => [nameOf(name), rest]));
    }
    if (field === 'TransactItems' && Array.isArray(value)) {
      return value.map((item: unknown) => (isObject(item) ? this.#actions(item) : item));
    }
    return value;
  }

  /** `{ Put: { TableName, ... } }` */
  #actions(item: JsonObject): JsonObject {
    const actions = Object.entries(item).map(([verb, action]) => {
      const table = isObject(action) ? action['TableName'] : undefined;
      if (!isObject(action) || typeof table !== 'string') return [verb, action] as const;
      return [verb, { ...action, TableName: nameOf(table) }] as const;
    });
    return Object.fromEntries(actions);
  }

  #text(field: string, value: string): string {
    if (field === 'TableName') return nameOf(value);
    if (!field.endsWith('Arn') || this.#enginePrefix === undefined) return value;
    const prefix = this.#enginePrefix;
    return value.replace(ENGINE_ARN, (_, name: string) => `${prefix}${name}`);
  }
}

function nameOf(nameOrArn: string): string {
  return TABLE_ARN.exec(nameOrArn)?.[1] ?? nameOrArn;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
