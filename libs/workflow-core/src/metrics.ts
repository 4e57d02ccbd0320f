/** What one invocation measured, written as one line in CloudWatch's embedded metric format. */
export interface Metrics<Counter extends string, Duration extends string = never> {
  readonly count: (metric: Counter, by?: number) => void;
  readonly observe: (metric: Duration, milliseconds: number) => void;
  /** Writes what was measured since the last time; nothing when nothing was. */
  readonly flush: () => void;
}

/** Of one metric in one line; CloudWatch's own limit. */
const VALUES_PER_METRIC = 100;

export function createMetrics<Counter extends string, Duration extends string = never>(
  now: () => number,
  write: (line: string) => void,
): Metrics<Counter, Duration> {
  let counts: Partial<Record<Counter, number>> = {};
  let durations: Partial<Record<Duration, number[]>> = {};

  function writeLine(values: Record<string, unknown>): void {
    const metrics = Object.keys(values).map((Name) => ({
      Name,
      Unit: Name.endsWith('Ms') ? 'Milliseconds' : 'Count',
    }));
    if (metrics.length === 0) return;
    const directive = { Namespace: 'Orchestra', Dimensions: [[]], Metrics: metrics };
    write(
      JSON.stringify({ _aws: { Timestamp: now(), CloudWatchMetrics: [directive] }, ...values }),
    );
  }

  return {
    count: (metric, by = 1) => {
      counts[metric] = (counts[metric] ?? 0) + by;
    },
    observe: (metric, milliseconds) => {
      (durations[metric] ??= []).push(milliseconds);
      if (durations[metric].length < VALUES_PER_METRIC) return;
      writeLine({ [metric]: durations[metric] });
      delete durations[metric];
    },
    flush: () => {
      writeLine({ ...counts, ...durations });
      counts = {};
      durations = {};
    },
  };
}
