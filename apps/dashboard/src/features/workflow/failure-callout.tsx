import { IconArrowRight } from '@tabler/icons-react';
import type { Task } from '@orchestra/api-contract';
import { REASON_TEXT } from '../status/reason.js';
import classes from './failure-callout.module.css';

interface Props {
  task: Task;
  onOpen: (taskId: string) => void;
}

/** Over the canvas, not above it: a failure must not push the graph aside. */
export function FailureCallout({ task, onOpen }: Props) {
  const why = task.error
    ? `${task.error.type}: ${task.error.message}`
    : task.reason && REASON_TEXT[task.reason];
  return (
    <button type="button" className={classes.callout} onClick={() => onOpen(task.taskId)}>
      <b>{task.taskId} failed</b>
      <span>{why}</span>
      <IconArrowRight size={14} aria-hidden />
    </button>
  );
}
