/** Reads what an upstream sample task, of whatever language, left in its output's `result`. */
import { isRecord } from '../payload.js';

/** The task was run without the output it computes on. */
export class MissingUpstreamResultError extends Error {
  override readonly name = 'MissingUpstreamResultError';
}

/** @throws MissingUpstreamResultError */
export function upstreamNumber(dependencies: unknown, taskId: string, field: string): number {
  return upstreamField(dependencies, taskId, field, 'a number', isNumber);
}

/** @throws MissingUpstreamResultError */
export function upstreamText(dependencies: unknown, taskId: string, field: string): string {
  return upstreamField(dependencies, taskId, field, 'a text', isText);
}

/** At least one number. @throws MissingUpstreamResultError */
export function upstreamNumbers(
  dependencies: unknown,
  taskId: string,
  field: string,
): readonly number[] {
  return upstreamField(dependencies, taskId, field, 'a list of numbers', areNumbers);
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isText = (value: unknown): value is string => typeof value === 'string';
const areNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every(isNumber);

function upstreamField<Value>(
  dependencies: unknown,
  taskId: string,
  field: string,
  kind: string,
  isKind: (value: unknown) => value is Value,
): Value {
  const output = isRecord(dependencies) ? dependencies[taskId] : undefined;
  const result = isRecord(output) ? output['result'] : undefined;
  const value = isRecord(result) ? result[field] : undefined;
  if (isKind(value)) return value;
  throw new MissingUpstreamResultError(`dependencies.${taskId}.result.${field} must be ${kind}`);
}
