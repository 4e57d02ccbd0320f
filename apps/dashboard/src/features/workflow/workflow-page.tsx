import { Skeleton } from '@mantine/core';
import { lazy, Suspense, useEffect, useRef } from 'react';
import type { Workflow } from '@orchestra/api-contract';
import { ProblemNotice } from '../connection/problem-notice.js';
import { WORKFLOW_LOOK } from '../status/status-look.js';
import { useItem } from '../task-panel/get-item.js';
import { TaskPanel } from '../task-panel/task-panel.js';
import { FailureCallout } from './failure-callout.js';
import { useWorkflow } from './get-workflow.js';
import { useMapProgress } from './map-progress.js';
import { firstFailure } from './progress.js';
import { usePageTitle } from './use-page-title.js';
import type { View } from './view-switch.js';
import { BackLink, WorkflowHeader } from './workflow-header.js';
import classes from './workflow-page.module.css';

/** React Flow and dagre are half of all the code, and the list does not need them. */
const WorkflowGraph = lazy(() =>
  import('../workflow-graph/workflow-graph.js').then((module) => ({
    default: module.WorkflowGraph,
  })),
);

const History = lazy(() =>
  import('../history/history.js').then((module) => ({ default: module.History })),
);

interface Props {
  workflowId: string;
  taskId: string | undefined;
  view: View;
  onSelectTask: (taskId: string | undefined) => void;
}

export function WorkflowPage({ workflowId, ...selection }: Props) {
  const { data, error, failureReason } = useWorkflow(workflowId);
  const problem = error ?? failureReason;
  if (data) return <WorkflowView workflow={data} {...selection} />;
  if (!problem) return <LoadingWorkflow />;
  return (
    <main className={classes.page}>
      <BackLink />
      <ProblemNotice error={problem} missing={`There is no workflow ${workflowId}`} />
    </main>
  );
}

type ViewProps = Omit<Props, 'workflowId'> & { workflow: Workflow };

function WorkflowView({ workflow, taskId, view, onSelectTask }: ViewProps) {
  usePageTitle(`${WORKFLOW_LOOK[workflow.status].label} · ${workflow.workflowId}`);
  /** A panel that opens later takes the focus; one that the page opened with leaves it where it is. */
  const openedHere = useRef(false);
  useEffect(() => {
    openedHere.current = true;
  }, []);
  const heading = useRef<HTMLHeadingElement>(null);
  const item = useItem(workflow, taskId);
  const task = workflow.tasks.find((one) => one.taskId === taskId) ?? item;
  const progress = useMapProgress(workflow);
  const failure = firstFailure(workflow.tasks);
  return (
    <main className={classes.page} aria-label={`Workflow ${workflow.workflowId}`}>
      <WorkflowHeader workflow={workflow} view={view} heading={heading} />
      <div className={classes.body}>
        {view === 'history' ? (
          <Suspense fallback={<Skeleton className={classes.fill} radius={0} />}>
            <History workflow={workflow} />
          </Suspense>
        ) : (
          <section className={classes.canvas} aria-label="Tasks">
            {failure && failure.taskId !== taskId && (
              <FailureCallout task={failure} onOpen={onSelectTask} />
            )}
            <Suspense fallback={<Skeleton className={classes.fill} radius={0} />}>
              <WorkflowGraph
                key={workflow.workflowId}
                tasks={workflow.tasks}
                progress={progress}
                selectedId={taskId}
                onSelect={onSelectTask}
              />
            </Suspense>
          </section>
        )}
        {task && (
          <TaskPanel
            key={task.taskId}
            workflow={workflow}
            task={task}
            takesFocus={openedHere}
            returnTo={heading}
            onClose={() => onSelectTask(undefined)}
          />
        )}
      </div>
    </main>
  );
}

function LoadingWorkflow() {
  return (
    <main className={classes.page} aria-busy aria-label="Loading the workflow">
      <div className={classes.loading}>
        <Skeleton height={22} width="40%" />
        <Skeleton height={12} width="25%" />
      </div>
    </main>
  );
}
