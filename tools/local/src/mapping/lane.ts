import { delay } from './delay.js';
import { deliverBatch, DeliveryStoppedError, type DeliveryDependencies } from './delivery.js';
import type { PendingRecord } from './record-order.js';

/** Bytes of the records in one event, as Lambda bounds its payload. */
const maxPayloadBytes = 6 * 1024 * 1024 - 32;

/** One of the queues a shard's records are dealt to: batches of it are delivered one after the other. */
export class Lane {
  readonly #is: DeliveryDependencies;
  #queue: PendingRecord[] = [];
  #working: Promise<void> | undefined;
  #whenFull = new AbortController();

  constructor(dependencies: DeliveryDependencies) {
    this.#is = dependencies;
    dependencies.stopped.addEventListener('abort', () => this.#whenFull.abort(), { once: true });
  }

  add(record: PendingRecord): void {
    this.#queue.push(record);
    if (this.#queue.length >= this.#is.mapping.batchSize) this.#whenFull.abort();
  }

  /** Call after `add`: what was added together goes together. */
  start(): void {
    if (this.#working || !this.#queue.length) return;
    this.#working = this.#work().finally(() => (this.#working = undefined));
  }

  /** Resolves when nothing is being delivered. */
  async settled(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    try {
      while (this.#queue.length && !this.#is.stopped.aborted) {
        await this.#fill();
        await deliverBatch(this.#take(), this.#is);
      }
    } catch (error) {
      if (!(error instanceof DeliveryStoppedError)) throw error;
    }
  }

  /** With a batching window, waits until the batch is full or the window has passed. */
  async #fill(): Promise<void> {
    const { batchingWindowSeconds, batchSize } = this.#is.mapping;
    if (!batchingWindowSeconds || this.#queue.length >= batchSize) return;
    this.#whenFull = new AbortController();
    await delay(batchingWindowSeconds * 1000, this.#is.clock, this.#whenFull.signal);
  }

  #take(): readonly PendingRecord[] {
    let bytes = 0;
    const fitting = this.#queue.findIndex((record, at) => {
      bytes += Buffer.byteLength(record.json) + 1;
      return at > 0 && (at >= this.#is.mapping.batchSize || bytes > maxPayloadBytes);
    });
    return this.#queue.splice(0, fitting < 0 ? this.#queue.length : fitting);
  }
}
