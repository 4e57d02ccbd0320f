import { Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { OutageBanner } from '../features/connection/outage-banner.js';
import { StartControls } from '../features/workflows/start-controls.js';
import { WorkflowsPane } from '../features/workflows/workflows-pane.js';
import { Wordmark } from './wordmark.js';
import classes from './shell.module.css';

/** The list beside what is selected in it; one at a time where there is no room for both. */
export function Shell() {
  const { workflowId } = useParams({ strict: false });
  const { status } = useSearch({ from: '__root__' });
  const navigate = useNavigate();
  return (
    <div className={classes.shell} data-view={workflowId ? 'workflow' : 'list'}>
      <OutageBanner />
      <div className={classes.panes}>
        <section className={classes.list} aria-label="Workflows">
          <header className={classes.top}>
            <Wordmark />
            <StartControls
              onStarted={(started) =>
                navigate({
                  to: '/workflows/$workflowId',
                  params: { workflowId: started },
                  search: { status },
                })
              }
            />
          </header>
          <WorkflowsPane status={status} selectedId={workflowId} />
        </section>
        <Outlet />
      </div>
    </div>
  );
}
