import { useState, type RefObject } from 'react';
import { ConfirmDialog } from '../confirm/confirm-dialog.js';
import { NoteField, noteIn } from '../confirm/note-field.js';
import { useCancelWorkflow } from './cancel-workflow.js';

interface Props {
  workflowId: string;
  onClose: () => void;
  returnTo: RefObject<HTMLElement | null>;
}

export function CancelDialog({ workflowId, onClose, returnTo }: Props) {
  const cancel = useCancelWorkflow(workflowId);
  const [note, setNote] = useState('');
  return (
    <ConfirmDialog
      title="Cancel this workflow?"
      verb="Cancel workflow"
      keep="Keep running"
      destructive
      pending={cancel.isPending}
      error={cancel.error}
      result={cancel.isSuccess && <p>It is cancelled: none of its tasks starts any more.</p>}
      onConfirm={() => cancel.mutate(noteIn(note))}
      onClose={onClose}
      returnTo={returnTo}
    >
      <p>
        No task of it starts any more. What a running task still returns is not kept. Its finished
        tasks keep their output, and it can be redriven later.
      </p>
      <NoteField note={note} disabled={cancel.isPending} onEdit={setNote} />
    </ConfirmDialog>
  );
}
