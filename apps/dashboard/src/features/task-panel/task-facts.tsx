import { Fragment, type ReactNode } from 'react';
import type { Task } from '@orchestra/api-contract';
import { REASON_TEXT } from '../status/reason.js';
import { formatDuration } from '../time/format.js';
import { Duration, LocalTime } from '../time/times.js';
import { TaskLink } from './task-link.js';
import classes from './task-panel.module.css';

export function TaskFacts({ task }: { task: Task }) {
  const { status, reason, attempt, dependsOn, readyAt, notBefore, startedAt, endedAt } = task;
  const began = startedAt !== undefined;
  return (
    <dl className={classes.facts}>
      {reason && (
        <Fact name="Reason">
          {REASON_TEXT[reason]} <code className={classes.code}>{reason}</code>
        </Fact>
      )}
      <Fact name="Function">
        <code className={classes.code}>{task.function}</code>
      </Fact>
      <Fact name="Depends on">
        {dependsOn.length === 0 && 'nothing'}
        {dependsOn.map((taskId, index) => (
          <Fragment key={taskId}>
            {index > 0 && ', '}
            <TaskLink taskId={taskId} />
          </Fragment>
        ))}
      </Fact>
      <Fact name="Attempt">{attempt > 0 ? attempt : 'none yet'}</Fact>
      {status === 'READY' && notBefore && (
        <Fact name="Retries at">
          <LocalTime iso={notBefore} />
        </Fact>
      )}
      {readyAt && (
        <Fact name="Ready">
          <LocalTime iso={readyAt} />
        </Fact>
      )}
      {startedAt && (
        <Fact name="Started">
          <LocalTime iso={startedAt} />
          <Waited readyAt={readyAt} startedAt={startedAt} />
        </Fact>
      )}
      {endedAt && (
        <Fact name="Ended">
          <LocalTime iso={endedAt} />
        </Fact>
      )}
      {began && (
        <Fact name="Duration">
          <Duration {...task} />
        </Fact>
      )}
    </dl>
  );
}

/** The queue's part of the time, which no duration shows. */
function Waited({ readyAt, startedAt }: { readyAt: string | undefined; startedAt: string }) {
  if (!readyAt) return null;
  const waited = Date.parse(startedAt) - Date.parse(readyAt);
  return <span className={classes.aside}>after {formatDuration(waited)}</span>;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
