import { randomUUID } from 'node:crypto';
import type { QueueStore } from '../runtime.js';
import type { Clock } from '../schedule/clock.js';

export interface ReceivedMessage {
  readonly id: string;
  readonly body: string;
  /** What deletes it, or changes how long it stays hidden. */
  readonly receipt: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly firstReceivedAt: number;
  /** This time included. */
  readonly receiveCount: number;
}

export interface QueueCounts {
  readonly visible: number;
  /** Received and neither deleted nor visible again. */
  readonly inFlight: number;
  /** Sent with a delay that has not passed. */
  readonly delayed: number;
}

interface Hidden {
  readonly until: number;
  /** Missing while it was never received. */
  readonly receipt?: string;
  readonly firstReceivedAt?: number;
  readonly receiveCount: number;
}

/**
 * A queue as SQS hands it out: what one receiver got is hidden from all until it is deleted or its time is over. The
 * messages lie in the store and survive this process; who holds which does not, so a restart makes all of them visible.
 */
export class MessageQueue {
  readonly #hidden = new Map<string, Hidden>();
  #receiving: Promise<unknown> = Promise.resolve();

  constructor(
    readonly arn: string,
    private readonly store: QueueStore,
    private readonly clock: Clock,
  ) {}

  /** @returns the message's id */
  async send(body: string, delayMs = 0): Promise<string> {
    const id = await this.store.send(this.arn, body);
    if (delayMs > 0) this.#hidden.set(id, { until: this.clock.now() + delayMs, receiveCount: 0 });
    return id;
  }

  /** Oldest first, at most `limit`; none is given to two receivers at once. */
  receive(limit: number, hiddenForMs: number): Promise<readonly ReceivedMessage[]> {
    const received = this.#receiving.then(() => this.#receive(limit, hiddenForMs));
    this.#receiving = received.catch(() => undefined);
    return received;
  }

  /** One at a time: what another receiver hides meanwhile would be missing from what was looked at. */
  async #receive(limit: number, hiddenForMs: number): Promise<readonly ReceivedMessage[]> {
    // Among the first so many are enough visible ones, if there are any.
    const looked = await this.store.peek(this.arn, this.#hiddenNow().length + limit);
    return looked
      .filter(({ id }) => !this.#isHidden(id))
      .slice(0, limit)
      .map(({ id, body }) => this.#give(id, body, hiddenForMs));
  }

  /** @returns false when nobody holds the message by this receipt */
  changeVisibility(receipt: string, hiddenForMs: number): boolean {
    const id = idOf(receipt);
    const hidden = this.#hidden.get(id);
    if (hidden?.receipt !== receipt || !this.#isHidden(id)) return false;
    this.#hidden.set(id, { ...hidden, until: this.clock.now() + hiddenForMs });
    return true;
  }

  /** Deleting what is not there any more is harmless. */
  async delete(receipt: string): Promise<void> {
    await this.store.remove(this.arn, idOf(receipt));
    this.#hidden.delete(idOf(receipt));
  }

  async counts(): Promise<QueueCounts> {
    const all = await this.store.count(this.arn);
    const hidden = this.#hiddenNow();
    const delayed = hidden.filter(({ receipt }) => receipt === undefined).length;
    return {
      visible: Math.max(0, all - hidden.length),
      inFlight: hidden.length - delayed,
      delayed,
    };
  }

  #give(id: string, body: string, hiddenForMs: number): ReceivedMessage {
    const now = this.clock.now();
    const before = this.#hidden.get(id);
    const firstReceivedAt = before?.firstReceivedAt ?? now;
    const receiveCount = (before?.receiveCount ?? 0) + 1;
    const receipt = `${id}.${randomUUID()}`;
    this.#hidden.set(id, { until: now + hiddenForMs, receipt, firstReceivedAt, receiveCount });
    return { id, body, receipt, sentAt: Number(id), firstReceivedAt, receiveCount };
  }

  #hiddenNow(): readonly Hidden[] {
    return [...this.#hidden.values()].filter(({ until }) => until > this.clock.now());
  }

  #isHidden(id: string): boolean {
    return (this.#hidden.get(id)?.until ?? -Infinity) > this.clock.now();
  }
}

const RECEIPT = /^(\d{14,})\.[0-9a-f-]{36}$/;

export function isReceipt(text: string): boolean {
  return RECEIPT.test(text);
}

function idOf(receipt: string): string {
  return RECEIPT.exec(receipt)?.[1] ?? '';
}
