import type { Workflow } from '@orchestra/api-contract';
import classes from './remarks.module.css';

type Props = Pick<Workflow, 'epoch' | 'reason' | 'note'>;

/** What else there is to say of a workflow, on one line that is always there; the history has notes at full length. */
export function Remarks({ epoch, reason, note }: Props) {
  return (
    <p className={classes.remarks}>
      {reason === 'TIMEOUT' && (
        <span className={classes.failed}>It reached its deadline before it ended</span>
      )}
      {note && (
        <q className={classes.note} title={note}>
          {note}
        </q>
      )}
      {epoch > 1 && <span className={classes.redriven}>{redrivenTimes(epoch - 1)}</span>}
    </p>
  );
}

const redrivenTimes = (times: number): string =>
  `redriven ${times === 1 ? '1 time' : `${times} times`}`;
