import { Link } from '@tanstack/react-router';
import type { WorkflowStatus } from '@orchestra/api-contract';
import { WORKFLOW_LOOK } from '../status/status-look.js';
import classes from './status-filter.module.css';

const CHOICES: readonly (WorkflowStatus | undefined)[] = [
  undefined,
  'RUNNING',
  'FAILED',
  'SUCCESS',
  'CANCELLED',
  'PENDING',
];

/** Links, not buttons: a filter is a place in the URL, to be shared and gone back to. */
export function StatusFilter({ status }: { status: WorkflowStatus | undefined }) {
  return (
    <nav className={classes.filter} aria-label="Filter by status">
      {CHOICES.map((choice) => (
        <Link
          key={choice ?? 'ALL'}
          to="."
          search={(search) => ({ ...search, status: choice })}
          className={classes.choice}
          data-chosen={choice === status || undefined}
          aria-current={choice === status ? 'true' : undefined}
        >
          {choice ? WORKFLOW_LOOK[choice].label : 'All'}
        </Link>
      ))}
    </nav>
  );
}
