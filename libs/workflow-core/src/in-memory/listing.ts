/** Lists of workflows in memory. */
import type { DueWorkflow, Page, WorkflowQuery, WorkflowSummary } from '../repository.js';
import type { Workflow } from '../workflow.js';
import { pageOf } from './definitions.js';

const keyOf = ({ createdAt, workflowId }: { createdAt: string; workflowId: string }) =>
  `${createdAt}#${workflowId}`;

export function listWorkflows(
  workflows: Iterable<Workflow>,
  query: WorkflowQuery,
): Page<WorkflowSummary> {
  const listed = [...workflows]
    .filter((workflow) => matches(workflow, query))
    .map(summaryOf)
    .filter((summary) => query.cursor === undefined || keyOf(summary) < query.cursor)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
  return pageOf(listed, query.limit, keyOf);
}

const matches = (workflow: Workflow, { status, definition, tag, from, to }: WorkflowQuery) =>
  (status === undefined || workflow.status === status) &&
  (definition === undefined || workflow.definition.name === definition) &&
  (tag === undefined || (workflow.tags ?? []).includes(tag)) &&
  (from === undefined || workflow.createdAt >= from) &&
  (to === undefined || workflow.createdAt < to);

const summaryOf = ({
  workflowId,
  status,
  definition,
  createdAt,
  startedAt,
  endedAt,
}: Workflow): WorkflowSummary => ({
  workflowId,
  status,
  definition,
  createdAt,
  ...(startedAt === undefined ? {} : { startedAt }),
  ...(endedAt === undefined ? {} : { endedAt }),
});

export function listDue(
  workflows: Iterable<Workflow>,
  query: { at: string; limit: number; cursor?: string },
): Page<DueWorkflow> {
  const dueKey = ({ nextCheckAt, workflowId }: DueWorkflow) => `${nextCheckAt}#${workflowId}`;
  const due = [...workflows]
    .flatMap(({ workflowId, nextCheckAt }) => (nextCheckAt ? [{ workflowId, nextCheckAt }] : []))
    .filter(({ nextCheckAt }) => nextCheckAt <= query.at)
    .filter((item) => query.cursor === undefined || dueKey(item) > query.cursor)
    .sort((a, b) => (dueKey(a) < dueKey(b) ? -1 : 1));
  return pageOf(due, query.limit, dueKey);
}
