import { LogLines } from './log-lines.js';
import { MetricsCounter } from './metrics-counter.js';

describe('cutting output into lines', () => {
  const read = (...chunks: (string | Buffer)[]) => {
    const texts: string[] = [];
    const lines = new LogLines((text) => texts.push(text));
    for (const chunk of chunks) lines.write(Buffer.from(chunk));
    lines.end();
    return { texts, heapExhausted: lines.heapExhausted };
  };

  it('does not depend on how the output was cut in pieces, not even within a letter', () => {
    const bytes = Buffer.from('grüße\n😀 und\n\nmehr');
    for (let at = 0; at <= bytes.length; at++)
      expect(read(bytes.subarray(0, at), bytes.subarray(at)).texts).toEqual([
        'grüße',
        '😀 und',
        'mehr',
      ]);
  });

  it('bounds a line that never ends', () => {
    const { texts } = read('x'.repeat(300_000), 'y');
    expect(texts[0]).toHaveLength(262_144);
  });

  it('keeps the report of a full heap back, and knows it', () => {
    const report = `work
<--- Last few GCs --->
[12:0x1] 900 ms: Mark-sweep 128 (130) MB
<--- JS stacktrace --->
FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
 1: 0xb7 node::Abort()`;
    expect(read(report)).toEqual({ texts: ['work'], heapExhausted: true });
    expect(read('a user may say: heap out of memory')).toMatchObject({ heapExhausted: false });
  });
});

describe('metrics in log lines', () => {
  const line = (values: object, names = Object.keys(values)) =>
    JSON.stringify({
      _aws: {
        Timestamp: 1,
        CloudWatchMetrics: [
          { Namespace: 'Orders', Dimensions: [[]], Metrics: names.map((Name) => ({ Name })) },
        ],
      },
      ...values,
    });

  it('are summed and counted by namespace and name', () => {
    const counter = new MetricsCounter();
    for (const text of [line({ sold: 2, price: 1.5 }), line({ sold: 3 }), line({ sold: [4, 5] })])
      counter.read(text);
    expect(counter.totals()).toEqual([
      { namespace: 'Orders', name: 'sold', sum: 14, count: 4 },
      { namespace: 'Orders', name: 'price', sum: 1.5, count: 1 },
    ]);
  });

  it.each([
    'CloudWatchMetrics',
    '{"_aws":{"CloudWatchMetrics":5}}',
    '{"CloudWatchMetrics":[]}',
    line({}, ['absent']),
    line({ text: 'no number' }),
  ])('are nothing in %s', (text) => {
    const counter = new MetricsCounter();
    counter.read(text);
    expect(counter.totals()).toEqual([]);
  });
});
