import { Textarea } from '@mantine/core';
import { cancelWorkflowRequestSchema } from '@orchestra/api-contract';
import classes from './confirm-dialog.module.css';

const NOTE_LENGTH = cancelWorkflowRequestSchema.shape.note.unwrap().maxLength;

interface Props {
  note: string;
  disabled: boolean;
  onEdit: (note: string) => void;
}

export function NoteField({ note, disabled, onEdit }: Props) {
  return (
    <Textarea
      label="Note"
      description="Optional; kept in the history for who reads it later."
      value={note}
      disabled={disabled}
      onChange={(event) => onEdit(event.currentTarget.value)}
      rows={2}
      maxLength={NOTE_LENGTH ?? undefined}
      classNames={{ input: classes.note }}
    />
  );
}

/** As the API takes it: no words are no note. */
export const noteIn = (note: string): { note?: string } =>
  note.trim() === '' ? {} : { note: note.trim() };
