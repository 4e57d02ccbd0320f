import { Fragment, type ReactNode } from 'react';
import type { Task, TaskDetail } from '@orchestra/api-contract';
import { HOOK_TEXT, whatItDoes } from '../status/kind.js';
import { REASON_TEXT } from '../status/reason.js';
import { TASK_LOOK } from '../status/status-look.js';
import { formatDuration } from '../time/format.js';
import { Duration, LocalTime } from '../time/times.js';
import { TaskLink } from './task-link.js';
import classes from './task-panel.module.css';

interface Props {
  task: Task;
  /** Of a map, once they are counted. */
  items?: TaskDetail['items'];
}

export function TaskFacts({ task, items }: Props) {
  const { status, reason, attempt, dependsOn, readyAt, notBefore, startedAt, endedAt } = task;
  const began = startedAt !== undefined;
  return (
    <dl className={classes.facts}>
      {reason && (
        <Fact name="Reason">
          {REASON_TEXT[reason]} <code className={classes.code}>{reason}</code>
        </Fact>
      )}
      <Does task={task} />
      {items && <Fact name="Items">{countsText(items)}</Fact>}
      <Fact name="Depends on">
        {dependsOn.length === 0 && (task.hook ? 'the end of all tasks' : 'nothing')}
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
      {task.wakeAt && (
        <Fact name="Waits until">
          <LocalTime iso={task.wakeAt} />
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

/** What it is, beside its id. */
function Does({ task }: { task: Task }) {
  const { map, label, hook, forEach, kind } = task;
  return (
    <>
      {map && (
        <Fact name="Item of">
          <TaskLink taskId={map} />
          {label && <span className={classes.aside}>{label}</span>}
        </Fact>
      )}
      {hook && <Fact name="Hook">{HOOK_TEXT[hook]}</Fact>}
      {kind === 'function' && !forEach ? (
        <Fact name="Function">
          <code className={classes.code}>{task.function}</code>
        </Fact>
      ) : (
        <Fact name="Does">{whatItDoes(task)}</Fact>
      )}
    </>
  );
}

const countsText = ({ byStatus }: NonNullable<TaskDetail['items']>): string =>
  Object.entries(byStatus)
    .map(([status, count]) => `${count} ${TASK_LOOK[status as Task['status']].label.toLowerCase()}`)
    .join(', ');

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
