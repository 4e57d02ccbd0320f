import { Handle, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { StatusIcon } from '../status/status-badge.js';
import { TASK_LOOK } from '../status/status-look.js';
import { Duration } from '../time/times.js';
import { whatItDoes } from '../status/kind.js';
import { progressText, statusText, type TaskNodeType } from './graph-elements.js';
import classes from './task-node.module.css';

type Props = NodeProps<TaskNodeType>;

function Card({ data, selected, sourcePosition, targetPosition }: Props) {
  const { task, direction, progress } = data;
  const look = TASK_LOOK[task.status];
  return (
    <div
      className={classes.card}
      data-tone={look.tone}
      data-status={task.status}
      data-direction={direction}
      data-map={task.forEach}
      data-selected={selected || undefined}
    >
      {targetPosition && <Handle type="target" position={targetPosition} isConnectable={false} />}
      <span className={classes.glyph}>
        <StatusIcon look={look} size={20} />
      </span>
      <span className={classes.id} title={`${task.taskId}: ${whatItDoes(task)}`}>
        {task.taskId}
      </span>
      <span className={classes.attempt}>
        {progress ? progressText(progress) : task.attempt > 1 && `try ${task.attempt}`}
      </span>
      <span className={classes.status}>{statusText(task)}</span>
      <span className={classes.duration}>
        <Duration {...task} />
      </span>
      {sourcePosition && <Handle type="source" position={sourcePosition} isConnectable={false} />}
    </div>
  );
}

/** Unchanged tasks keep their identity from one answer to the next, so only what changed is drawn again. */
export const TaskNode = memo(
  Card,
  (before, after) =>
    before.data.task === after.data.task &&
    before.data.progress === after.data.progress &&
    before.selected === after.selected &&
    before.data.direction === after.data.direction,
);
