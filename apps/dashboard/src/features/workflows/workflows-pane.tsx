import { Button, Skeleton } from '@mantine/core';
import { IconFilterOff, IconStack2 } from '@tabler/icons-react';
import type { WorkflowStatus } from '@orchestra/api-contract';
import { Notice } from '../notice/notice.js';
import { ProblemNotice } from '../connection/problem-notice.js';
import { WORKFLOW_LOOK } from '../status/status-look.js';
import { allWorkflows, useWorkflows } from './list-workflows.js';
import { StatusFilter } from './status-filter.js';
import { WorkflowList } from './workflow-list.js';
import classes from './workflows-pane.module.css';

interface Props {
  status: WorkflowStatus | undefined;
  selectedId: string | undefined;
}

/** The list with its filter, asking the API. */
export function WorkflowsPane({ status, selectedId }: Props) {
  const query = useWorkflows(status);
  const workflows = allWorkflows(query.data);
  const problem = query.error ?? query.failureReason;
  return (
    <>
      <div className={classes.filter}>
        <StatusFilter status={status} />
      </div>
      <div className={classes.scroll}>
        {query.data === undefined &&
          (problem ? <ProblemNotice error={problem} /> : <LoadingRows />)}
        {query.data && workflows.length === 0 && <NoWorkflows status={status} />}
        {workflows.length > 0 && <WorkflowList workflows={workflows} selectedId={selectedId} />}
        {query.hasNextPage && (
          <Button
            variant="subtle"
            size="xs"
            fullWidth
            className={classes.more}
            loading={query.isFetchingNextPage}
            onClick={() => query.fetchNextPage()}
          >
            Load more
          </Button>
        )}
      </div>
    </>
  );
}

function NoWorkflows({ status }: { status: WorkflowStatus | undefined }) {
  if (status)
    return (
      <Notice
        icon={IconFilterOff}
        title={`Nothing is ${WORKFLOW_LOOK[status].label.toLowerCase()}`}
      >
        No workflow has this status now.
      </Notice>
    );
  return (
    <Notice icon={IconStack2} title="No workflows yet">
      Start the first one with the button above, with <code>orchestra start</code>, or with{' '}
      <code>POST /workflows</code>.
    </Notice>
  );
}

function LoadingRows() {
  return (
    <div className={classes.loading} role="status" aria-label="Loading workflows">
      {Array.from({ length: 8 }, (_, row) => (
        <Skeleton key={row} height={38} radius={8} />
      ))}
    </div>
  );
}
