import { Radio } from '@mantine/core';
import { useState, type RefObject } from 'react';
import { ConfirmDialog } from '../confirm/confirm-dialog.js';
import { NoteField, noteIn } from '../confirm/note-field.js';
import { Preview, RedriveResult } from './preview.js';
import { useRerunPreview, useRerunTask, type TaskPlace } from './rerun-task.js';
import classes from './rerun-dialog.module.css';

interface Props {
  place: TaskPlace;
  onClose: () => void;
  returnTo: RefObject<HTMLElement | null>;
}

const COLOR = 'var(--mantine-primary-color-filled)';

export function RerunDialog({ place, onClose, returnTo }: Props) {
  const [downstream, setDownstream] = useState(true);
  const [note, setNote] = useState('');
  const rerun = useRerunTask(place);
  const preview = useRerunPreview(place, downstream, rerun.isIdle || rerun.isError);
  const choose = (choice: string) => {
    setDownstream(choice === 'downstream');
    rerun.reset();
  };
  return (
    <ConfirmDialog
      title={`Run ${place.taskId} again?`}
      verb={`Run ${place.taskId} again`}
      keep="Leave it"
      ready={preview.data !== undefined}
      pending={rerun.isPending}
      error={rerun.error}
      result={rerun.data && <RedriveResult {...rerun.data} />}
      onConfirm={() => rerun.mutate({ downstream, ...noteIn(note) })}
      onClose={onClose}
      returnTo={returnTo}
    >
      <Radio.Group
        label="Which tasks"
        value={downstream ? 'downstream' : 'alone'}
        onChange={choose}
        readOnly={rerun.isPending}
      >
        <div className={classes.choices}>
          <Radio color={COLOR} value="downstream" label="This task and everything below it" />
          <Radio color={COLOR} value="alone" label="This task only" />
        </div>
      </Radio.Group>
      <Preview preview={preview.data} problem={preview.error ?? preview.failureReason} />
      <NoteField note={note} disabled={rerun.isPending} onEdit={setNote} />
    </ConfirmDialog>
  );
}
