/** Counts of one invocation, written as one line in CloudWatch's embedded metric format. */
import type { Metric } from './ports.js';

export interface Metrics {
  readonly count: (metric: Metric, by?: number) => void;
  /** Writes what was counted since the last time; nothing when nothing was. */
  readonly flush: () => void;
}

export function createMetrics(now: () => number, write: (line: string) => void): Metrics {
  let counts: Partial<Record<Metric, number>> = {};
  return {
    count: (metric, by = 1) => {
      counts[metric] = (counts[metric] ?? 0) + by;
    },
    flush: () => {
      const names = Object.keys(counts);
      if (names.length === 0) return;
      const metrics = names.map((Name) => ({ Name, Unit: 'Count' }));
      const _aws = {
        Timestamp: now(),
        CloudWatchMetrics: [{ Namespace: 'Orchestra', Dimensions: [[]], Metrics: metrics }],
      };
      write(JSON.stringify({ _aws, ...counts }));
      counts = {};
    },
  };
}
