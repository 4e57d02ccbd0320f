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

const STATUS = /^\{% tasks\.(\w+)\.status = '(\w+)' %\}$/;
const OUTPUT = /^\{% tasks\.(\w+)\.output %\}$/;

/** The tasks an expression asks about. */
export const asksAbout = (text: string): readonly string[] => [
  ...(STATUS.exec(text)?.slice(1, 2) ?? []),
  ...(OUTPUT.exec(text)?.slice(1, 2) ?? []),
];

export interface Seen {
  readonly status: string;
  readonly output?: unknown;
}

class BrokenExpression extends Error {
  override readonly name = 'BrokenExpression';
}

/** @throws BrokenExpression */
export function valueOf(text: string, see: (taskId: string) => Seen | undefined): unknown {
  if (text === TRUE || text === FALSE) return text === TRUE;
  const [, asked, status] = STATUS.exec(text) ?? [];
  if (asked !== undefined) return see(asked)?.status === status;
  const [, taken] = OUTPUT.exec(text) ?? [];
  if (taken !== undefined) return see(taken)?.output ?? null;
  throw new BrokenExpression(text);
}

/** A task's input, with what stands in place of its expressions. @throws BrokenExpression */
export function inputOf(input: unknown, see: (taskId: string) => Seen | undefined): unknown {
  if (typeof input === 'string' && input.startsWith('{%')) return valueOf(input, see);
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([key, each]) => [key, inputOf(each, see)]));
}

type Evaluate = WorkerPorts['evaluate'];

export const evaluate: Evaluate = ({ when, input }, { tasks }) => {
  const see = (taskId: string) => tasks[taskId];
  try {
    const holds = when === undefined ? undefined : valueOf(when, see) === true;
    return Promise.resolve({
      kind: 'values',
      ...(holds === undefined ? {} : { when: holds }),
      ...(input === undefined || holds === false
        ? {}
        : { input: inputOf(input, see) as string | null }),
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
