import { Link } from '@tanstack/react-router';
import { IconArrowLeft } from '@tabler/icons-react';
import type { ReactNode, RefObject } from 'react';
import type { Workflow } from '@orchestra/api-contract';
import { CopyIcon } from '../copy/copy-icon.js';
import { StatusBadge } from '../status/status-badge.js';
import { WORKFLOW_LOOK } from '../status/status-look.js';
import { Duration, LocalTime } from '../time/times.js';
import { ProgressBar } from './progress-bar.js';
import { Remarks } from './remarks.js';
import { ViewSwitch, type View } from './view-switch.js';
import { WorkflowActions } from './workflow-actions.js';
import classes from './workflow-header.module.css';

interface Props {
  workflow: Workflow;
  view: View;
  /** The workflow's name, where the focus goes that has no other place. */
  heading: RefObject<HTMLHeadingElement | null>;
}

export function WorkflowHeader({ workflow, view, heading }: Props) {
  const { workflowId, status, definition, createdAt, startedAt, endedAt, tasks } = workflow;
  return (
    <header className={classes.header}>
      <div className={classes.title}>
        <BackLink />
        <h1 ref={heading} tabIndex={-1} className={classes.id} title={workflowId}>
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
      <div className={classes.bar}>
        <ViewSwitch view={view} />
        <Remarks {...workflow} />
        <WorkflowActions workflow={workflow} returnTo={heading} />
      </div>
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
