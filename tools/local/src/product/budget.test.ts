/** What a healthy diamond costs, in the engine's own figures. */
import type { Counts } from '../aws-endpoint/meter.js';
import type { RunningStack } from '../stack.js';
import { metricOf, start, startSample, until } from './sample-stack.fixture.js';

jest.setTimeout(120_000);

describe('a healthy diamond', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    // A sweep that looks and finds nothing due costs reads of its own; here only the workflow is to be seen.
    stack = await startSample({ ephemeral: true }, { scheduleEverySeconds: 3_600 });
    await runOne({ delayMs: 0 });
  });
  afterAll(() => stack.stop());

  /** Asks the functions' own metrics, not the API: reading would count. */
  async function runOne(input: unknown): Promise<void> {
    const before = metricOf(stack, 'WorkflowsSucceeded');
    await start(stack, input);
    await until(
      async () => metricOf(stack, 'WorkflowsSucceeded'),
      (now) => now === before + 1,
    );
  }

  const costOf = (name: string): Counts => {
    const { byCaller } = stack.meter.read();
    const caller = Object.keys(byCaller).find((each) => each.includes(name));
    if (!caller) throw new Error(`${name} called nothing: ${Object.keys(byCaller).join(', ')}`);
    return byCaller[caller] as Counts;
  };

  describe.each([
    ['whose tasks end at once', { delayMs: 0 }],
    ['at its usual pace', {}],
  ])('%s', (_, input) => {
    beforeAll(async () => {
      stack.meter.reset();
      await runOne(input);
    });

    it('costs 17 write units on the table and 7 on its indexes', () => {
      const { tableWriteUnits, indexWriteUnitsByName } = stack.meter.read();
      expect(tableWriteUnits).toBe(17);
      expect(indexWriteUnitsByName).toEqual({ list: 2, filter: 3, due: 2 });
    });

    it('has no statement and no request that fails', () => {
      const { statementErrors, requestErrors } = stack.meter.read();
      expect(statementErrors).toEqual({});
      expect(requestErrors).toEqual({});
    });

    it('is decided without reading anything', () => {
      expect(costOf('Orchestrator').readUnits).toBe(0);
    });

    it('costs a worker one request of reads per message', () => {
      const { requests, readUnits } = costOf('Worker');
      expect(requests).toMatchObject({ BatchGetItem: 3 });
      // META three times; the output of A once, those of the three Bs once each.
      expect(readUnits).toBe(3 + 1 + 3);
    });
  });
});
