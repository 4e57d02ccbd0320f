import { memo } from 'react';
import type { HistoryEvent } from '@orchestra/api-contract';
import { REASON_TEXT } from '../status/reason.js';
import { TaskLink } from '../task-panel/task-link.js';
import { LocalTime } from '../time/times.js';
import { EVENT_LOOK, selectionText, waitText } from './event-look.js';
import classes from './history.module.css';

/** Memoised: an answer keeps the identity of the events that were there before. */
export const EventRow = memo(function EventRow({ event }: { event: HistoryEvent }) {
  const { type, at, taskId, attempt, actor } = event;
  const { words, icon: Glyph, tone } = EVENT_LOOK[type];
  return (
    <li className={classes.event} data-tone={tone} data-of={taskId ? 'task' : 'workflow'}>
      <span className={classes.time}>
        <LocalTime iso={at} />
      </span>
      <Glyph className={classes.glyph} size={15} aria-hidden />
      <div className={classes.what}>
        <span className={classes.words}>
          {taskId && (
            <>
              <TaskLink taskId={taskId} />{' '}
            </>
          )}
          {words}
        </span>
        <Details event={event} />
      </div>
      <span className={classes.attempt}>
        {attempt !== undefined && attempt > 0 && `attempt ${attempt}`}
      </span>
      <span className={classes.actor}>
        <span className={classes.unseen}>by </span>
        {actor}
      </span>
    </li>
  );
});

function Details({ event }: { event: HistoryEvent }) {
  const { error, reason, who, note, selection, waitsFor, count } = event;
  return (
    <>
      {error && (
        <span className={classes.error}>
          {error.type}: {error.message}
        </span>
      )}
      {reason && <span className={classes.detail}>{REASON_TEXT[reason]}</span>}
      {selection && <span className={classes.detail}>{selectionText(selection)}</span>}
      {waitsFor && (
        <span className={classes.detail}>
          {waitText(waitsFor)} {waitsFor.until && <LocalTime iso={waitsFor.until} />}
        </span>
      )}
      {count !== undefined && <span className={classes.detail}>{count} times</span>}
      {who && <span className={classes.detail}>{who}</span>}
      {note && <q className={classes.note}>{note}</q>}
    </>
  );
}
