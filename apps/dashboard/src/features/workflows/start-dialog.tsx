import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { StartWorkflowRequest } from '@orchestra/api-contract';
import { useReturnedFocus } from '../focus/use-returned-focus.js';
import {
  parseStartForm,
  startFormErrors,
  type StartForm,
  type StartFormErrors,
} from './start-form.js';
import classes from './start-dialog.module.css';

interface Props {
  /** What the last try came to, if it failed. */
  error: unknown;
  pending: boolean;
  onStart: (request: StartWorkflowRequest) => void;
  /** The form changed, so the last error is about something else. */
  onEdit: () => void;
  onClose: () => void;
}

const EMPTY: StartForm = { workflowId: '', input: '' };

export function StartDialog({ error, pending, onStart, onEdit, onClose }: Props) {
  useReturnedFocus();
  const [form, setForm] = useState(EMPTY);
  const [invalid, setInvalid] = useState<StartFormErrors>({});
  const errors = error ? { ...startFormErrors(error), ...invalid } : invalid;

  const edit = (change: Partial<StartForm>) => {
    setForm({ ...form, ...change });
    setInvalid({});
    onEdit();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const result = parseStartForm(form);
    if (result.kind === 'invalid') return setInvalid(result.errors);
    onStart(result.request);
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title="Start a workflow"
      centered
      size={480}
      classNames={{ title: classes.title }}
    >
      <form className={classes.form} onSubmit={submit} noValidate>
        <TextInput
          label="Workflow id"
          description="Starting the same id with the same input twice starts it once."
          placeholder="Made for you when empty"
          value={form.workflowId}
          error={errors.workflowId}
          onChange={(event) => edit({ workflowId: event.currentTarget.value })}
          spellCheck={false}
          autoComplete="off"
          data-autofocus
          classNames={{ input: classes.input }}
        />
        <Textarea
          label="Input"
          description="JSON that every task receives."
          placeholder='{ "delayMs": 800 }'
          value={form.input}
          error={errors.input}
          onChange={(event) => edit({ input: event.currentTarget.value })}
          rows={7}
          spellCheck={false}
          classNames={{ input: classes.code }}
        />
        {errors.form && (
          <p className={classes.problem} role="alert">
            {errors.form}
          </p>
        )}
        <footer className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={pending}>
            Start
          </Button>
        </footer>
      </form>
    </Modal>
  );
}
