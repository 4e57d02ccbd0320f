import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useRef, type KeyboardEvent, type RefObject } from 'react';
import type { Task } from '@orchestra/api-contract';
import { StatusBadge } from '../status/status-badge.js';
import { TASK_LOOK } from '../status/status-look.js';
import { useTask } from './get-task.js';
import { TaskError } from './task-error.js';
import { TaskFacts } from './task-facts.js';
import { TaskPayloads } from './task-payloads.js';
import { useBorrowedFocus } from './use-borrowed-focus.js';
import classes from './task-panel.module.css';

interface Props {
  workflowId: string;
  task: Task;
  /** Whether opening it moves the focus into it. */
  takesFocus: RefObject<boolean>;
  onClose: () => void;
}

export function TaskPanel({ workflowId, task, takesFocus, onClose }: Props) {
  const detail = useTask(workflowId, task);
  const heading = useRef<HTMLHeadingElement>(null);
  useBorrowedFocus(heading, takesFocus);
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
  };

  return (
    <aside className={classes.panel} aria-label={`Task ${task.taskId}`} onKeyDown={closeOnEscape}>
      <header className={classes.header}>
        <h2 className={classes.title} ref={heading} tabIndex={-1} title={task.taskId}>
          {task.taskId}
        </h2>
        <StatusBadge look={TASK_LOOK[task.status]} variant="pill" />
        <ActionIcon
          variant="subtle"
          color="gray"
          className={classes.close}
          aria-label="Close the task"
          onClick={onClose}
        >
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </header>
      <div className={classes.body}>
        <TaskFacts task={task} />
        {task.error && <TaskError error={task.error} />}
        <TaskPayloads
          task={task}
          detail={detail.data}
          problem={detail.error ?? detail.failureReason}
        />
      </div>
    </aside>
  );
}
