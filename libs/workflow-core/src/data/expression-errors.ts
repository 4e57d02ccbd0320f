/** How an expression fails, as the error of its task. */
import { LIMITS } from '../limits.js';
import type { TaskError } from '../workflow.js';

export type ExpressionErrorType = 'ExpressionFailed' | 'ExpressionLimitExceeded';

/** Inside this folder only: whoever evaluates gets a `TaskError`. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  constructor(
    readonly type: ExpressionErrorType,
    readonly place: string,
    readonly problem: string,
  ) {
    super(`${place}: ${problem}`);
  }

  get taskError(): TaskError {
    const message = this.message.slice(0, LIMITS.errorMessageLength);
    return { type: this.type, message, trace: [] };
  }
}

export const failed = (place: string, problem: string) =>
  new ExpressionError('ExpressionFailed', place, problem);

export const exceeded = (place: string, limit: ExpressionLimit) =>
  new ExpressionError('ExpressionLimitExceeded', place, PROBLEMS[limit]);

const { expression } = LIMITS;
const PROBLEMS = {
  time: `takes longer than the limit of ${expression.milliseconds} milliseconds`,
  steps: `takes more than the limit of ${expression.steps} steps`,
  depth: `nests deeper than the limit of ${expression.depth} evaluations; does it call itself without end?`,
  items: `makes a list of more than the limit of ${expression.items} items`,
  text: `makes a text of more than the limit of ${LIMITS.payloadBytes} characters`,
  memory: `needs more memory than the limit of ${expression.memoryMb} MB`,
  bytes: `makes the input larger than the limit of ${LIMITS.payloadBytes} bytes of JSON`,
  nesting: `is nested deeper than the limit of ${LIMITS.jsonDepth} levels`,
} as const;
export type ExpressionLimit = keyof typeof PROBLEMS;

interface JsonataError {
  readonly code?: string;
  readonly message?: string;
  readonly position?: number;
  /** What `$eval` met. */
  readonly error?: unknown;
}

/** JSONata's codes for the bounds it was given. */
const LIMIT_CODES: Readonly<Record<string, ExpressionLimit>> = {
  D1011: 'depth',
  D2014: 'items',
  D2015: 'items',
};

/** What was thrown while the expression at `place` was evaluated; JSONata throws plain objects as well as errors. */
export function expressionError(place: string, thrown: unknown): ExpressionError {
  if (thrown instanceof ExpressionError) return thrown;
  if (thrown instanceof RangeError) return exceeded(place, limitOfRangeError(thrown));
  const error = thrown as JsonataError;
  if (error.error !== undefined && isAboutLimit(error.error))
    return expressionError(place, error.error);
  const limit = LIMIT_CODES[error.code ?? ''];
  return limit ? exceeded(place, limit) : failed(place, problemOf(error));
}

/** JSONata's own words, and where in the code between the delimiters. */
export function problemOf({ message, code, position }: JsonataError): string {
  const words = message || code || 'fails without a message';
  return position === undefined ? words : `${words} (at position ${position})`;
}

function isAboutLimit(thrown: unknown): boolean {
  return expressionError('', thrown).type === 'ExpressionLimitExceeded';
}

function limitOfRangeError({ message }: RangeError): ExpressionLimit {
  if (message.includes('call stack')) return 'depth';
  return message.includes('array length') ? 'items' : 'text';
}
