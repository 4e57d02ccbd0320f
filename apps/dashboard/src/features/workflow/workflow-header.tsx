import { Link } from '@tanstack/react-router';
import { IconArrowLeft } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Workflow } from '@orchestra/api-contract';
import { CopyIcon } from '../copy/copy-icon.js';
import { StatusBadge } from '../status/status-badge.js';
import { WORKFLOW_LOOK } from '../status/status-look.js';
import { Duration, LocalTime } from '../time/times.js';
import { ProgressBar } from './progress-bar.js';
import classes from './workflow-header.module.css';

export function WorkflowHeader({ workflow }: { workflow: Workflow }) {
  const { workflowId, status, definition, createdAt, startedAt, endedAt, tasks } = workflow;
  return (
    <header className={classes.header}>
      <div className={classes.title}>
        <BackLink />
        <h1 className={classes.id} title={workflowId}>
          {workflowId}
        </h1>
        <CopyIcon value={workflowId} what="the workflow id" />
        <span role="status" className={classes.status}>
          <StatusBadge look={WORKFLOW_LOOK[status]} variant="pill" />
        </span>
      </div>
      <dl className={classes.facts}>
        <Fact name="Definition">
          {definition.name} <span className={classes.revision}>r{definition.revision}</span>
        </Fact>
        <Fact name="Started">
          <LocalTime iso={startedAt ?? createdAt} />
        </Fact>
        <Fact name="Ended">{endedAt ? <LocalTime iso={endedAt} /> : '–'}</Fact>
        <Fact name="Duration">
          <Duration {...workflow} />
        </Fact>
      </dl>
      <ProgressBar tasks={tasks} />
    </header>
  );
}

/** Where the list is not beside it. */
export function BackLink() {
  return (
    <Link
      to="/"
      search={({ status }) => ({ status })}
      className={classes.back}
      aria-label="All workflows"
    >
      <IconArrowLeft size={18} aria-hidden />
    </Link>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
