import type { TaskDetail } from '@orchestra/api-contract';
import { formatDuration } from '../time/format.js';
import { LocalTime } from '../time/times.js';
import classes from './attempts.module.css';

type Attempt = TaskDetail['attempts'][number];

/** Newest first. */
export function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  return (
    <ol className={classes.attempts} reversed>
      {attempts.toReversed().map((attempt) => (
        <li key={attempt.attempt}>
          <AttemptRow {...attempt} />
        </li>
      ))}
    </ol>
  );
}

function AttemptRow({ attempt, startedAt, endedAt, error, requestId }: Attempt) {
  return (
    <div className={classes.attempt}>
      <span className={classes.number}>#{attempt}</span>
      <LocalTime iso={startedAt} />
      <span className={classes.duration}>
        {endedAt ? formatDuration(Date.parse(endedAt) - Date.parse(startedAt)) : 'running'}
      </span>
      {error && (
        <span className={classes.error} title={error.message}>
          {error.type}: {error.message}
        </span>
      )}
      {requestId && (
        <span className={classes.request}>
          request <code>{requestId}</code>
        </span>
      )}
    </div>
  );
}
