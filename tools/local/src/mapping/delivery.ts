import { randomUUID } from 'node:crypto';
import type { EventSourceMappingModel } from '../model.js';
import type { FunctionInvoker, InvokeResult, QueueStore } from '../runtime.js';
import type { Clock } from '../schedule/clock.js';
import { firstUnfinished } from './batch-outcome.js';
import { delay } from './delay.js';
import type { PendingRecord, RecordOrder } from './record-order.js';

export interface DeliveryDependencies {
  readonly mapping: EventSourceMappingModel;
  readonly shardId: string;
  readonly invoker: Pick<FunctionInvoker, 'invoke'>;
  readonly queueStore: QueueStore;
  /** Of the records in one event; all that is decided here goes by their sequence numbers. */
  readonly order: RecordOrder;
  readonly clock: Clock;
  /** Ends every wait and starts no invocation any more; one that runs may still bring its answer. */
  readonly stopped: AbortSignal;
  /** Milliseconds before the first retry; each further one waits twice as long, up to 100 times this. */
  readonly retryDelayMs: number;
  /** These records came to their end: delivered, or sent to the failure queue. */
  readonly onDone: (records: readonly PendingRecord[]) => void;
  readonly onNote: (text: string) => void;
}

/** Records that are tried together. */
interface Piece {
  readonly records: readonly PendingRecord[];
  /** Failed tries of these records, as they stand together. */
  readonly failures: number;
  readonly last?: InvokeResult;
}

export class DeliveryStoppedError extends Error {
  override readonly name = 'DeliveryStoppedError';
}

/**
 * Delivers a batch as Lambda does, until every record of it came to its end.
 *
 * D1. A record is done only after all of the batch with lower sequence numbers are, wherever they stood in the event: what
 *     is tried again is everything from the lowest that failed on.
 * D2. Splitting a batch is not a retry, and neither is an invocation that could not be made.
 * D3. With finite retries and an end to splitting, a record that always fails holds up the others for a bounded time.
 *
 * @throws DeliveryStoppedError once `stopped` is; records that are not done are left as they are
 */
export async function deliverBatch(
  records: readonly PendingRecord[],
  is: DeliveryDependencies,
): Promise<void> {
  const pieces: Piece[] = [{ records, failures: 0 }];
  for (let piece = pieces.shift(); piece; piece = pieces.shift())
    pieces.unshift(...(await tryOnce(piece, is)));
}

/** @returns what is left of the piece */
async function tryOnce(piece: Piece, is: DeliveryDependencies): Promise<readonly Piece[]> {
  const young = await buryExpired(piece, is);
  if (!young.length) return [];
  const last = await invoke(young, is);
  if (!last) return [{ ...piece, records: young }];
  const sequenceNumbers = young.map((record) => record.sequenceNumber);
  const unfinished = firstUnfinished(last, sequenceNumbers, is.mapping.reportsItemFailures);
  is.onDone(young.slice(0, unfinished));
  const left = young.slice(unfinished);
  if (!left.length) return [];
  // What came forward starts counting anew, with the failure of the record it stopped at.
  const failures = unfinished > 0 ? 1 : piece.failures + 1;
  if (unfinished > 0 && !isExhausted(failures, is)) return [{ records: left, failures, last }];
  return afterFailure({ records: left, failures, last }, is);
}

async function afterFailure(piece: Piece, is: DeliveryDependencies): Promise<readonly Piece[]> {
  const { records, failures, last } = piece;
  if (is.mapping.bisectOnError && records.length > 1) {
    const half = Math.ceil(records.length / 2);
    const uncounted = { failures: failures - 1, ...(last && { last }) };
    return [
      { ...uncounted, records: records.slice(0, half) },
      { failures: 0, records: records.slice(half) },
    ];
  }
  if (isExhausted(failures, is)) {
    await bury(piece, 'RetryAttemptsExhausted', is);
    return [];
  }
  await wait(Math.min(2 ** (failures - 1), 100) * is.retryDelayMs, is);
  return [piece];
}

