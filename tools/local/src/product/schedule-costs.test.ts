/** What a schedule costs, in the engine's own figures. */
import { gzipSync } from 'node:zlib';
import { createDynamoSchedules } from '@orchestra/workflow-core/dynamodb';
import { scheduleSpecSchema, type Schedule } from '@orchestra/workflow-core';
import { decided, ordered } from '@orchestra/workflow-core/schedules';
import type { MeterReading } from '../aws-endpoint/meter.js';
import type { RunningStack } from '../stack.js';
import { byCaller, invokeFunction } from './graphs.fixture.js';
import { openMeteredStore, type MeteredStore } from './metered-store.fixture.js';
import { call, metricOf, startSample, until } from './sample-stack.fixture.js';

jest.setTimeout(120_000);

const NOW = Date.parse('2026-01-02T03:04:05.006Z');
const made = (changes: object = {}): Schedule => {
  const spec = scheduleSpecSchema.parse({
    cron: '*/5 * * * *',
    definition: { name: 'diamond' },
    ...{ tags: ['team=data'], note: 'as agreed', input: { n: 1 } },
    ...changes,
  });
  return ordered('nightly', spec, undefined, NOW) as Schedule;
};

describe('the store of a schedule', () => {
  let store: MeteredStore;
  let schedules: ReturnType<typeof createDynamoSchedules>;
  beforeAll(async () => {
    store = await openMeteredStore();
    schedules = createDynamoSchedules(store);
  });
  afterAll(() => store.close());

  it('costs a unit on the table and one on the due index to make it', async () => {
    expect(await store.costOf(() => schedules.putSchedule(made()))).toMatchObject({
      result: true,
      tableWriteUnits: 1,
      indexWriteUnitsByName: { due: 1 },
      readUnits: 0,
    });
  });

  it('costs what a large input has, compressed, when it is made', async () => {
    const text = Array.from({ length: 20_000 }, (_, n) => n * 7919).join();
    const kilobytes = gzipSync(JSON.stringify({ text })).byteLength / 1024;
    const schedule = { ...made({ input: { text } }), name: 'large' };
    const { tableWriteUnits } = await store.costOf(() => schedules.putSchedule(schedule));
    expect(tableWriteUnits).toBeGreaterThanOrEqual(1 + kilobytes);
    expect(tableWriteUnits).toBeLessThanOrEqual(1 + kilobytes + 1.2);
  });

  it.each([
    ['a small input', { n: 1 }],
    ['an input of 200 KB', { text: Array.from({ length: 20_000 }, (_, n) => n * 7919).join() }],
  ])(
    'costs the same for each of its times, with %s: 1 unit and 2 on the due index',
    async (_, input) => {
      await schedules.deleteSchedule('nightly');
      const schedule = made({ input });
      await schedules.putSchedule(schedule);
      const at = schedule.nextAt ?? '';
      const workflowId = 'nightly-20260102T030500Z';
      const next = decided(
        schedule,
        { at, outcome: 'started', workflowId },
        { previous: workflowId },
      );
      expect(await store.costOf(() => schedules.advanceSchedule(next))).toEqual({
        result: true,
        tableWriteUnits: 1,
        indexWriteUnitsByName: { due: 2 },
        readUnits: 0,
        requests: { BatchExecuteStatement: 1 },
      });
    },
  );
});

describe('a time of a schedule', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await startSample({ ephemeral: true }, { scheduleEverySeconds: 3_600 });
    expect((await call(stack, 'definitions/diamond')).status).toBe(200);
  });
  afterAll(() => stack.stop());

  /** One that has had a time so long ago, and at most every minute since. */
  async function put(name: string, agoMs: number, changes: object = {}) {
    const startAt = new Date(Date.now() - agoMs).toISOString();
    const answer = await call(stack, `schedules/${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ rate: '1 minute', startAt, input: { delayMs: 0 } },
        definition: { name: 'diamond', revision: 1 },
        ...changes,
      }),
    });
    expect(answer.status).toBe(201);
  }
  const sweep = async () =>
    expect(await invokeFunction(stack, 'Orchestrator', { mode: 'sweep' })).toMatchObject({
      failed: 0,
    });
  /** Swept until its workflow has ended. */
  async function sweepOnce(name: string, agoMs: number, changes: object = {}) {
    await put(name, agoMs, changes);
    const before = metricOf(stack, 'WorkflowsSucceeded');
    stack.meter.reset();
    await sweep();
    await until(
      async () => metricOf(stack, 'WorkflowsSucceeded'),
      (now) => now === before + 1,
    );
    const reading = stack.meter.read();
    expect(await call(stack, `schedules/${name}`, { method: 'DELETE' })).toMatchObject({
      status: 200,
    });
    return reading;
  }

  /** The due index in its four shards, the schedule, and a unit for each META. */
  function expectReads(reading: MeterReading, { BatchGetItem }: { BatchGetItem: number }) {
    const { requests, readUnits } = byCaller(reading, 'Orchestrator');
    expect(requests).toMatchObject({ Query: 4, BatchGetItem });
    // Each container loads the definition once.
    const definitions = (requests['GetItem'] ?? 0) - 1;
    expect(definitions).toBeGreaterThanOrEqual(0);
    expect(readUnits).toBeLessThanOrEqual(4 * 0.5 + 1 + BatchGetItem + 2 * definitions);
  }

  it('costs its workflow, a tag, 1 unit and 2 on the due index', async () => {
    await sweepOnce('warm', 1_000);
    const reading = await sweepOnce('measured', 1_000);
    expect(reading.tableWriteUnits).toBe(17 + 1 + 1);
    expect(reading.indexWriteUnitsByName).toEqual({ list: 2 + 1, filter: 3, due: 2 + 2 });
    expect(reading.statementErrors).toEqual({});
    expect(reading.requestErrors).toEqual({});
    // META of the id, which has tags: is it free?
    expectReads(reading, { BatchGetItem: 1 });
  });

  it('that is skipped costs 1 unit, 2 on the due index and no workflow', async () => {
    const reading = await sweepOnce('busy', 61_000, { input: { delayMs: 500 } });
    // Of two times the first is started, as above.
    expect(reading.tableWriteUnits).toBe(17 + 1 + 1 + 1);
    expect(reading.indexWriteUnitsByName).toEqual({ list: 2 + 1, filter: 3, due: 2 + 2 + 2 });
    expect(reading.statementErrors).toEqual({});
    // As above; META of the workflow before, and of the one whose time it is.
    expectReads(reading, { BatchGetItem: 1 + 2 });
  });

  it('that waits in line costs a sweep two reads and no write', async () => {
    await put('line', 61_000, { overlap: 'queue', input: { delayMs: 4_000 } });
    await sweep();
    await until(
      () => call(stack, 'workflows?tag=schedule=line'),
      ({ body }) => (body['workflows'] as unknown[]).length === 1,
    );
    const [{ workflowId }] = (await call(stack, 'workflows?tag=schedule=line')).body[
      'workflows'
    ] as [{ workflowId: string }];
    await until(
      () => call(stack, `workflows/${workflowId}/tasks/A`),
      ({ body }) => body['status'] === 'RUNNING',
    );
    stack.meter.reset();
    await sweep();
    const reading = stack.meter.read();
    expect([reading.tableWriteUnits, reading.indexWriteUnits]).toEqual([0, 0]);
    expectReads(reading, { BatchGetItem: 1 });
  });
});
