/** Time as this runtime sees it, so that tests can set it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `action` once, `delayMs` from now; the returned function takes it back. */
  after(delayMs: number, action: () => void): () => void;
}

/** The machine's clock. Its timers never keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until it is moved; due actions run in the order of their time. */
export class SettableClock implements Clock {
  #now: number;
  readonly #timers = new Set<{ at: number; action: () => void }>();

  constructor(startMs = Date.UTC(2030, 0, 1)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { at: this.#now + delayMs, action };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** How many actions wait for their time. */
  get waiting(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#due(until); next; next = this.#due(until)) {
      this.#timers.delete(next);
      this.#now = next.at;
      next.action();
    }
    this.#now = until;
  }

  #due(until: number) {
    return [...this.#timers].filter((t) => t.at <= until).sort((a, b) => a.at - b.at)[0];
  }
}
