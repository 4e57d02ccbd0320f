import { Button, Modal } from '@mantine/core';
import { useEffect, useRef, type FormEvent, type ReactNode, type RefObject } from 'react';
import { useReturnedFocus } from '../focus/use-returned-focus.js';
import { OrderProblem } from './order-problem.js';
import classes from './confirm-dialog.module.css';

interface Props {
  title: string;
  /** What the button does, with its object: "Cancel workflow". */
  verb: string;
  /** What not doing it means: "Keep running". */
  keep: string;
  /** Something is lost by it. */
  destructive?: boolean;
  /** Whether it can be ordered as things stand. */
  ready?: boolean;
  pending: boolean;
  error: Error | null;
  /** What came of it, once something did. */
  result: ReactNode;
  onConfirm: () => void;
  onClose: () => void;
  /** Takes the focus when the button that opened the dialog is gone. */
  returnTo: RefObject<HTMLElement | null>;
  children: ReactNode;
}

/** Asks before an order is sent, and stays to tell what came of it. One order per dialog, however often it is clicked. */
export function ConfirmDialog({ title, pending, result, onClose, returnTo, ...rest }: Props) {
  useReturnedFocus(returnTo);
  const confirm = useOneAtATime(pending, rest.error, rest.onConfirm);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (rest.ready !== false) confirm();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      centered
      size={480}
      closeButtonProps={{ 'aria-label': 'Close the dialog' }}
      classNames={{ title: classes.title }}
    >
      <form className={classes.form} onSubmit={submit} noValidate>
        <div role="status" className={classes.result}>
          {result}
        </div>
        {!result && rest.children}
        {!result && rest.error && <OrderProblem error={rest.error} />}
        {result ? (
          <Done onClose={onClose} />
        ) : (
          <footer className={classes.actions}>
            <Button variant="default" onClick={onClose} data-autofocus>
              {rest.keep}
            </Button>
            <Button
              type="submit"
              color={rest.destructive ? 'red.9' : undefined}
              loading={pending}
              disabled={rest.ready === false}
            >
              {rest.verb}
            </Button>
          </footer>
        )}
      </form>
    </Modal>
  );
}

/** The button that was pressed is gone: the focus goes on to the one that is left. */
function Done({ onClose }: { onClose: () => void }) {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  return (
    <footer className={classes.actions}>
      <Button ref={close} variant="default" onClick={onClose}>
        Close
      </Button>
    </footer>
  );
}

/** Two clicks can come before the first is rendered as pending, and a refusal before that as well. */
function useOneAtATime(pending: boolean, error: Error | null, action: () => void): () => void {
  const sent = useRef(false);
  useEffect(() => {
    if (!pending) sent.current = false;
  }, [pending, error]);
  return () => {
    if (pending || sent.current) return;
    sent.current = true;
    action();
  };
}
