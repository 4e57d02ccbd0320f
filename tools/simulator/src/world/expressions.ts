/**
 * The few expressions that scenarios have, and what each gives. Said here once more, so that what is evaluated needs no
 * clock and nothing of the product's evaluator, which has tests of its own.
 */
import type { WorkerPorts } from './engine.js';

export const TRUE = '{% true %}';
export const FALSE = '{% false %}';
export const BROKEN = "{% $error('broken') %}";
export const asksStatus = (taskId: string, status: string) =>
  `{% tasks.${taskId}.status = '${status}' %}`;
export const outputOf = (taskId: string) => `{% tasks.${taskId}.output %}`;

/** A list that a function gave. */
export const itemsOf = (taskId: string) => `{% tasks.${taskId}.output.items %}`;
/** Of an item of a map: what it is for. */
export const ITEM = '{% item %}';
/** Of a workflow: in which line it waits. */
export const KEY = '{% input.customer %}';
/** What the k-th of so many items is. */
export const itemAt = (index: number) => ({ n: index });

const STATUS = /^\{% tasks\.(\w+)\.status = '(\w+)' %\}$/;
const OUTPUT = /^\{% tasks\.(\w+)\.output %\}$/;
const ITEMS = /^\{% tasks\.(\w+)\.output\.items %\}$/;

/** The tasks an expression asks about. */
export const asksAbout = (text: string): readonly string[] => [
  ...(STATUS.exec(text)?.slice(1, 2) ?? []),
  ...(OUTPUT.exec(text)?.slice(1, 2) ?? []),
  ...(ITEMS.exec(text)?.slice(1, 2) ?? []),
];

export interface Seen {
  readonly status: string;
  readonly output?: unknown;
}

class BrokenExpression extends Error {
  override readonly name = 'BrokenExpression';
}

/** What an expression asks of the world. */
export interface See {
  readonly task: (taskId: string) => Seen | undefined;
  /** Of an item of a map. */
  readonly item?: unknown;
  /** Of the workflow, where a key is asked for. */
  readonly input?: unknown;
}

/** @throws BrokenExpression */
export function valueOf(text: string, { task: see, item, input }: See): unknown {
  if (text === KEY) return (input as { readonly customer?: string } | null)?.customer ?? null;
  if (text === ITEM && item !== undefined) return item;
  if (text === TRUE || text === FALSE) return text === TRUE;
  const [, asked, status] = STATUS.exec(text) ?? [];
  if (asked !== undefined) return see(asked)?.status === status;
  const [, taken] = OUTPUT.exec(text) ?? [];
  if (taken !== undefined) return see(taken)?.output ?? null;
  const [, listed] = ITEMS.exec(text) ?? [];
  const list = listed === undefined ? undefined : (see(listed)?.output as Listed)?.items;
  if (list !== undefined) return list;
  throw new BrokenExpression(text);
}

type Listed = { readonly items?: readonly unknown[] } | null | undefined;

/** A task's input, with what stands in place of its expressions. @throws BrokenExpression */
export function inputOf(input: unknown, see: See): unknown {
  if (typeof input === 'string' && input.startsWith('{%')) return valueOf(input, see);
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([key, each]) => [key, inputOf(each, see)]));
}

/** What a map runs over. @throws BrokenExpression */
export function listOf(forEach: unknown, see: See): readonly unknown[] {
  const list = typeof forEach === 'string' ? valueOf(forEach, see) : forEach;
  if (!Array.isArray(list)) throw new BrokenExpression(String(forEach));
  return list;
}

type Evaluate = WorkerPorts['evaluate'];

export const evaluate: Evaluate = (
  { when, forEach, until, input },
  { tasks, item, input: given },
) => {
  const see: See = { task: (taskId) => tasks[taskId], item, input: given };
  try {
    const holds = when === undefined ? undefined : valueOf(when, see) === true;
    const isOn = holds !== false;
    return Promise.resolve({
      kind: 'values',
      ...(holds === undefined ? {} : { when: holds }),
      ...(forEach === undefined || !isOn
        ? {}
        : { items: listOf(forEach, see).map((each) => ({ item: each })) }),
      ...(until === undefined || !isOn ? {} : { until }),
      ...(input === undefined || !isOn ? {} : { input: inputOf(input, see) as string | null }),
    });
  } catch (error) {
    if (!(error instanceof BrokenExpression)) throw error;
    const { message } = error;
    return Promise.resolve({
      kind: 'failed',
      error: { type: 'ExpressionFailed', message, trace: [] },
    });
  }
};
