/**
 * Copies what expressions gave into plain JSON, counting as it goes: a value that shares its parts may be small in memory and
 * beyond every limit once written out.
 */
import { Buffer } from 'node:buffer';
import { LIMITS } from '../limits.js';
import { exceeded, failed } from './expression-errors.js';
import { placeOf } from '../json-path.js';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Of one evaluated input, whole. */
export interface JsonBudget {
  bytes: number;
}

/**
 * @param depth levels above the value.
 * @throws ExpressionError for what is no JSON, or above a limit.
 */
export function copyJson(value: unknown, place: string, depth: number, budget: JsonBudget): Json {
  if (Array.isArray(value)) {
    enter(place, depth, value.length, budget);
    // Not `map`: JSONata's lists carry properties of their own.
    return Array.from({ length: value.length }, (_, index) =>
      copyJson(value[index], placeOf(place, index), depth + 1, budget),
    );
  }
  if (typeof value === 'object' && value !== null && !isFunction(value)) {
    const entries = Object.entries(value);
    enter(place, depth, entries.length, budget);
    return Object.fromEntries(
      entries.map(([key, each]) => [
        spendKey(key, place, budget),
        copyJson(each, placeOf(place, key), depth + 1, budget),
      ]),
    );
  }
  return copyScalar(value, place, budget);
}

/** Counts the brackets and commas of a list or object. */
export function enter(place: string, depth: number, children: number, budget: JsonBudget): void {
  if (depth >= LIMITS.jsonDepth) throw exceeded(place, 'nesting');
  spend(2 + Math.max(0, children - 1), place, budget);
}

/** Counts `"key":`, and gives the key. */
export function spendKey(key: string, place: string, budget: JsonBudget): string {
  if (key === '__proto__') throw failed(place, 'a value cannot be kept under the name "__proto__"');
  spend(bytesOfText(key) + 1, place, budget);
  return key;
}

function copyScalar(value: unknown, place: string, budget: JsonBudget): Json {
  switch (typeof value) {
    case 'string':
      if (value.length > LIMITS.payloadBytes) throw exceeded(place, 'bytes');
      spend(bytesOfText(value), place, budget);
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw failed(place, `gave ${value}, which JSON cannot hold`);
      spend(String(value).length, place, budget);
      return value;
    case 'boolean':
      spend(value ? 4 : 5, place, budget);
      return value;
    case 'undefined':
      throw failed(place, 'gave nothing');
    default:
      if (value !== null) throw failed(place, 'gave a function, which JSON cannot hold');
      spend(4, place, budget);
      return value;
  }
}

function spend(bytes: number, place: string, budget: JsonBudget): void {
  budget.bytes += bytes;
  if (budget.bytes > LIMITS.payloadBytes) throw exceeded(place, 'bytes');
}

const bytesOfText = (text: string) => Buffer.byteLength(JSON.stringify(text));

/** A lambda or built-in is an object of JSONata's. */
function isFunction(value: object): boolean {
  return '_jsonata_lambda' in value || '_jsonata_function' in value;
}
