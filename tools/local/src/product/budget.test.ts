/** What a healthy diamond costs, in the engine's own figures. */
import { parseDefinition } from '@orchestra/workflow-core';
import type { Counts, MeterReading } from '../aws-endpoint/meter.js';
import type { RunningStack } from '../stack.js';
import { byCaller, chain, fan, readsOf, requestsToTable, runGraph } from './graphs.fixture.js';
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

  const costOf = (name: string): Counts => byCaller(stack.meter.read(), name);

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

    it('costs a worker one request of reads per message, of no more units than what it reads has', () => {
      const { requests, readUnits } = costOf('Worker');
      expect((requests['BatchGetItem'] ?? 0) + (requests['Query'] ?? 0)).toBe(3);
      // META three times; the output of A once, those of the three Bs once each.
      expect(readUnits).toBeLessThanOrEqual(3 + 1 + 3);
    });
  });
});

const MOST_REQUESTS = 200;

/** On a busy machine outcomes come one by one and travel apart, which only adds to what a run costs. */
async function bestOfThree(
  run: (id: string) => Promise<{ readonly reading: MeterReading }>,
): Promise<MeterReading> {
  const readings: MeterReading[] = [];
  for (const id of ['warm', 'warmer', 'warmest']) {
    const { reading } = await run(id);
    if (
      requestsToTable(reading) <= MOST_REQUESTS &&
      !readsOf(reading, 'Orchestrator').includes('Query')
    )
      return reading;
    readings.push(reading);
  }
  return readings.reduce((best, each) =>
    requestsToTable(each) < requestsToTable(best) ? each : best,
  );
}

/** Of 25 tasks each, as 1,000 travel. */
const MESSAGES = 40;

describe('a healthy graph of many tasks', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await startSample({ ephemeral: true }, { scheduleEverySeconds: 3_600 });
    await runGraph(stack, chain('first', 2));
  });
  afterAll(() => stack.stop());

  it('1 -> 1000 -> 1 costs 3 units a task and 2, in at most 200 requests to the table', async () => {
    // The first run warms what containers keep for ever: the definition.
    await runGraph(stack, fan('fan', 1_000), 'cold');
    const reading = await bestOfThree((id) => runGraph(stack, fan('fan', 1_000), id));
    expect(reading.tableWriteUnits).toBeLessThanOrEqual(3_025);
    expect(reading.indexWriteUnits).toBe(7);
    expect(reading.statementErrors).toEqual({});
    expect(reading.requestErrors).toEqual({});
    expect(requestsToTable(reading)).toBeLessThanOrEqual(MOST_REQUESTS);
    // A wait that no outcome proves costs a read by name: at most one for the last outcomes of a message.
    const { requests } = byCaller(reading, 'Orchestrator');
    expect(requests['Query']).toBeUndefined();
    expect(requests['BatchGetItem'] ?? 0).toBeLessThanOrEqual(MESSAGES);
  });

  it('a chain of 1,000 reads META and one output for each task, however long it is', async () => {
    const { reading, tasks } = await runGraph(stack, chain('chain', 1_000));
    expect(reading.tableWriteUnits).toBe(3 * tasks + 2);
    expect(reading.indexWriteUnits).toBe(7);
    expect(reading.statementErrors).toEqual({});
    // The definition, once a container.
    expect(new Set(readsOf(reading, 'Orchestrator'))).toEqual(new Set(['GetItem']));
    const { requests, readUnits } = byCaller(reading, 'Worker');
    expect(requests['BatchGetItem']).toBe(tasks);
    // Each container loads the definition once.
    const definitions = requests['GetItem'] ?? 0;
    expect(readUnits).toBeLessThanOrEqual(2 * tasks - 1 + 2 * definitions);
  });

  it('conditions and expressions cost no unit more than the tasks that have them', async () => {
    const data = parseDefinition({
      name: 'data',
      tasks: [
        { id: 'A', function: 'A', input: { delayMs: '{% 1 - 1 %}' } },
        { id: 'no', function: 'A', dependsOn: ['A'], when: '{% tasks.A.status = "FAILED" %}' },
        { id: 'end', function: 'A', dependsOn: ['A', 'no'], triggerRule: 'all_done' },
      ],
    });
    await runGraph(stack, data, 'data-cold');
    const { reading, tasks } = await runGraph(stack, data, 'data-warm');
    expect(reading.tableWriteUnits).toBe(3 * tasks + 2);
    expect(reading.indexWriteUnits).toBe(7);
    expect(reading.statementErrors).toEqual({});
  });
});
