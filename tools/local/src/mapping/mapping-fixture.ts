import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { EventSourceMappingModel } from '../model.js';
import { openQueueStore } from '../queues/queue-store.js';
import type { InvokeResult } from '../runtime.js';
import { SettableClock } from '../schedule/clock.js';
import { startMapping, type Mapping, type MappingOptions } from './mapping.js';
import { ScriptedStream } from './scripted-stream.js';
import type { StreamRecord } from './stream-reader.js';

export type LambdaRecord = StreamRecord & {
  readonly eventSource: string;
  readonly eventSourceARN: string;
  readonly awsRegion: string;
};

export const failed: Omit<InvokeResult, 'requestId'> = {
  payload: '{"errorType":"Error","errorMessage":"no"}',
  functionError: 'Unhandled',
};
export const failedAt = (...sequenceNumbers: string[]): Omit<InvokeResult, 'requestId'> => ({
  payload: JSON.stringify({
    batchItemFailures: sequenceNumbers.map((itemIdentifier) => ({ itemIdentifier })),
  }),
});

export const failureQueue = 'arn:aws:sqs:eu-central-1:000000000000:failures';

/** For tests: a mapping between a scripted stream and a scripted function, in time that the test moves. */
export class MappingFixture {
  readonly directory = mkdtempSync(join(tmpdir(), 'mapping-'));
  readonly clock = new SettableClock();
  readonly notes: string[] = [];
  /** The sequence numbers of each event the function got. */
  readonly batches: string[][] = [];
  readonly events: { readonly Records: readonly LambdaRecord[] }[] = [];
  stream = new ScriptedStream();
  /** What the function answers to the sequence numbers of a batch. */
  answer: (
    batch: readonly string[],
  ) => Partial<InvokeResult> | undefined | Promise<Partial<InvokeResult> | undefined> = () =>
    undefined;
  readonly #started: Mapping[] = [];
  readonly #queues = openQueueStore(join(this.directory, 'queues'));

  async start(
    mapping: Partial<EventSourceMappingModel> = {},
    options: Partial<MappingOptions> = {},
  ): Promise<Mapping> {
    const started = startMapping({
      mapping: {
        logicalId: 'Mapping',
        functionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:orders',
        sourceArn: 'arn:aws:dynamodb:eu-central-1:000000000000:table/orders/stream/label',
        batchSize: 100,
        batchingWindowSeconds: 0,
        parallelizationFactor: 1,
        maximumRetryAttempts: 3,
        maximumRecordAgeSeconds: -1,
        bisectOnError: true,
        reportsItemFailures: true,
        startingPosition: 'TRIM_HORIZON',
        filters: [],
        onFailureArn: failureQueue,
        ...mapping,
      },
      streams: this.stream,
      invoker: { invoke: (_arn, payload) => this.#invoke(payload) },
      queueStore: await this.#queues,
      checkpointFile: join(this.directory, 'checkpoints', 'mapping.json'),
      clock: this.clock,
      onNote: (text) => this.notes.push(text),
      drainMs: 50,
      ...options,
    });
    this.#started.push(started);
    return started;
  }

  /** Moves the time on, in small steps, until `condition` holds. @throws after `withinMs` of that time */
  async until(condition: () => boolean, withinMs = 600_000): Promise<void> {
    const end = this.clock.now() + withinMs;
    while (!condition()) {
      if (this.clock.now() > end) throw new Error(`Not so in ${withinMs} ms: ${condition}`);
      await this.pass(10);
    }
  }

  /** Moves the time on and lets everything happen that follows from it. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    for (let turn = 0; turn < 3; turn++) await setImmediate();
  }

  /** Until all that is in the stream has come to its end. */
  async drained(mapping: Mapping, batches: number): Promise<void> {
    await this.until(() => this.batches.length >= batches && mapping.backlog === 0);
  }

  async dead(): Promise<readonly Record<string, unknown>[]> {
    const messages = await (await this.#queues).peek(failureQueue, 100);
    return messages.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  }

  async remove(): Promise<void> {
    await Promise.all(this.#started.map((mapping) => mapping.stop()));
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #invoke(payload: string): Promise<InvokeResult> {
    const event = JSON.parse(payload) as { readonly Records: readonly LambdaRecord[] };
    const batch = event.Records.map((record) => record.dynamodb.SequenceNumber);
    this.events.push(event);
    this.batches.push(batch);
    const answer = await this.answer(batch);
    return { requestId: `request-${this.batches.length}`, payload: 'null', ...answer };
  }
}
