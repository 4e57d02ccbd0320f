/** The fields of a workflow's input that steer the sample tasks; every other field is theirs to ignore. */
import { isRecord } from '../payload.js';

export interface SampleInput {
  /** How long a task takes, in milliseconds: 0 to 840,000. Undefined: 300 to 1,500 at random. */
  readonly delayMs?: number;
  /** Task id -> how many of its first attempts throw. */
  readonly failAttempts: Readonly<Record<string, number>>;
  /** Task id -> bytes that its output is padded with, to see what becomes of large ones. */
  readonly outputBytes: Readonly<Record<string, number>>;
}

const LONGEST_DELAY_MS = 14 * 60 * 1000;

export class InvalidSampleInputError extends Error {
  override readonly name = 'InvalidSampleInputError';
}

/** Anything but an object steers nothing. @throws InvalidSampleInputError */
export function readSampleInput(input: unknown): SampleInput {
  if (!isRecord(input)) return { failAttempts: {}, outputBytes: {} };
  const failAttempts = readCounts(input, 'failAttempts', 'attempts, such as { "B2": 2 }');
  const outputBytes = readCounts(input, 'outputBytes', 'bytes, such as { "B2": 100000 }');
  const delayMs = input['delayMs'];
  if (delayMs === undefined || delayMs === null) return { failAttempts, outputBytes };
  if (typeof delayMs !== 'number' || !(delayMs >= 0 && delayMs <= LONGEST_DELAY_MS))
    throw new InvalidSampleInputError(
      `input.delayMs must be a number of milliseconds from 0 to ${LONGEST_DELAY_MS}`,
    );
  return { delayMs, failAttempts, outputBytes };
}

function readCounts(
  input: Readonly<Record<string, unknown>>,
  field: string,
  what: string,
): Readonly<Record<string, number>> {
  const value = input[field];
  if (value === undefined || value === null) return {};
  const isCount = (n: unknown) => typeof n === 'number' && Number.isInteger(n) && n >= 0;
  if (!isRecord(value) || !Object.values(value).every(isCount))
    throw new InvalidSampleInputError(`input.${field} must map task ids to numbers of ${what}`);
  return value as Record<string, number>;
}

/** What such a map says of a task. */
export const countOf = (counts: Readonly<Record<string, number>>, taskId: string): number =>
  Object.hasOwn(counts, taskId) ? (counts[taskId] ?? 0) : 0;
