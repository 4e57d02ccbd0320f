/** The process that expressions are evaluated in: one at a time, for the evaluator that started it, until that goes away. */
import process from 'node:process';
import {
  evaluateTemplate,
  type Evaluated,
  type ExpressionContext,
  type Template,
} from './evaluate-template.js';

/** JSON of `{ template, context }`: the quickest way from one heap to another. */
export type ToProcess = string;

export type FromProcess =
  | { readonly kind: 'ready' }
  /** Where it is now: who kills it has to name the place. */
  | { readonly kind: 'place'; readonly place: string }
  | { readonly kind: 'evaluated'; readonly evaluated: Evaluated };

interface Asked {
  readonly template: Template;
  readonly context: ExpressionContext;
}

/** To be called by a module that does nothing else. */
export function serveExpressions(): void {
  const tell = (message: FromProcess) => process.send?.(message);
  process.on('message', (json: ToProcess) => {
    const { template, context } = JSON.parse(json) as Asked;
    void evaluateTemplate(template, context, (place) => tell({ kind: 'place', place })).then(
      (evaluated) => tell({ kind: 'evaluated', evaluated }),
    );
  });
  // Who stops a whole group of processes means the evaluator; its going is what ends this one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => undefined);
  process.once('disconnect', () => process.exit());
  tell({ kind: 'ready' });
}
