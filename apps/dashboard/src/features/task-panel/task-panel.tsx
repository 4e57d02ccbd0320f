import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useRef, type KeyboardEvent, type RefObject } from 'react';
import type { Task, Workflow } from '@orchestra/api-contract';
import { useBorrowedFocus } from '../focus/use-borrowed-focus.js';
import { RerunButton } from '../redrive/rerun-button.js';
import { isFinishedWorkflow } from '../status/finished.js';
import { StatusBadge } from '../status/status-badge.js';
import { TASK_LOOK } from '../status/status-look.js';
import { Explanation } from './explanation.js';
import { useExplanation } from './get-explanation.js';
import { useTask } from './get-task.js';
import { MapItems } from './map-items.js';
import { TaskError } from './task-error.js';
import { TaskFacts } from './task-facts.js';
import { TaskPayloads } from './task-payloads.js';
import classes from './task-panel.module.css';

interface Props {
  workflow: Workflow;
  task: Task;
  /** Whether opening it moves the focus into it. */
  takesFocus: RefObject<boolean>;
  /** Has the focus after it, when what had it before is gone. */
  returnTo: RefObject<HTMLElement | null>;
  onClose: () => void;
}

export function TaskPanel({ workflow, task, takesFocus, returnTo, onClose }: Props) {
  const { workflowId, epoch, tasks } = workflow;
  const detail = useTask(workflowId, task);
  const upstream = tasks.filter(({ taskId }) => task.dependsOn.includes(taskId));
  const why = useExplanation(workflowId, { task, upstream });
  const heading = useRef<HTMLHeadingElement>(null);
  useBorrowedFocus(heading, takesFocus, returnTo);
  const closeOnEscape = (event: KeyboardEvent<HTMLElement>) => {
    // A dialog opened from here is inside for React, not for who presses the key.
    const inside = event.currentTarget.contains(event.target as Node);
    if (event.key === 'Escape' && inside) onClose();
  };

  return (
    <aside className={classes.panel} aria-label={`Task ${task.taskId}`} onKeyDown={closeOnEscape}>
      <header className={classes.header}>
        <h2 className={classes.title} ref={heading} tabIndex={-1} title={task.taskId}>
          {task.taskId}
        </h2>
        <StatusBadge look={TASK_LOOK[task.status]} variant="pill" />
        <div className={classes.actions}>
          <RerunButton
            place={{ workflowId, epoch, taskId: task.taskId }}
            offered={isFinishedWorkflow(workflow.status)}
            returnTo={heading}
          />
          <ActionIcon variant="subtle" color="gray" aria-label="Close the task" onClick={onClose}>
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </div>
      </header>
      <div className={classes.body}>
        <Explanation explanation={why.data} problem={why.error ?? why.failureReason} />
        <TaskFacts task={task} items={detail.data?.items} />
        {task.error && <TaskError error={task.error} />}
        {task.items && <MapItems workflowId={workflowId} map={task} />}
        <TaskPayloads
          task={task}
          epoch={epoch}
          detail={detail.data}
          problem={detail.error ?? detail.failureReason}
        />
      </div>
    </aside>
  );
}
