import * as z from 'zod';

/** Sum and count of one metric since the start, over all its dimensions. */
export interface MetricTotal {
  readonly namespace: string;
  readonly name: string;
  readonly sum: number;
  readonly count: number;
}

const embedded = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({ Namespace: z.string(), Metrics: z.array(z.object({ Name: z.string() })) }),
    ),
  }),
});

/** Reads the embedded metric format out of log lines, as CloudWatch does. */
export class MetricsCounter {
  readonly #totals = new Map<string, MetricTotal>();

  /** Any line may come here; one that holds no metrics changes nothing. */
  read(line: string): void {
    if (!line.includes('CloudWatchMetrics')) return;
    const parsed = embedded.safeParse(parseObject(line));
    if (!parsed.success) return;
    for (const directive of parsed.data._aws.CloudWatchMetrics)
      for (const { Name } of directive.Metrics)
        this.#add(directive.Namespace, Name, parsed.data[Name]);
  }

  totals(): readonly MetricTotal[] {
    return [...this.#totals.values()];
  }

  /** A metric's value is a number or a list of them. */
  #add(namespace: string, name: string, value: unknown): void {
    const values = [value].flat().filter((v) => typeof v === 'number');
    const key = JSON.stringify([namespace, name]);
    const before = this.#totals.get(key) ?? { namespace, name, sum: 0, count: 0 };
    const sum = values.reduce((total, v) => total + v, before.sum);
    if (values.length)
      this.#totals.set(key, { ...before, sum, count: before.count + values.length });
  }
}

/** A console may have put its own words before the JSON, as Lambda's does. */
function parseObject(line: string): unknown {
  try {
    return JSON.parse(line.slice(line.indexOf('{')));
  } catch {
    return undefined;
  }
}
