/** Reads records again that a stream mapping gave up on, to learn whose they are. */
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record,
  type DynamoDBStreamsClient,
} from '@aws-sdk/client-dynamodb-streams';
import type { StreamRange } from './failure-queue-message.js';

export interface RecordReader {
  readonly client: DynamoDBStreamsClient;
  readonly interrupted: AbortSignal;
}

/** A stream keeps its records for a day. */
export class RecordsForgottenError extends Error {
  override readonly name = 'RecordsForgottenError';
  constructor(options?: ErrorOptions) {
    super(
      'the stream has forgotten these records, so whose they are is not known; the sweep looks after every workflow that is not done',
      options,
    );
  }
}

/** Pages read at most; a page without records is no end. */
const MOST_PAGES = 1_000;
const FORGOTTEN = new Set(['TrimmedDataAccessException', 'ResourceNotFoundException']);
const WORKFLOW_KEY = /^WORKFLOW#(.+)$/;

/**
 * The workflows that the records in the range belong to, each once. Records between its ends that the mapping had filtered
 * out are among them: one look too many does no harm.
 *
 * @throws RecordsForgottenError
 */
export async function workflowIdsOf(range: StreamRange, is: RecordReader): Promise<string[]> {
  const records = await recordsIn(range, is).catch((cause: unknown) => {
    const isForgotten = cause instanceof Error && FORGOTTEN.has(cause.name);
    throw isForgotten ? new RecordsForgottenError({ cause }) : cause;
  });
  // An engine may go on with what it still has; then the first that was asked for is missing.
  const [first] = records;
  if (first === undefined || sequenceOf(first) > BigInt(range.from))
    throw new RecordsForgottenError();
  return [...new Set(records.flatMap(workflowIdOf))];
}

async function recordsIn(range: StreamRange, is: RecordReader): Promise<_Record[]> {
  const found: _Record[] = [];
  let iterator = await iteratorAt(range, is);
  for (let pages = 0; iterator !== undefined && pages < MOST_PAGES; pages++) {
    const { Records = [], NextShardIterator } = await is.client.send(
      new GetRecordsCommand({ ShardIterator: iterator }),
      { abortSignal: is.interrupted },
    );
    const inside = Records.filter((record) => sequenceOf(record) <= BigInt(range.to));
    found.push(...inside);
    const isOver = inside.length < Records.length || isLast(inside.at(-1), range);
    iterator = isOver ? undefined : NextShardIterator;
  }
  return found;
}

async function iteratorAt(range: StreamRange, is: RecordReader): Promise<string | undefined> {
  const { ShardIterator } = await is.client.send(
    new GetShardIteratorCommand({
      StreamArn: range.streamArn,
      ShardId: range.shardId,
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      SequenceNumber: range.from,
    }),
    { abortSignal: is.interrupted },
  );
  return ShardIterator;
}

const isLast = (record: _Record | undefined, { to }: StreamRange) =>
  record !== undefined && sequenceOf(record) >= BigInt(to);

const sequenceOf = ({ dynamodb }: _Record) => BigInt(dynamodb?.SequenceNumber ?? 0);

function workflowIdOf({ dynamodb }: _Record): string[] {
  const id = WORKFLOW_KEY.exec(dynamodb?.Keys?.['pk']?.S ?? '')?.[1];
  return id === undefined ? [] : [id];
}