function isExhausted(failures: number, { mapping }: DeliveryDependencies): boolean {
  return mapping.maximumRetryAttempts >= 0 && failures > mapping.maximumRetryAttempts;
}

/** @returns nothing when the function could not be invoked, after a pause */
async function invoke(
  records: readonly PendingRecord[],
  is: DeliveryDependencies,
): Promise<InvokeResult | undefined> {
  if (is.stopped.aborted) throw new DeliveryStoppedError('The mapping stops');
  const payload = `{"Records":[${is
    .order(records)
    .map((record) => record.json)
    .join(',')}]}`;
  try {
    return await is.invoker.invoke(is.mapping.functionArn, payload);
  } catch (error) {
    if (is.stopped.aborted) throw new DeliveryStoppedError('The mapping stops', { cause: error });
    is.onNote(`${is.mapping.functionArn} could not be invoked: ${String(error)}`);
    await wait(is.retryDelayMs, is);
    return undefined;
  }
}

async function buryExpired(
  { records, failures, last }: Piece,
  is: DeliveryDependencies,
): Promise<readonly PendingRecord[]> {
  const { maximumRecordAgeSeconds } = is.mapping;
  if (maximumRecordAgeSeconds < 0) return records;
  const oldest = is.clock.now() - maximumRecordAgeSeconds * 1000;
  const young = records.findIndex((record) => record.createdAt >= oldest);
  const expired = young < 0 ? records : records.slice(0, young);
  if (!expired.length) return records;
  await bury({ records: expired, failures, ...(last && { last }) }, 'RecordAgeExceeded', is);
  return young < 0 ? [] : records.slice(young);
}

async function bury(piece: Piece, condition: string, is: DeliveryDependencies): Promise<void> {
  const { onFailureArn } = is.mapping;
  const record = failureRecord(piece, condition, is);
  is.onNote(
    `${piece.records.length} records given up (${condition}) after ${piece.failures} tries: ${piece.last?.payload ?? ''}`,
  );
  if (onFailureArn) await send(onFailureArn, JSON.stringify(record), is);
  is.onDone(piece.records);
}

/** Until it worked: records are given up only when their trace is kept. */
async function send(queueArn: string, body: string, is: DeliveryDependencies): Promise<void> {
  try {
    await is.queueStore.send(queueArn, body);
  } catch (error) {
    is.onNote(`Nothing can be sent to ${queueArn}: ${String(error)}`);
    await wait(is.retryDelayMs, is);
    await send(queueArn, body, is);
  }
}

/** The record Lambda sends to a stream's on-failure destination: where the records are, not what they hold. */
function failureRecord(piece: Piece, condition: string, is: DeliveryDependencies) {
  const { mapping, shardId, clock } = is;
  const { records, last } = piece;
  const isoOf = (record?: PendingRecord) => new Date(record?.createdAt ?? 0).toISOString();
  return {
    requestContext: {
      requestId: last?.requestId ?? randomUUID(),
      functionArn: mapping.functionArn,
      condition,
      approximateInvokeCount: piece.failures,
    },
    ...(last && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        functionError: last.functionError ?? null,
      },
    }),
    version: '1.0',
    timestamp: new Date(clock.now()).toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: records[0]?.sequenceNumber,
      endSequenceNumber: records.at(-1)?.sequenceNumber,
      approximateArrivalOfFirstRecord: isoOf(records[0]),
      approximateArrivalOfLastRecord: isoOf(records.at(-1)),
      batchSize: records.length,
      streamArn: mapping.sourceArn,
    },
  };
}

/** @throws DeliveryStoppedError when `stopped` comes first */
async function wait(ms: number, { clock, stopped }: DeliveryDependencies): Promise<void> {
  await delay(ms, clock, stopped);
  if (stopped.aborted) throw new DeliveryStoppedError('The mapping stops');
}
