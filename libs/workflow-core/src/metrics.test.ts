import { createMetrics, type Metrics } from './metrics.js';

function written(measure: (metrics: Metrics<string, string>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  const metrics = createMetrics<string, string>(
    () => 7,
    (line) => lines.push(line),
  );
  measure(metrics);
  metrics.flush();
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the metrics of an invocation', () => {
  it('are one line in the embedded metric format', () => {
    const lines = written(({ count, observe }) => {
      count('TasksSucceeded');
      count('TasksSucceeded', 2);
      observe('TaskDurationMs', 12);
      observe('TaskDurationMs', 30);
    });
    expect(lines).toEqual([
      {
        _aws: {
          Timestamp: 7,
          CloudWatchMetrics: [
            {
              Namespace: 'Orchestra',
              Dimensions: [[]],
              Metrics: [
                { Name: 'TasksSucceeded', Unit: 'Count' },
                { Name: 'TaskDurationMs', Unit: 'Milliseconds' },
              ],
            },
          ],
        },
        TasksSucceeded: 3,
        TaskDurationMs: [12, 30],
      },
    ]);
  });

  it('are nothing when nothing was measured', () => {
    expect(written(() => {})).toEqual([]);
  });

  it('never hold more values of one metric than CloudWatch takes, and lose none', () => {
    const lines = written(({ observe }) => {
      for (let n = 0; n < 250; n += 1) observe('TaskDurationMs', n);
    });
    const values = lines.map((line) => line['TaskDurationMs'] as number[]);
    expect(values.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(new Set(values.flat()).size).toBe(250);
  });
});
