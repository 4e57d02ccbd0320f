import { Link } from '@tanstack/react-router';
import type { WorkflowSummary } from '@orchestra/api-contract';
import { StatusIcon } from '../status/status-badge.js';
import { WORKFLOW_LOOK } from '../status/status-look.js';
import { Duration, RelativeTime } from '../time/times.js';
import classes from './workflow-list.module.css';

interface Props {
  workflows: readonly WorkflowSummary[];
  selectedId: string | undefined;
}

export function WorkflowList({ workflows, selectedId }: Props) {
  return (
    <ul className={classes.list} aria-label="Workflows, newest first">
      {workflows.map((workflow) => (
        <li key={workflow.workflowId}>
          <WorkflowRow workflow={workflow} selected={workflow.workflowId === selectedId} />
        </li>
      ))}
    </ul>
  );
}

function WorkflowRow({ workflow, selected }: { workflow: WorkflowSummary; selected: boolean }) {
  const { workflowId, status, definition, createdAt, startedAt } = workflow;
  const look = WORKFLOW_LOOK[status];
  return (
    <Link
      to="/workflows/$workflowId"
      params={{ workflowId }}
      search={({ status: filter }) => ({ status: filter })}
      className={classes.row}
      data-tone={look.tone}
      data-selected={selected || undefined}
      aria-current={selected ? 'page' : undefined}
    >
      <StatusIcon look={look} size={18} />
      <span className={classes.id} title={workflowId}>
        {workflowId}
      </span>
      <span className={classes.duration}>
        <Duration {...workflow} />
      </span>
      <span className={classes.facts}>
        <span className={classes.status}>{look.label}</span>
        <span
          className={classes.definition}
          title={`${definition.name}, revision ${definition.revision}`}
        >
          {definition.name}
        </span>
      </span>
      <span className={classes.started}>
        <RelativeTime iso={startedAt ?? createdAt} />
      </span>
    </Link>
  );
}
