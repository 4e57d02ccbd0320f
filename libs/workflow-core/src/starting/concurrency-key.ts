/** Which line a workflow stands in, by its definition's `concurrency`. */
import type { Evaluated, ExpressionContext, Template } from '../data/evaluate-template.js';
import type { Definition } from '../definition.js';
import type { Issue } from '../errors.js';
import { LIMITS } from '../limits.js';

export interface KeyAsk {
  readonly workflowId: string;
  readonly input: unknown;
  readonly tags: readonly string[];
}

/** No key: it needs no place. An issue: it cannot be started. */
export type KeyFound = { readonly key?: string } | { readonly issue: Issue };

type Evaluate = (template: Template, context: ExpressionContext) => Promise<Evaluated>;

/** Without an expression for it the key is empty: all stand in one line. */
export async function concurrencyKeyOf(
  evaluate: Evaluate,
  { name, concurrency }: Pick<Definition, 'name' | 'concurrency'>,
  { workflowId, input, tags }: KeyAsk,
): Promise<KeyFound> {
  if (!concurrency) return {};
  const { key } = concurrency;
  if (key === undefined) return { key: '' };
  const workflow = { id: workflowId, input, tags };
  const evaluated = await evaluate({ input: key }, { workflow, tasks: {}, input });
  const refused = (problem: string): KeyFound => ({
    issue: { path: 'input', message: `the concurrency key ${key} of "${name}" ${problem}` },
  });
  if (evaluated.kind === 'failed')
    return refused(`fails: ${evaluated.error.message.replace(/^input: /, '')}`);
  const text = textOf(evaluated.input);
  if (text === undefined)
    return refused(`must give a text or a number, and gave ${JSON.stringify(evaluated.input)}`);
  if (text === '') return refused('must not give an empty text');
  if (text.length > LIMITS.concurrencyKeyLength)
    return refused(
      `must give at most ${LIMITS.concurrencyKeyLength} characters, and gave ${text.length}`,
    );
  return { key: text };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
