import type { TaskDetail } from '@orchestra/api-contract';
import { formatDuration } from '../time/format.js';
import { LocalTime } from '../time/times.js';
import classes from './attempts.module.css';

type Attempt = TaskDetail['attempts'][number];

interface Props {
  attempts: readonly Attempt[];
  /** Of the workflow, now. */
  epoch: number;
}

/** Newest first; those of an epoch that is over stand under the redrive that ended it. */
export function Attempts({ attempts, epoch }: Props) {
  const epochs = [...new Set(attempts.map((attempt) => attempt.epoch))].sort((a, b) => b - a);
  return epochs.map((one) => (
    <div key={one} className={classes.epoch}>
      {one < epoch && <h4 className={classes.heading}>Before redrive {one}</h4>}
      <ol className={classes.attempts} reversed>
        {attempts
          .filter((attempt) => attempt.epoch === one)
          .toReversed()
          .map((attempt) => (
            <li key={attempt.attempt}>
              <AttemptRow {...attempt} />
            </li>
          ))}
      </ol>
    </div>
  ));
}

function AttemptRow({ attempt, startedAt, endedAt, error, requestId }: Attempt) {
  return (
    <div className={classes.attempt}>
      <span className={classes.number}>#{attempt}</span>
      <span>
        <LocalTime iso={startedAt} />
        {endedAt && (
          <>
            {' – '}
            <LocalTime iso={endedAt} beside={startedAt} />
          </>
        )}
      </span>
      <span className={classes.duration}>
        {endedAt
          ? formatDuration(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)))
          : 'running'}
      </span>
      {error && (
        <span className={classes.error}>
          {error.type}: {error.message}
        </span>
      )}
      {error && error.trace.length > 0 && (
        <details className={classes.trace}>
          <summary>Trace</summary>
          <pre tabIndex={0}>{error.trace.join('\n')}</pre>
        </details>
      )}
      {requestId && (
        <span className={classes.request}>
          request <code>{requestId}</code>
        </span>
      )}
    </div>
  );
}
