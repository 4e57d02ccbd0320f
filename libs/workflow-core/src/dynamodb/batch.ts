/**
 * Runs statements together: those given within one turn of the event loop share requests of up to 25, and each is
 * settled by the kind of its own error, so that callers stay apart although their writes travel together.
 */
import {
  BatchExecuteStatementCommand,
  type BatchStatementRequest,
  type BatchStatementResponse,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { StoreRejectedError, StoreUnavailableError } from '../errors.js';

export type StatementResult = 'applied' | 'lost';

export interface BatchOptions {
  readonly client: DynamoDBClient;
  /** Waits so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** 0 <= n < 1. */
  readonly random: () => number;
}

/** DynamoDB's own limit. */
const STATEMENTS_PER_REQUEST = 25;
/** Ceilings in milliseconds of the delay before each further try of a statement the engine could not take. */
const RETRY_CEILINGS_MS = [50, 100, 200, 400, 800, 1_600];

const LOST = new Set(['DuplicateItem', 'ConditionalCheckFailed']);
const PASSING = new Set([
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'InternalServerError',
  'TransactionConflict',
]);

interface Pending {
  /** Names the item: DynamoDB refuses a request with two statements on one. */
  readonly item: string;
  readonly statement: BatchStatementRequest;
  readonly resolve: (result: StatementResult) => void;
  readonly reject: (error: Error) => void;
  readonly tries: number;
}

/**
 * The returned function rejects with `StoreUnavailableError` when a statement could not be settled within about
 * three seconds, with `StoreRejectedError` when the engine refuses it for good.
 */
export function createBatcher({ client, pause, random }: BatchOptions) {
  let waiting: Pending[] = [];

  function enqueue(pending: Pending): void {
    waiting.push(pending);
    if (waiting.length === 1) setImmediate(flush);
  }

  function flush(): void {
    const requests: Map<string, Pending>[] = [];
    for (const pending of waiting) {
      const open = requests.find(
        (request) => request.size < STATEMENTS_PER_REQUEST && !request.has(pending.item),
      );
      if (open) open.set(pending.item, pending);
      else requests.push(new Map([[pending.item, pending]]));
    }
    waiting = [];
    for (const request of requests) void run([...request.values()]);
  }

  async function run(batch: readonly Pending[]): Promise<void> {
    try {
      const responses = await send(
        client,
        batch.map(({ statement }) => statement),
      );
      batch.forEach((pending, index) => settle(pending, responses[index]));
    } catch (error) {
      const failure = new StoreUnavailableError('the batch was not answered', { cause: error });
      for (const { reject } of batch) reject(failure);
    }
  }

  function settle(pending: Pending, response: BatchStatementResponse | undefined): void {
    const code = response?.Error?.Code;
    if (code === undefined) pending.resolve('applied');
    else if (LOST.has(code)) pending.resolve('lost');
    else if (PASSING.has(code)) void retry(pending, code);
    else pending.reject(new StoreRejectedError(`${code}: ${response?.Error?.Message ?? ''}`));
  }

  async function retry(pending: Pending, code: string): Promise<void> {
    const ceiling = RETRY_CEILINGS_MS[pending.tries];
    if (ceiling === undefined)
      return pending.reject(
        new StoreUnavailableError(`a write was refused again and again: ${code}`),
      );
    await pause(random() * ceiling);
    enqueue({ ...pending, tries: pending.tries + 1 });
  }

  return (item: string, statement: BatchStatementRequest): Promise<StatementResult> =>
    new Promise((resolve, reject) => enqueue({ item, statement, resolve, reject, tries: 0 }));
}

async function send(
  client: DynamoDBClient,
  statements: BatchStatementRequest[],
): Promise<BatchStatementResponse[]> {
  const { Responses } = await client.send(
    new BatchExecuteStatementCommand({ Statements: statements }),
  );
  if (Responses?.length !== statements.length)
    throw new Error(`${statements.length} statements, ${Responses?.length} responses`);
  return Responses;
}
