import { Link } from '@tanstack/react-router';
import classes from './task-link.module.css';

/** Selects a task of the workflow that is shown; a place in the URL, like every selection. */
export function TaskLink({ taskId }: { taskId: string }) {
  return (
    <Link
      from="/workflows/$workflowId"
      to="."
      search={(search) => ({ ...search, task: taskId })}
      replace
      className={classes.task}
    >
      {taskId}
    </Link>
  );
}
