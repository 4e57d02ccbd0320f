import { useState, type RefObject } from 'react';
import type { Workflow } from '@orchestra/api-contract';
import { ConfirmDialog } from '../confirm/confirm-dialog.js';
import { NoteField, noteIn } from '../confirm/note-field.js';
import { Preview, RedriveResult } from './preview.js';
import { useRedrivePreview, useRedriveWorkflow } from './redrive-workflow.js';

interface Props {
  workflow: Pick<Workflow, 'workflowId' | 'epoch'>;
  onClose: () => void;
  returnTo: RefObject<HTMLElement | null>;
}

export function RedriveDialog({ workflow, onClose, returnTo }: Props) {
  const redrive = useRedriveWorkflow(workflow.workflowId);
  const preview = useRedrivePreview(workflow, redrive.isIdle || redrive.isError);
  const [note, setNote] = useState('');
  return (
    <ConfirmDialog
      title="Redrive this workflow?"
      verb="Redrive workflow"
      keep="Leave it"
      ready={preview.data !== undefined}
      pending={redrive.isPending}
      error={redrive.error}
      result={redrive.data && <RedriveResult {...redrive.data} />}
      onConfirm={() => redrive.mutate(noteIn(note))}
      onClose={onClose}
      returnTo={returnTo}
    >
      <p>Its failed, skipped and cancelled tasks run again, and what follows from them.</p>
      <Preview preview={preview.data} problem={preview.error ?? preview.failureReason} />
      <NoteField note={note} disabled={redrive.isPending} onEdit={setNote} />
    </ConfirmDialog>
  );
}
