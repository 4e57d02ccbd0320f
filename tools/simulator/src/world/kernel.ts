/**
 * Time and order. What can happen next waits in a pool; a seeded draw takes one, its effect follows, and the code under
 * test goes on until it waits again. Only when nothing can happen does the clock jump to the next timer.
 *
 * (K1) Nothing here depends on the machine: the same seed makes the same draws, so the same run.
 */
import { Random } from './random.js';

/** 2026-01-02T03:04:05Z. */
export const START_MS = 1_767_323_045_000;

interface Timer {
  readonly at: number;
  /** Timers of one moment go off in the order in which they were set. */
  readonly order: number;
  readonly action: () => void;
}

export class Kernel {
  /** Milliseconds since the epoch. */
  now = START_MS;
  steps = 0;
  readonly random: Random;
  private readonly pool: (() => void)[] = [];
  private readonly timers: Timer[] = [];
  private order = 0;
  private hash = 0x811c9dc5;
  private failure: unknown;
  /** Something was rejected at this moment. */
  wasRefused = true;

  /** @param tell is given each line of the trace */
  constructor(
    seed: number,
    private readonly tell?: (line: string) => void,
  ) {
    this.random = new Random(seed);
  }

  /** Into the pool of what can happen next. */
  soon(action: () => void): void {
    this.pool.push(action);
  }

  later(milliseconds: number, action: () => void): void {
    if (milliseconds <= 0) return this.soon(action);
    this.order += 1;
    push(this.timers, { at: this.now + milliseconds, order: this.order, action });
  }

  /** Part of what makes two runs the same. */
  trace(line: string): void {
    for (let at = 0; at < line.length; at += 1)
      this.hash = Math.imul(this.hash ^ line.charCodeAt(at), 0x01000193);
    this.hash = Math.imul(this.hash ^ (this.now % 86_400_000), 0x01000193);
    this.tell?.(`${((this.now - START_MS) / 1000).toFixed(3).padStart(9)} ${line}`);
  }

  get traceHash(): string {
    return (this.hash >>> 0).toString(16).padStart(8, '0');
  }

  /** Ends the run: the world itself is broken, or an invariant is. */
  fail(error: unknown): void {
    this.failure ??= error;
  }

  /** Until `isOver` says so when nothing can happen at this moment, or until the clock would pass `until`. */
  async run(until: number, isOver: () => boolean): Promise<void> {
    for (;;) {
      await (this.wasRefused ? turn() : microtasks());
      this.wasRefused = false;
      if (this.failure !== undefined) throw this.failure;
      if (this.pool.length > 0) this.draw()();
      else if (isOver() || !this.jump(until)) return this.settle();
    }
  }

  private async settle(): Promise<void> {
    await turn();
    if (this.failure !== undefined) throw this.failure;
  }

  private draw(): () => void {
    this.steps += 1;
    const index = this.random.below(this.pool.length);
    const action = this.pool[index] as () => void;
    const last = this.pool.pop() as () => void;
    if (index < this.pool.length) this.pool[index] = last;
    return action;
  }

  private jump(until: number): boolean {
    const next = this.timers[0];
    if (!next || next.at > until) {
      this.now = Math.max(this.now, until);
      return false;
    }
    this.now = next.at;
    while (this.timers[0]?.at === next.at) this.soon(pop(this.timers).action);
    return true;
  }
}

/** Everything that can go on without the world has gone on: a tick begun here comes after all microtasks. */
const microtasks = () => new Promise<void>((resolve) => process.nextTick(resolve));

/** A turn of the event loop as well, in which Node notices a rejection that nobody handles. */
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Timer[], timer: Timer): void {
  let at = heap.push(timer) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(timer, heap[parent] as Timer)) break;
    heap[at] = heap[parent] as Timer;
    at = parent;
  }
  heap[at] = timer;
}

function pop(heap: Timer[]): Timer {
  const first = heap[0] as Timer;
  const last = heap.pop() as Timer;
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer))
      child += 1;
    if (!isBefore(heap[child] as Timer, last)) break;
    heap[at] = heap[child] as Timer;
    at = child;
  }
  heap[at] = last;
  return first;
}
