import type { FunctionModel } from '../model.js';
import type { InvokeResult, QueueStore } from '../runtime.js';
import type { Clock } from '../schedule/clock.js';
import type { AsyncEvent, EventJournal } from './event-journal.js';
import { newRequestId } from './invocation.js';
import { SandboxStoppedError } from './sandbox.js';

export interface AsyncEventsDependencies {
  /** Runs an event once. A rejection means that it was not tried: throttled, or stopped before. */
  readonly run: (fn: FunctionModel, event: AsyncEvent) => Promise<InvokeResult>;
  /** Resolves when it is this function's turn on a busy machine. */
  readonly turnOf: (fn: FunctionModel) => Promise<void>;
  readonly functionOf: (functionArn: string) => FunctionModel | undefined;
  readonly journal: EventJournal;
  readonly queueStore: QueueStore;
  readonly clock: Clock;
  /** What a person should know: an event that waits although nothing is wrong with it, or that nothing can be done for. */
  readonly onProblem: (fn: FunctionModel, text: string) => void;
  /** Milliseconds before the first retry; each further one waits twice as long. */
  readonly retryDelayMs: number;
}

type Condition = 'RetriesExhausted' | 'EventAgeExceeded';

/** Milliseconds before a throttled event is offered again: doubled each time, as AWS does. */
const REFUSED = { firstMs: 1_000, longestMs: 5 * 60_000 } as const;

/**
 * Lambda's queue of asynchronous events: a function error is tried again `asyncRetries` times under the same request id;
 * a throttle is no try and is waited out. What fails for good, or grows too old, goes to the failure destination. An event
 * leaves the journal only after that, so a restart runs what was not finished once more.
 */
export class AsyncEvents {
  readonly #is: AsyncEventsDependencies;
  readonly #inHand = new Set<string>();
  readonly #tries = new Set<Promise<void>>();
  readonly #timers = new Map<string, () => void>();
  #held = false;

  constructor(dependencies: AsyncEventsDependencies) {
    this.#is = dependencies;
  }

  /** Takes up what an earlier process had accepted. @returns events whose function is no longer there, now dropped */
  recover(): readonly AsyncEvent[] {
    const events = this.#is.journal.events();
    const orphans = events.filter((event) => !this.#is.functionOf(event.functionArn));
    for (const { requestId } of orphans) this.#is.journal.end(requestId);
    for (const event of this.#is.journal.events()) this.#plan(event);
    return orphans;
  }

  /** @returns once the event can no longer be lost */
  accept(fn: FunctionModel, payload: string): { readonly requestId: string } {
    const requestId = newRequestId();
    const now = this.#is.clock.now();
    const event: AsyncEvent = {
      requestId,
      functionArn: fn.arn,
      payload,
      acceptedAt: now,
      attempts: 0,
      notBefore: now,
    };
    this.#is.journal.keep(event);
    this.#plan(event);
    return { requestId };
  }

  /** Request ids of events that are queued or run; not of those that only wait for the time of a retry. */
  get inHand(): ReadonlySet<string> {
    return this.#inHand;
  }

  /** All events that have not ended, retries included. */
  get pending(): number {
    return this.#is.journal.size;
  }

  /** Starts no event from now on; those accepted stay in the journal. */
  hold(): void {
    this.#held = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** Resolves when what was in hand has been settled or put aside. */
  async settled(): Promise<void> {
    await Promise.all(this.#tries);
  }

  #plan(event: AsyncEvent): void {
    if (this.#held) return;
    const delay = event.notBefore - this.#is.clock.now();
    if (delay <= 0) return this.#begin(event);
    const cancel = this.#is.clock.after(delay, () => this.#begin(event));
    this.#timers.set(event.requestId, cancel);
  }

  #begin(event: AsyncEvent): void {
    this.#timers.delete(event.requestId);
    const trying = this.#try(event).finally(() => this.#tries.delete(trying));
    this.#tries.add(trying);
  }

  async #try(event: AsyncEvent): Promise<void> {
    const fn = this.#is.functionOf(event.functionArn);
    if (!fn) return;
    this.#inHand.add(event.requestId);
    try {
      await this.#is.turnOf(fn);
      if (this.#held) return;
      if (isTooOld(fn, event, this.#is.clock.now()))
        return await this.#bury(fn, event, 'EventAgeExceeded');
      const result = await this.#run(fn, event);
      const attempts = event.attempts + 1;
      if (result) await this.#after(fn, { ...event, attempts, refusals: 0 }, result);
    } catch (error) {
      if (!(error instanceof SandboxStoppedError))
        this.#is.onProblem(fn, `Event ${event.requestId} was put aside: ${String(error)}`);
    } finally {
      this.#inHand.delete(event.requestId);
    }
  }

  /** @returns nothing when the event was not taken: it is planned anew then */
  async #run(fn: FunctionModel, event: AsyncEvent): Promise<InvokeResult | undefined> {
    try {
      return await this.#is.run(fn, event);
    } catch (error) {
      if (error instanceof SandboxStoppedError) throw error;
      if (!event.refusals)
        this.#is.onProblem(fn, `Event ${event.requestId} was not taken: ${String(error)}`);
      await this.#refused(fn, event);
      return undefined;
    }
  }

  async #refused(fn: FunctionModel, event: AsyncEvent): Promise<void> {
    const { refusals = 0 } = event;
    const wait = Math.min(REFUSED.firstMs * 2 ** refusals, REFUSED.longestMs);
    await this.#again(fn, { ...event, refusals: refusals + 1 }, wait);
  }

  async #after(fn: FunctionModel, event: AsyncEvent, result: InvokeResult): Promise<void> {
    if (!result.functionError) return this.#is.journal.end(event.requestId);
    if (event.attempts > fn.asyncRetries) return this.#bury(fn, event, 'RetriesExhausted', result);
    await this.#again(fn, event, this.#is.retryDelayMs * 2 ** (event.attempts - 1), result);
  }

  async #again(fn: FunctionModel, event: AsyncEvent, waitMs: number, result?: InvokeResult) {
    const notBefore = this.#is.clock.now() + waitMs;
    if (isTooOld(fn, event, notBefore)) return this.#bury(fn, event, 'EventAgeExceeded', result);
    const next = { ...event, notBefore };
    this.#is.journal.keep(next);
    this.#plan(next);
  }

  async #bury(
    fn: FunctionModel,
    event: AsyncEvent,
    condition: Condition,
    result?: InvokeResult,
  ): Promise<void> {
    const timestamp = new Date(this.#is.clock.now()).toISOString();
    const record = destinationRecord(fn, event, condition, timestamp, result);
    if (fn.onFailureArn) await this.#is.queueStore.send(fn.onFailureArn, JSON.stringify(record));
    this.#is.journal.end(event.requestId);
  }
}

/** The record AWS sends to an on-failure destination. */
function destinationRecord(
  fn: FunctionModel,
  event: AsyncEvent,
  condition: Condition,
  timestamp: string,
  result?: InvokeResult,
) {
  return {
    version: '1.0',
    timestamp,
    requestContext: {
      requestId: event.requestId,
      functionArn: `${fn.arn}:$LATEST`,
      condition,
      approximateInvokeCount: event.attempts,
    },
    requestPayload: jsonOr(event.payload),
    ...(result && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        functionError: result.functionError,
      },
      responsePayload: jsonOr(result.payload),
    }),
  };
}

function isTooOld(fn: FunctionModel, event: AsyncEvent, at: number): boolean {
  return at - event.acceptedAt > fn.asyncMaxAgeSeconds * 1000;
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
