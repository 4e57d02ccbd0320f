import type { Run } from '../stack/run-workflow.js';
import { costOf, flatness } from './cost.js';

const ran = (tasks: number, units: number): Run => ({
  ...{ workflowId: 'w', edges: 0, status: 'SUCCESS', seconds: 1, passes: {} },
  tasks,
  usage: { peakBytes: 0, orchestratorPeakBytes: 0, cpuSeconds: {} },
  reading: {
    ...{ requestErrors: {}, statementErrors: {}, indexWriteUnits: 0, indexWriteUnitsByName: {} },
    requests: { Query: tasks, Invoke: tasks * tasks },
    tableWriteUnits: tasks * units,
    readUnits: tasks,
    byCaller: {},
  },
});

describe('the cost of a task', () => {
  it('is compared with that in 100, a smaller one left out', () => {
    const lines = flatness('chain', [ran(10, 9), ran(100, 3), ran(1_000, 3.9)]);
    expect(lines).toHaveLength(3);
    expect(lines.every(({ holds }) => holds)).toBe(true);
  });

  it('is not flat above 1.3 times that', () => {
    const broken = flatness('chain', [ran(100, 3), ran(1_000, 3.95)]).filter(({ holds }) => !holds);
    expect(broken.map(({ line }) => line)).toEqual([expect.stringContaining('write units')]);
  });

  it('has the unit that a lost condition costs', () => {
    const run = ran(100, 3);
    const lost = { ...run, reading: { ...run.reading, statementErrors: { DuplicateItem: 50 } } };
    expect(costOf(lost).writeUnits).toBe(3.5);
  });

  it('may read as much as a task that travels alone, however little many read together', () => {
    const reading = (tasks: number, readUnits: number): Run => {
      const run = ran(tasks, 3);
      return { ...run, reading: { ...run.reading, readUnits: readUnits * tasks } };
    };
    const isFlat = (few: number, many: number) =>
      flatness('fan', [reading(100, few), reading(1_000, many)]).every(({ holds }) => holds);
    expect(isFlat(0.3, 2.5)).toBe(true);
    expect(isFlat(0.3, 2.7)).toBe(false);
    expect(isFlat(3, 4)).toBe(false);
  });

  it('counts no invocation among the requests', () => {
    const requests = flatness('chain', [ran(100, 3), ran(1_000, 3)]).at(-1);
    expect(requests?.ratio).toBe(1);
  });
});
