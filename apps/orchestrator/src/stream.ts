/**
 * A batch of stream records: each workflow's finished tasks are decided together, the workflows beside each other.
 * What concerns the whole batch (the store or the worker's queue cannot be reached) stops it at the lowest sequence
 * number of the workflows that are not done; what concerns one workflow alone is logged, counted and left to the
 * sweep, and the batch goes on.
 */
import { StoreUnavailableError, type Task } from '@orchestra/workflow-core';
import { advanceWorkflow } from './advance.js';
import { DispatchError, type Ports } from './ports.js';

export interface FinishedTaskRecord {
  /** Of the stream record; larger is later. */
  readonly sequenceNumber: string;
  readonly task: Task;
}

export interface StreamOutcome {
  /** From here on Lambda delivers again; undefined: all is done. */
  readonly failedFrom?: string;
}

export async function advanceBatch(
  ports: Ports,
  records: readonly FinishedTaskRecord[],
): Promise<StreamOutcome> {
  for (const { task } of records) measure(ports, task);
  const outcomes = await Promise.all(
    [...groupByWorkflow(records).values()].map((group) => advanceGroup(ports, group)),
  );
  const failed = outcomes.flatMap(({ failedFrom }) => failedFrom ?? []);
  return failed.length === 0 ? {} : { failedFrom: failed.reduce(earlier) };
}

function measure(ports: Ports, { status, startedAt, endedAt }: Task): void {
  ports.count(status === 'SUCCEEDED' ? 'TasksSucceeded' : 'TasksFailed');
  if (startedAt && endedAt)
    ports.observe('TaskDurationMs', Date.parse(endedAt) - Date.parse(startedAt));
}

type Group = [FinishedTaskRecord, ...FinishedTaskRecord[]];

function groupByWorkflow(records: readonly FinishedTaskRecord[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const record of records) {
    const key = `${record.task.workflowId}#${record.task.epoch}`;
    const group = groups.get(key);
    if (group) group.push(record);
    else groups.set(key, [record]);
  }
  return groups;
}

async function advanceGroup(ports: Ports, group: Group): Promise<StreamOutcome> {
  const [first, ...rest] = group;
  try {
    await advanceWorkflow(ports, [first.task, ...rest.map(({ task }) => task)]);
    return {};
  } catch (error) {
    ports.count('PassesFailed');
    ports.log({
      level: 'error',
      message: 'a pass failed',
      workflowId: first.task.workflowId,
      error: String(error),
    });
    const concernsTheBatch =
      error instanceof StoreUnavailableError || error instanceof DispatchError;
    return concernsTheBatch
      ? { failedFrom: group.map((r) => r.sequenceNumber).reduce(earlier) }
      : {};
  }
}

const earlier = (a: string, b: string) => (BigInt(a) <= BigInt(b) ? a : b);
