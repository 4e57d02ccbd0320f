/**
 * A batch of stream records: each workflow's finished tasks are decided together, the workflows beside each other.
 * What concerns the whole batch (the store or the worker's queue cannot be reached, time runs out) stops it at the
 * lowest sequence number of the workflows that are not done; what concerns one workflow alone goes to the failure
 * queue, its workflow is left to the sweep, and the batch goes on.
 */
import { StoreUnavailableError, type Task } from '@orchestra/workflow-core';
import { advanceWorkflow } from './advance.js';
import { followWorkflow, type WorkflowRecord } from './workflow-records.js';
import { DispatchError, type PoisonReport, type Ports } from './ports.js';

export interface FinishedTaskRecord {
  /** Of the stream record; larger is later. */
  readonly sequenceNumber: string;
  readonly task: Task;
}

/** An item that does not read as a task: whose it is, and why. */
export interface UnreadableRecord {
  readonly sequenceNumber: string;
  readonly unreadable: { readonly workflowId: string; readonly error: unknown };
}

export type StreamRecord = FinishedTaskRecord | WorkflowRecord | UnreadableRecord;

export interface StreamOutcome {
  /** From here on Lambda delivers again; undefined: all is done. */
  readonly failedFrom?: string;
}

/** @param timeIsUp resolves when the answer is due: what is not done by then was not done */
export async function advanceBatch(
  ports: Ports,
  records: readonly StreamRecord[],
  timeIsUp: Promise<void>,
): Promise<StreamOutcome> {
  const readable = records.flatMap((record) => ('task' in record ? [record] : []));
  const unreadable = records.flatMap((record) => ('unreadable' in record ? [record] : []));
  const workflows = records.flatMap((record) => ('workflow' in record ? [record] : []));
  for (const { task } of readable) measure(ports, task);
  const passes = [
    ...[...groupByWorkflow(readable).values()].map(passOfTasks),
    ...workflows.map(passOfWorkflow),
  ];
  const outcomes = await Promise.all([
    ...passes.map((pass) =>
      Promise.race([run(ports, pass), timeIsUp.then(() => giveBack(ports, pass))]),
    ),
    ...unreadable.map(({ sequenceNumber, unreadable: { workflowId, error } }) =>
      poisoned(ports, workflowId, [sequenceNumber], error),
    ),
  ]);
  const failed = outcomes.flatMap(({ failedFrom }) => failedFrom ?? []);
  return failed.length === 0 ? {} : { failedFrom: failed.reduce(earlier) };
}

/** The items of a map count, the map itself does not. */
function measure(ports: Ports, { status, startedAt, endedAt, items }: Task): void {
  if (items || (status !== 'SUCCEEDED' && status !== 'FAILED')) return;
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

/** What follows from some records of one workflow. */
interface Pass {
  readonly workflowId: string;
  readonly epoch: number;
  readonly sequenceNumbers: readonly string[];
  readonly advance: (ports: Ports) => Promise<void>;
}

function passOfTasks(group: Group): Pass {
  const [first, ...rest] = group.toSorted(bySequence) as unknown as Group;
  const { workflowId, epoch } = first.task;
  return {
    workflowId,
    epoch,
    sequenceNumbers: group.map(({ sequenceNumber }) => sequenceNumber),
    advance: (ports) => advanceWorkflow(ports, [first.task, ...rest.map(({ task }) => task)]),
  };
}

function passOfWorkflow(record: WorkflowRecord): Pass {
  const { workflowId, epoch } = record.workflow;
  return {
    workflowId,
    epoch,
    sequenceNumbers: [record.sequenceNumber],
    advance: (ports) => followWorkflow(ports, record),
  };
}

async function run(ports: Ports, pass: Pass): Promise<StreamOutcome> {
  const { workflowId, sequenceNumbers } = pass;
  try {
    await pass.advance(ports);
    return {};
  } catch (error) {
    if (!concernsTheBatch(error)) return poisoned(ports, workflowId, sequenceNumbers, error);
    ports.count('PassesFailed');
    ports.log({ level: 'error', message: 'a pass failed', workflowId, error: String(error) });
    return giveBack(ports, pass);
  }
}

/** Poison that nobody could be told of comes again. */
async function poisoned(
  ports: Ports,
  workflowId: string,
  sequenceNumbers: readonly string[],
  error: unknown,
): Promise<StreamOutcome> {
  ports.count('PassesFailed');
  ports.log({ level: 'error', message: 'a pass failed', workflowId, error: String(error) });
  try {
    await ports.reportPoison({ workflowId, sequenceNumbers, error: errorOf(error) });
    return {};
  } catch (failure) {
    ports.log({ level: 'error', message: 'poison unreported', workflowId, error: String(failure) });
    return { failedFrom: sequenceNumbers.reduce(earlier) };
  }
}

/** The workflow is forgotten: a pass that goes on after its answer must not teach the next one. */
function giveBack(ports: Ports, { workflowId, epoch, sequenceNumbers }: Pass): StreamOutcome {
  ports.memory.forget(workflowId, epoch);
  return { failedFrom: sequenceNumbers.reduce(earlier) };
}

const concernsTheBatch = (error: unknown) =>
  error instanceof StoreUnavailableError || error instanceof DispatchError;

const errorOf = (error: unknown): PoisonReport['error'] =>
  error instanceof Error
    ? { type: error.name, message: error.message }
    : { type: 'Error', message: String(error) };

const bySequence = (a: FinishedTaskRecord, b: FinishedTaskRecord) =>
  BigInt(a.sequenceNumber) < BigInt(b.sequenceNumber) ? -1 : 1;

const earlier = (a: string, b: string) => (BigInt(a) <= BigInt(b) ? a : b);
