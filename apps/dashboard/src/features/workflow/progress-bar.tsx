import type { CSSProperties } from 'react';
import type { Task } from '@orchestra/api-contract';
import { TASK_LOOK } from '../status/status-look.js';
import { progressOf } from './progress.js';
import classes from './progress-bar.module.css';

/** One segment per status, and the same in words beside it. */
export function ProgressBar({ tasks }: { tasks: readonly Task[] }) {
  const shares = progressOf(tasks);
  return (
    <div className={classes.progress}>
      <div className={classes.bar} aria-hidden>
        {shares.map(({ status, count }) => (
          <span
            key={status}
            data-tone={TASK_LOOK[status].tone}
            data-blank={status === 'PENDING' || undefined}
            style={{ '--share': count } as CSSProperties}
          />
        ))}
      </div>
      <ul className={classes.legend} aria-label="Tasks by status">
        {shares.map(({ status, count }) => (
          <li key={status} data-tone={TASK_LOOK[status].tone}>
            <b>{count}</b> {TASK_LOOK[status].label.toLowerCase()}
          </li>
        ))}
      </ul>
    </div>
  );
}
