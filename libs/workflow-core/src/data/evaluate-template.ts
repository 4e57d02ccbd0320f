/**
 * Evaluates the expressions of one task where it is called. It holds what can be held from inside and without a clock: steps, depth,
 * lists, texts and the size of the result. One step that takes for ever, or all the memory, takes its caller with it: see `evaluator.ts`.
 */
import jsonata, { type Expression } from 'jsonata';
import { placeOf } from '../json-path.js';
import { LIMITS } from '../limits.js';
import { momentOf } from '../moment.js';
import type { MapItem, TaskError } from '../workflow.js';
import { ExpressionError, exceeded, expressionError, failed } from './expression-errors.js';
import { codeOf, isExpression } from './expression-text.js';
import { copyJson, enter, spendKey, type Json, type JsonBudget } from './json-copy.js';

/** The parts of a task's definition that may hold expressions, in the order in which they are evaluated. */
export interface Template {
  readonly when?: string;
  /** Of a wait. */
  readonly until?: string;
  readonly forEach?: unknown;
  /** Once for each item. */
  readonly label?: string;
  readonly input?: unknown;
}

/** What an expression sees, as JSON: the names at its root. */
export interface ExpressionContext {
  readonly workflow: {
    readonly id: string;
    readonly input: unknown;
    readonly tags: readonly string[];
    /** Of a hook: how the tasks ended. */
    readonly status?: string;
    /** Of a hook. */
    readonly failedTasks?: readonly { readonly taskId: string; readonly error?: TaskError }[];
  };
  /** The tasks it depends on, by id. */
  readonly tasks: Readonly<
    Record<
      string,
      { readonly output?: unknown; readonly status: string; readonly error?: TaskError }
    >
  >;
  /** Of a concurrency key: the workflow's own. */
  readonly input?: unknown;
  /** Of an item of a map, and its place. */
  readonly item?: unknown;
  readonly index?: number;
}

/** What the template does not have is absent; all but `when` is absent too when that gave false. */
export type Evaluated =
  | {
      readonly kind: 'values';
      readonly when?: boolean;
      /** ISO 8601 UTC with milliseconds. */
      readonly until?: string;
      readonly items?: readonly MapItem[];
      readonly input?: Json;
    }
  | { readonly kind: 'failed'; readonly error: TaskError };

interface Evaluation {
  readonly context: ExpressionContext;
  /** Told the place of each expression just before it is evaluated. */
  readonly onPlace: (place: string) => void;
  /** Of all its expressions together. */
  steps: number;
  readonly budget: JsonBudget;
  /** One that is evaluated for each item is compiled once. */
  readonly compiled: Map<string, Expression>;
}

/** Never throws for what an expression does. */
export async function evaluateTemplate(
  template: Template,
  context: ExpressionContext,
  onPlace: (place: string) => void = () => undefined,
): Promise<Evaluated> {
  const evaluation = { context, onPlace, steps: 0, budget: { bytes: 0 }, compiled: new Map() };
  try {
    const when =
      template.when === undefined ? undefined : await evaluateWhen(template.when, evaluation);
    if (when === false) return { kind: 'values', when };
    return {
      kind: 'values',
      ...(when !== undefined && { when }),
      ...(template.until !== undefined && {
        until: await evaluateUntil(template.until, evaluation),
      }),
      ...(template.forEach !== undefined && { items: await listItems(template, evaluation) }),
      ...(template.input !== undefined && {
        input: await fill(template.input, 'input', 0, evaluation),
      }),
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

async function evaluateUntil(until: string, evaluation: Evaluation): Promise<string> {
  const given = isExpression(until) ? await evaluate(until, 'until', evaluation) : until;
  const moment = momentOf(given);
  if (moment !== undefined) return moment;
  throw failed(
    'until',
    `must give a moment such as 2030-01-31T12:00:00Z, and gave ${inWords(given, 'until')}`,
  );
}

async function listItems(
  { forEach, label }: Template,
  evaluation: Evaluation,
): Promise<readonly MapItem[]> {
  const list = isExpression(forEach)
    ? await evaluateList(forEach, evaluation)
    : await fill(forEach, 'forEach', 0, evaluation);
  // JSONata gives a filter's only match as itself, and no match as nothing.
  if (!Array.isArray(list))
    throw failed(
      'forEach',
      `must give a list, and gave ${inWords(list)}; brackets around it, [ ... ], make a list of whatever it gives`,
    );
  if (list.length > LIMITS.itemsPerMap)
    throw failed(
      'forEach',
      `gave ${list.length} items, and a map takes at most ${LIMITS.itemsPerMap}`,
    );
  const items: MapItem[] = [];
  for (const [index, item] of list.entries()) {
    const text =
      label && (await labelOf(label, { ...evaluation.context, item, index }, evaluation));
    items.push({ item, ...(text ? { label: text } : {}) });
  }
  return items;
}

/** Nothing is no JSON, and yet has to be told of. */
async function evaluateList(text: string, evaluation: Evaluation): Promise<unknown> {
  const given = await evaluate(text, 'forEach', evaluation);
  return given === undefined ? undefined : copyJson(given, 'forEach', 0, evaluation.budget);
}

/** A label that gives nothing is none. */
async function labelOf(
  label: string,
  context: ExpressionContext,
  evaluation: Evaluation,
): Promise<string | undefined> {
  const given = isExpression(label) ? await evaluate(label, 'label', evaluation, context) : label;
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'object')
    throw failed('label', `must give a text, and gave ${inWords(given)}`);
  return String(given).slice(0, LIMITS.labelLength);
}

/** Enough of a value to recognise it. */
function inWords(value: unknown, place = 'when'): string {
  if (value === undefined) return 'nothing';
  const json = copyJson(value, place, 0, { bytes: 0 });
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

async function evaluate(
  text: string,
  place: string,
  evaluation: Evaluation,
  context: ExpressionContext = evaluation.context,
): Promise<unknown> {
  evaluation.onPlace(place);
  try {
    const key = `${place} ${text}`;
    const expression = evaluation.compiled.get(key) ?? compile(text, place, evaluation);
    evaluation.compiled.set(key, expression);
    return await expression.evaluate(context);
  } catch (error) {
    throw expressionError(place, error);
  }
}

function compile(text: string, place: string, evaluation: Evaluation): Expression {
  const expression = jsonata(codeOf(text) ?? '', {
    stack: LIMITS.expression.depth,
    sequence: LIMITS.expression.items,
  });
  // Its type knows texts only, its code takes symbols: variables no expression can name.
  expression.assign(AFTER_EACH_STEP as unknown as string, stepCheck(place, evaluation));
  return expression;
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
