/** Lists of workflows in memory. */
import { callbackKey, isOpenCallback } from '../callbacks.js';
import type {
  CallbackQuery,
  DueSchedule,
  DueWorkflow,
  Page,
  WorkflowQuery,
  WorkflowSummary,
} from '../repository.js';
import type { Task, Workflow } from '../workflow.js';
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

export function listCallbacks(
  tasks: readonly Task[],
  { limit, cursor }: CallbackQuery,
): Page<Task> {
  const open = tasks
    .filter(isOpenCallback)
    .filter((task) => cursor === undefined || callbackKey(task) > cursor)
    .sort((a, b) => (callbackKey(a) < callbackKey(b) ? -1 : 1));
  return pageOf(open, limit, callbackKey);
}

export function listDue(
  workflows: Iterable<Workflow>,
  schedules: readonly DueSchedule[],
  query: { at: string; limit: number; cursor?: string },
): Page<DueWorkflow | DueSchedule> {
  const due = [...workflows]
    .flatMap(({ workflowId, nextCheckAt }): (DueWorkflow | DueSchedule)[] =>
      nextCheckAt ? [{ workflowId, nextCheckAt }] : [],
    )
    .concat(schedules)
    .filter(({ nextCheckAt }) => nextCheckAt <= query.at)
    .filter((item) => query.cursor === undefined || dueKey(item) > query.cursor)
    .sort((a, b) => (dueKey(a) < dueKey(b) ? -1 : 1));
  return pageOf(due, query.limit, dueKey);
}

const dueKey = (due: DueWorkflow | DueSchedule) =>
  `${due.nextCheckAt}#${'schedule' in due ? due.schedule : due.workflowId}`;
