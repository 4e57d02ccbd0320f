/** One ticking clock for every elapsed time on the page, stopped while nobody looks at it. */
import { useSyncExternalStore } from 'react';

const TICK_MS = 500;

let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach((notify) => notify()), TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** In whole ticks: React compares what it reads, and a snapshot that always differs renders without end. */
const read = (): number => Math.floor(Date.now() / TICK_MS) * TICK_MS;

/** Epoch milliseconds of the local midnight before now: renders who asks once a day. */
export function useToday(): number {
  return useSyncExternalStore(subscribe, () => new Date().setHours(0, 0, 0, 0));
}

/** Epoch milliseconds, renewed every half second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read);
}
