/**
 * Evaluates the expressions of one task where it is called. It holds what can be held from inside and without a clock: steps, depth,
 * lists, texts and the size of the result. One step that takes for ever, or all the memory, takes its caller with it: see `evaluator.ts`.
 */
import jsonata from 'jsonata';
import { placeOf } from '../json-path.js';
import { LIMITS } from '../limits.js';
import type { TaskError } from '../workflow.js';
import { ExpressionError, exceeded, expressionError, failed } from './expression-errors.js';
import { codeOf, isExpression } from './expression-text.js';
import { copyJson, enter, spendKey, type Json, type JsonBudget } from './json-copy.js';

/** The two parts of a task's definition that may hold expressions. */
export interface Template {
  readonly when?: string;
  readonly input?: unknown;
}

/** What an expression sees, as JSON: the names at its root. */
export interface ExpressionContext {
  readonly workflow: {
    readonly id: string;
    readonly input: unknown;
    readonly tags: readonly string[];
  };
  /** The tasks it depends on, by id. */
  readonly tasks: Readonly<
    Record<
      string,
      { readonly output?: unknown; readonly status: string; readonly error?: TaskError }
    >
  >;
  readonly item?: unknown;
}

/** `input` is absent when the task has none, or when its `when` gave false. */
export type Evaluated =
  | { readonly kind: 'values'; readonly when?: boolean; readonly input?: Json }
  | { readonly kind: 'failed'; readonly error: TaskError };

interface Evaluation {
  readonly context: ExpressionContext;
  /** Told the place of each expression just before it is evaluated. */
  readonly onPlace: (place: string) => void;
  /** Of all its expressions together. */
  steps: number;
  readonly budget: JsonBudget;
}

/** Never throws for what an expression does. */
export async function evaluateTemplate(
  template: Template,
  context: ExpressionContext,
  onPlace: (place: string) => void = () => undefined,
): Promise<Evaluated> {
  const evaluation = { context, onPlace, steps: 0, budget: { bytes: 0 } };
  try {
    const when =
      template.when === undefined ? undefined : await evaluateWhen(template.when, evaluation);
    const wanted = template.input !== undefined && when !== false;
    return {
      kind: 'values',
      ...(when !== undefined && { when }),
      ...(wanted && { input: await fill(template.input, 'input', 0, evaluation) }),
    };
  } catch (error) {
    if (error instanceof ExpressionError) return { kind: 'failed', error: error.taskError };
    throw error;
  }
}

async function evaluateWhen(when: string, evaluation: Evaluation): Promise<boolean> {
  const given = isExpression(when) ? await evaluate(when, 'when', evaluation) : when;
  if (typeof given !== 'boolean')
    throw failed('when', `must give true or false, and gave ${inWords(given)}`);
  return given;
}

/** Enough of a value to recognise it. */
function inWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  const json = copyJson(value, 'when', 0, { bytes: 0 });
  const text = JSON.stringify(json);
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

/** The literal with the value of each expression in its place. */
async function fill(
  value: unknown,
  place: string,
  depth: number,
  evaluation: Evaluation,
): Promise<Json> {
  const { budget } = evaluation;
  if (Array.isArray(value)) {
    enter(place, depth, value.length, budget);
    const list: Json[] = [];
    for (const [index, each] of value.entries())
      list.push(await fill(each, placeOf(place, index), depth + 1, evaluation));
    return list;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    enter(place, depth, entries.length, budget);
    const filled: [string, Json][] = [];
    for (const [key, each] of entries)
      filled.push([
        spendKey(key, place, budget),
        await fill(each, placeOf(place, key), depth + 1, evaluation),
      ]);
    return Object.fromEntries(filled);
  }
  const given = isExpression(value) ? await evaluate(value, place, evaluation) : value;
  return copyJson(given, place, depth, budget);
}

async function evaluate(text: string, place: string, evaluation: Evaluation): Promise<unknown> {
  evaluation.onPlace(place);
  try {
    const expression = jsonata(codeOf(text) ?? '', {
      stack: LIMITS.expression.depth,
      sequence: LIMITS.expression.items,
    });
    // Its type knows texts only, its code takes symbols: variables no expression can name.
    expression.assign(AFTER_EACH_STEP as unknown as string, stepCheck(place, evaluation));
    return await expression.evaluate(evaluation.context);
  } catch (error) {
    throw expressionError(place, error);
  }
}

const AFTER_EACH_STEP = Symbol.for('jsonata.__evaluate_exit');

function stepCheck(place: string, evaluation: Evaluation) {
  return (_node: unknown, _input: unknown, _environment: unknown, result: unknown) => {
    evaluation.steps += 1;
    if (evaluation.steps > LIMITS.expression.steps) throw exceeded(place, 'steps');
    // Long texts are cheap until something reads them.
    if (typeof result === 'string' && result.length > LIMITS.payloadBytes)
      throw exceeded(place, 'text');
  };
}
