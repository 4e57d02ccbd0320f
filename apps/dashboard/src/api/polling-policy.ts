/**
 * When to ask again: milliseconds until the next request, or false for never.
 * Pure; the callers hand in the clock.
 */
import type {
  Explanation,
  HistoryEvent,
  Task,
  TaskDetail,
  Workflow,
  WorkflowSummary,
} from '@orchestra/api-contract';
import { isFinishedTask, isFinishedWorkflow } from '../features/status/finished.js';
import { isNotFound, isPassing } from './api-errors.js';

export type PollAfter = number | false;

export const POLL_MS = { live: 1_000, outage: 2_000, idle: 10_000 } as const;

/** An outage is asked about until it heals; any other refusal is an answer. */
export function retryAfterFailure(_failures: number, error: unknown): boolean {
  return isPassing(error);
}

/** What is not there yet may come, such as a workflow whose link was sent before its start; other refusals stay. */
export function pollAfterRefusal(error: unknown): PollAfter {
  return isNotFound(error) ? POLL_MS.idle : false;
}

/**
 * Every second while something listed is unfinished, then slower the longer nothing happened, up to the idle
 * pace: a workflow started elsewhere still shows up. Each page shown is one request, so pages stretch the pace.
 */
export function pollWorkflows(
  workflows: readonly WorkflowSummary[],
  pages: number,
  now: number,
): number {
  const pace = workflows.some((workflow) => !isFinishedWorkflow(workflow.status))
    ? POLL_MS.live
    : quietPace(now - newestChange(workflows));
  return pace * Math.max(1, pages);
}

const quietPace = (quietMs: number): number =>
  Math.min(POLL_MS.idle, Math.max(POLL_MS.live, quietMs / 6));

/** Epoch milliseconds; 0 for an empty list, which is as quiet as it gets. */
function newestChange(workflows: readonly WorkflowSummary[]): number {
  return workflows.reduce(
    (newest, { createdAt, endedAt }) => Math.max(newest, Date.parse(endedAt ?? createdAt)),
    0,
  );
}

export function pollWorkflow({ status }: Pick<Workflow, 'status'>): PollAfter {
  return isFinishedWorkflow(status) ? false : POLL_MS.live;
}

/**
 * A task's detail is asked for anew whenever the workflow shows another status. It is polled only while it
 * lags behind: its input and output come from reads that may trail the change.
 */
export function pollTask(
  shown: Pick<TaskDetail, 'status' | 'attempt'>,
  inWorkflow: Pick<Task, 'status' | 'attempt'>,
): PollAfter {
  const same = shown.status === inWorkflow.status && shown.attempt === inWorkflow.attempt;
  const behind = shown.attempt < inWorkflow.attempt || !isFinishedTask(shown.status);
  return !same && behind ? POLL_MS.live : false;
}

/**
 * An explanation is asked for anew whenever what it is told from changes in the workflow; at the live pace while it
 * lags behind that, and seldom while it may still change, for what the workflow does not show.
 */
export function pollExplanation(
  shown: Pick<Explanation, 'status'>,
  inWorkflow: Pick<Task, 'status'>,
): PollAfter {
  if (shown.status !== inWorkflow.status) return POLL_MS.live;
  return isFinishedTask(shown.status) ? false : POLL_MS.idle;
}

/** How many items of a map are counted at the live pace; each count reads all of them. */
const COUNTED_LIVE = 200;

/** While a map runs, what has become of its items: the more there are, the more seldom. */
export function pollMap(count: number): number {
  return Math.min(POLL_MS.idle, POLL_MS.live * Math.max(1, count / COUNTED_LIVE));
}

/** An item of a map is in no other answer, so it is asked for until it has ended. */
export function pollItem(item: Pick<Task, 'status'> | undefined): PollAfter {
  return item && !isFinishedTask(item.status) ? POLL_MS.live : false;
}

/** The listed items of a map for as long as it runs, each page being one request. */
export function pollItems({ status }: Pick<Task, 'status'>, pages: number): PollAfter {
  return isFinishedTask(status) ? false : POLL_MS.live * Math.max(1, pages);
}

/** How long after the end of a workflow the last moves of its tasks are still looked for. */
const SETTLE_MS = 5_000;

const ENDS: ReadonlySet<HistoryEvent['type']> = new Set([
  'WORKFLOW_SUCCESS',
  'WORKFLOW_FAILED',
  'WORKFLOW_CANCELLED',
]);

/**
 * Every second, each page shown being one request, until the end of the present epoch is told and a moment has
 * passed: tasks that a cancel stops end after the workflow. Pages before the last one are full and do not grow.
 */
export function pollHistory(
  events: readonly HistoryEvent[],
  hasMore: boolean,
  pages: number,
  { epoch }: Pick<Workflow, 'epoch'>,
  now: number,
): PollAfter {
  if (hasMore) return false;
  const end = events.find((event) => event.epoch === epoch && ENDS.has(event.type));
  if (end && now - Date.parse(end.at) > SETTLE_MS) return false;
  return POLL_MS.live * Math.max(1, pages);
}
