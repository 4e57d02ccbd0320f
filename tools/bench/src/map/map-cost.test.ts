import { costOfItem, flatnessOfItems, mostAtOnce, type MeasuredMap } from './map-cost.js';

const ran = (items: number, units: number, requests = items, width?: number): MeasuredMap => ({
  ...{ workflowId: 'w', tasks: 1, edges: 0, status: 'SUCCESS', seconds: 1, passes: {} },
  ...{ items, width, succeeded: items, atOnce: 50 },
  usage: { peakBytes: 0, orchestratorPeakBytes: 0, cpuSeconds: {} },
  reading: {
    ...{ requestErrors: {}, statementErrors: {}, indexWriteUnits: 0, indexWriteUnitsByName: {} },
    requests: { Query: requests, Invoke: items * items },
    tableWriteUnits: items * units,
    readUnits: items,
    byCaller: {},
  },
});

const broken = (...runs: MeasuredMap[]) =>
  flatnessOfItems(runs).flatMap(({ holds, line }) => (holds ? [] : [line]));

describe('the cost of an item', () => {
  it('is compared with that among 100, fewer left out', () => {
    expect(flatnessOfItems([ran(10, 9), ran(100, 3), ran(1_000, 3.1)])).toHaveLength(2);
    expect(broken(ran(10, 9), ran(100, 3), ran(1_000, 3.1))).toEqual([]);
  });

  it('is not flat above 1.05 times the write units', () => {
    expect(broken(ran(100, 3), ran(1_000, 3.2))).toEqual([
      expect.stringContaining('all at once: write units'),
    ]);
  });

  it('is not flat above 1.3 times the requests, invocations left out', () => {
    expect(broken(ran(100, 3), ran(1_000, 3, 1_300))).toEqual([]);
    expect(broken(ran(100, 3), ran(1_000, 3, 1_310))).toEqual([
      expect.stringContaining('requests'),
    ]);
  });

  it('is compared in requests with that among twenty times as many as run at once', () => {
    const few = ran(100, 3, 100, 50);
    expect(broken(few, ran(1_000, 3, 2_000, 50))).toEqual([]);
    expect(broken(few, ran(1_000, 3, 2_000, 50), ran(10_000, 3, 27_000, 50))).toEqual([
      expect.stringContaining('of 1000 and of 10000'),
    ]);
  });

  it('has the unit that a lost condition costs', () => {
    const run = ran(100, 3);
    const lost = { ...run, reading: { ...run.reading, statementErrors: { DuplicateItem: 50 } } };
    expect(costOfItem(lost).writeUnits).toBe(3.5);
  });
});

describe('how many ran at the same moment', () => {
  it('is the most there were, one that begins as another ends not counted with it', () => {
    const task = (startedAt: string, endedAt: string) => ({ startedAt, endedAt });
    expect(mostAtOnce([])).toBe(0);
    expect(mostAtOnce([task('1', '3'), task('3', '5'), task('4', '6')])).toBe(2);
    expect(mostAtOnce([task('1', '9'), task('2', '9'), task('3', '4'), task('5', '6')])).toBe(3);
  });
});
