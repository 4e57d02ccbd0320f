import { Link } from '@tanstack/react-router';
import classes from './view-switch.module.css';

export type View = 'graph' | 'history';

const VIEWS: readonly { view: View; label: string }[] = [
  { view: 'graph', label: 'Graph' },
  { view: 'history', label: 'History' },
];

/** Links, not tabs: a view is a place in the URL, to be shared and gone back to. */
export function ViewSwitch({ view: shown }: { view: View }) {
  return (
    <nav className={classes.views} aria-label="View">
      {VIEWS.map(({ view, label }) => (
        <Link
          key={view}
          from="/workflows/$workflowId"
          to="."
          search={(search) => ({ ...search, view: view === 'graph' ? undefined : view })}
          className={classes.view}
          data-shown={view === shown || undefined}
          aria-current={view === shown ? 'true' : undefined}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
