/**
 * The stream of the table and its mapping, with its filters. Order holds per item
 * only, because a partition may be split over shards; delivery is at least once; what fails comes again from the
 * lowest sequence number that failed, a number of times, then it is given up.
 */
import type { StreamOutcome, StreamRecord } from '@orchestra/orchestrator/engine';
import type { Faults } from './faults.js';
import type { Kernel } from './kernel.js';
import type { Ended } from './lambda.js';
import type { Item } from '@orchestra/workflow-core/dynamodb';
import { isMeta, taskOf, workflowOf, type ItemChange } from './table.js';

interface Lane {
  records: StreamRecord[];
  busy: boolean;
  tries: number;
  /** Halved while a function fails without saying where. */
  limit: number;
  /** How much slower it is than others, which is no fault. */
  readonly lag: number;
}

const TRIES = 6;
const LARGEST_BATCH = 10;
const POLL_MS = 60;
const FIRST_RETRY_MS = 400;

export class Stream {
  private readonly lanes: Lane[];
  private sequence = 0;
  /** Records given up. */
  dropped = 0;

  constructor(
    private readonly kernel: Kernel,
    private readonly faults: Faults,
    private readonly deliver: (records: readonly StreamRecord[]) => Promise<Ended<StreamOutcome>>,
  ) {
    const lanes = this.kernel.random.pick([1, 2, 3]);
    this.lanes = Array.from({ length: lanes }, () => ({
      records: [],
      busy: false,
      tries: 0,
      limit: LARGEST_BATCH,
      lag: this.faults.lag === 1 ? this.kernel.random.pick([1, 1, 10]) : this.faults.lag,
    }));
  }

  get laneCount(): number {
    return this.lanes.length;
  }

  get isIdle(): boolean {
    return this.lanes.every(({ busy, records }) => !busy && records.length === 0);
  }

  follow({ key, before, after }: ItemChange): void {
    if (!isTold(after)) return;
    const lane = this.lanes[hashOf(key) % this.lanes.length] as Lane;
    lane.records.push(this.recordOf(before, after));
    if (this.faults.strikes('poison')) this.addPoison(lane);
    this.wake(lane);
  }

  private recordOf(before: Item | undefined, after: Item): StreamRecord {
    const sequenceNumber = this.nextSequence();
    if (!isMeta(after)) return { sequenceNumber, task: taskOf(after) };
    const workflow = workflowOf(after);
    return { sequenceNumber, workflow, ...(before ? { before: workflowOf(before) } : {}) };
  }

  private nextSequence = (): string => String((this.sequence += 1));

  /** Of a workflow nobody knows. */
  private addPoison(lane: Lane): void {
    const error = new Error('the item does not read');
    const unreadable = { workflowId: 'poisoned', error };
    lane.records.push({ sequenceNumber: this.nextSequence(), unreadable });
  }

  private wake(lane: Lane): void {
    if (lane.busy) return;
    lane.busy = true;
    this.kernel.later(1 + this.kernel.random.below(POLL_MS * lane.lag), () => void this.poll(lane));
  }

  private async poll(lane: Lane): Promise<void> {
    const { random } = this.kernel;
    const size = Math.min(1 + random.below(LARGEST_BATCH), lane.limit);
    const batch = lane.records.slice(0, size);
    const ended = await this.deliver(batch);
    const failedFrom = failedAt(batch, ended);
    if (failedFrom === undefined) this.acknowledge(lane, batch);
    else {
      const done = batch.filter((record) => BigInt(record.sequenceNumber) < BigInt(failedFrom));
      if (done.length > 0) lane.tries = 0;
      lane.records = lane.records.slice(done.length);
      lane.tries += 1;
      if (ended.kind === 'died') lane.limit = Math.max(1, Math.ceil(batch.length / 2));
      if (lane.tries > TRIES) this.giveUp(lane, batch.length - done.length);
      return this.kernel.later(FIRST_RETRY_MS * lane.tries, () => this.again(lane));
    }
    this.again(lane);
  }

  private acknowledge(lane: Lane, batch: readonly StreamRecord[]): void {
    lane.tries = 0;
    lane.limit = LARGEST_BATCH;
    // Lambda may deliver what was done once more.
    if (this.faults.strikes('dupBatch')) return;
    lane.records = lane.records.slice(batch.length);
    if (this.faults.strikes('dropRecords')) this.giveUp(lane, 1 + this.kernel.random.below(3));
  }

  private giveUp(lane: Lane, count: number): void {
    const given = lane.records.slice(0, count);
    lane.records = lane.records.slice(count);
    lane.tries = 0;
    lane.limit = LARGEST_BATCH;
    this.dropped += given.length;
    if (given.length > 0) this.kernel.trace(`${given.length} records are given up`);
  }

  private again(lane: Lane): void {
    lane.busy = false;
    if (lane.records.length > 0) this.wake(lane);
  }
}

function failedAt(batch: readonly StreamRecord[], ended: Ended<StreamOutcome>): string | undefined {
  return ended.kind === 'died' ? batch[0]?.sequenceNumber : ended.answer.failedFrom;
}

/** The mapping's filters. */
const isTold = (item: Item): boolean => (isMeta(item) ? isWorkflowTold(item) : isTaskTold(item));

function isTaskTold(item: Item): boolean {
  const reason = textIn(item, 'reason');
  switch (textIn(item, 'status')) {
    case 'SUCCEEDED':
    case 'FAILED':
      return true;
    case 'SKIPPED':
      return reason === 'CONDITION_FALSE' || reason === 'OPERATOR';
    case 'RUNNING':
      return textIn(item, 'suspendedAt') !== undefined && textIn(item, 'items') !== undefined;
    default:
      return false;
  }
}

/** Those that a table write started, and those that have ended and left something to do. */
const isWorkflowTold = (item: Item): boolean =>
  ['PENDING', 'RUNNING'].includes(textIn(item, 'status') ?? '')
    ? textIn(item, 'startBy') !== undefined
    : textIn(item, 'duties') !== undefined;

const textIn = (item: Item, name: string): string | undefined => item[name]?.S;

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
