import type { TaskError as TaskErrorData } from '@orchestra/api-contract';
import { CopyIcon } from '../copy/copy-icon.js';
import classes from './task-error.module.css';

/** Type, message and trace, as text. */
export function TaskError({ error }: { error: TaskErrorData }) {
  const { type, message, trace } = error;
  const text = [`${type}: ${message}`, ...trace].join('\n');
  return (
    <section className={classes.error} aria-label="Error">
      <header className={classes.header}>
        <h3 className={classes.type}>{type}</h3>
        <CopyIcon value={text} what="the error" />
      </header>
      <p className={classes.message}>{message}</p>
      {trace.length > 0 && (
        <pre className={classes.trace} tabIndex={0} role="region" aria-label="Trace">
          {trace.join('\n')}
        </pre>
      )}
    </section>
  );
}
