/** Concurrency limits on the running product: of workflows, by key, and of a function's tasks. */
import { createClient, type Client } from '@orchestra/api-contract';
import { parseDefinition } from '@orchestra/workflow-core';
import { killGroup } from '../soak/victims.js';
import type { RunningStack } from '../stack.js';
import { byCaller, storeDefinition } from './graphs.fixture.js';
import { isOver, metricOf, startSample, until } from './sample-stack.fixture.js';

jest.setTimeout(240_000);

interface Span {
  readonly startedAt?: string | undefined;
  readonly endedAt?: string | undefined;
}

/** How many of them ran at once, at the most. */
function mostAtOnce(spans: readonly Span[]): number {
  const moments = spans.flatMap(({ startedAt = '', endedAt = '9' }) => [
    { at: startedAt, by: 1 },
    { at: endedAt, by: -1 },
  ]);
  // Who ends at the moment at which another begins made room for it.
  moments.sort((a, b) => a.at.localeCompare(b.at) || a.by - b.by);
  let now = 0;
  return moments.reduce((most, { by }) => Math.max(most, (now += by)), 0);
}

const single = (name: string, concurrency: { limit: number; key?: string }, task: object = {}) =>
  parseDefinition({ name, concurrency, tasks: [{ id: 'A', function: 'A', ...task }] });

const idsOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${name}-${n}`);

/** One after the other. */
async function startAll(client: Client, definition: string, ids: readonly string[], input: object) {
  for (const workflowId of ids)
    await client.startWorkflow({ body: { workflowId, definition, input } });
}

const allEnded = (client: Client, ids: readonly string[]) =>
  until(
    () => Promise.all(ids.map((workflowId) => client.getWorkflow({ workflowId }))),
    (found) => found.every(isOver),
    120_000,
  );

describe('a definition with a limit', () => {
  let stack: RunningStack;
  let client: Client;
  beforeAll(async () => {
    stack = await startSample();
    client = createClient({ baseUrl: stack.apiUrl });
  });
  afterAll(() => stack.stop());

  it('of 2 never has three of eight workflows run at once, and lets them in as they came', async () => {
    await storeDefinition(stack, single('two', { limit: 2 }));
    const ids = idsOf('two', 8);
    await startAll(client, 'two', ids, { delayMs: 300 });
    const seen = await allEnded(client, ids);
    expect(seen.map(({ status }) => status)).toEqual(ids.map(() => 'SUCCESS'));
    expect(mostAtOnce(seen)).toBe(2);
    const order = seen
      .toSorted((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''))
      .map(({ workflowId }) => ids.indexOf(workflowId));
    // Two that are let in at the same moment may write it in either order.
    order.forEach((arrived, place) => expect(Math.abs(arrived - place)).toBeLessThanOrEqual(1));
    expect(metricOf(stack, 'SweeperRepairs')).toBe(0);
  });

  it('of 1 runs them one after the other in the order of their arrival', async () => {
    await storeDefinition(stack, single('one', { limit: 1 }));
    const ids = idsOf('one', 5);
    await startAll(client, 'one', ids, { delayMs: 50 });
    const seen = await allEnded(client, ids);
    expect(mostAtOnce(seen)).toBe(1);
    const starts = seen.map(({ startedAt = '' }) => startedAt);
    expect(starts).toEqual(starts.toSorted());
  });

  it('counts each key by itself', async () => {
    await storeDefinition(stack, single('keyed', { limit: 1, key: '{% input.customer %}' }));
    const a = idsOf('keyed-a', 3);
    const b = idsOf('keyed-b', 3);
    await startAll(client, 'keyed', a, { delayMs: 400, customer: 'a' });
    await startAll(client, 'keyed', b, { delayMs: 400, customer: 7 });
    const [seenA, seenB] = [await allEnded(client, a), await allEnded(client, b)];
    expect([mostAtOnce(seenA), mostAtOnce(seenB)]).toEqual([1, 1]);
    expect(mostAtOnce([...seenA, ...seenB])).toBe(2);
  });

  it('refuses a start whose key cannot be told', async () => {
    await storeDefinition(
      stack,
      single('nameless', { limit: 1, key: '{% input.customer.name %}' }),
    );
    const start = client.startWorkflow({
      body: { workflowId: 'nameless', definition: 'nameless', input: { customer: { name: [1] } } },
    });
    await expect(start).rejects.toMatchObject({
      problem: {
        status: 400,
        errors: [
          {
            path: 'input',
            message:
              'the concurrency key {% input.customer.name %} of "nameless" must give a text or a number, and gave [1]',
          },
        ],
      },
    });
    await expect(client.getWorkflow({ workflowId: 'nameless' })).rejects.toMatchObject({
      problem: { status: 404 },
    });
  });

  it('shows who has a place and who waits; one that waits can be cancelled and redriven', async () => {
    await storeDefinition(stack, single('shown', { limit: 1 }, { timeoutSeconds: 60 }));
    const ids = ['shown-0', 'shown-1', 'shown-2'];
    await startAll(client, 'shown', ids, { delayMs: 3_000 });
    const line = () => client.getConcurrency({ name: 'shown' });
    expect(await line()).toMatchObject({
      limit: 1,
      keys: [
        {
          holders: [{ workflowId: 'shown-0', since: expect.any(String) }],
          waiting: [{ workflowId: 'shown-1' }, { workflowId: 'shown-2' }],
        },
      ],
    });
    expect(await client.getWorkflow({ workflowId: 'shown-2' })).toMatchObject({
      status: 'PENDING',
      taskCounts: { PENDING: 1 },
    });
    expect(await client.cancelWorkflow({ workflowId: 'shown-1' })).toMatchObject({
      status: 'CANCELLED',
    });
    const again = await client.redriveWorkflow({ workflowId: 'shown-1' });
    expect(again).toMatchObject({ status: 'PENDING' });
    expect((await line()).keys[0]?.waiting.map(({ workflowId }) => workflowId)).toEqual([
      'shown-2',
      'shown-1',
    ]);
    const seen = await allEnded(client, ids);
    expect(seen.map(({ status }) => status)).toEqual(ids.map(() => 'SUCCESS'));
    expect(mostAtOnce(seen)).toBe(1);
    // Given back after the end.
    await until(line, ({ keys }) => keys.length === 0);
  });
});

describe('a place whose holder is lost', () => {
  let stack: RunningStack;
  let client: Client;
  beforeAll(async () => {
    stack = await startSample(
      { ephemeral: true },
      {
        functionEnvironment: {
          ...{ TASK_TIMEOUT_SECONDS: '4', LEASE_MARGIN_SECONDS: '1', FIRST_CHECK_SECONDS: '1' },
          TASK_LIMITS: '{"A":1}',
        },
      },
    );
    client = createClient({ baseUrl: stack.apiUrl });
  });
  afterAll(() => stack.stop());

  const workerOf = () =>
    stack.model.functions.find(({ name }) => name.includes('Worker'))?.name ?? '';

  /** The worker dies, and with it whoever waits for its answer. */
  async function killWorkerOf(workflowId: string) {
    await until(
      () => client.getWorkflow({ workflowId }),
      ({ tasks }) => tasks[0]?.status === 'RUNNING',
    );
    const victims = stack.functions
      .sandboxes()
      .filter(({ functionName }) => functionName === workerOf());
    expect(victims.map(({ pid }) => killGroup(pid))).toContain(true);
  }

  it('comes back when the workflow has ended by that', async () => {
    await storeDefinition(stack, single('lost', { limit: 1 }, { onLostWorker: 'fail' }));
    await startAll(client, 'lost', ['lost-0', 'lost-1'], { delayMs: 1_500 });
    await killWorkerOf('lost-0');
    const seen = await allEnded(client, ['lost-0', 'lost-1']);
    expect(seen.map(({ status }) => status)).toEqual(['FAILED', 'SUCCESS']);
    expect(mostAtOnce(seen)).toBe(1);
  });

  it('at a function is free once its time is over', async () => {
    const task = { id: 'T', function: 'A', input: { delayMs: 1_500 } };
    await storeDefinition(stack, parseDefinition({ name: 'fragile', tasks: [task] }));
    const start = (workflowId: string) =>
      client.startWorkflow({ body: { workflowId, definition: 'fragile' } });
    await start('fragile-0');
    await killWorkerOf('fragile-0');
    await start('fragile-1');
    const [first, second] = await allEnded(client, ['fragile-0', 'fragile-1']);
    expect([first?.status, second?.status]).toEqual(['SUCCESS', 'SUCCESS']);
    expect(first?.tasks[0]).toMatchObject({ attempt: 2 });
  });
});

describe('a function that takes one task at once', () => {
  let stack: RunningStack;
  let client: Client;
  beforeAll(async () => {
    stack = await startSample(
      { ephemeral: true },
      { functionEnvironment: { TASK_LIMITS: '{"A":1}' } },
    );
    client = createClient({ baseUrl: stack.apiUrl });
  });
  afterAll(() => stack.stop());

  it('is never called twice at once, of one workflow or of two', async () => {
    const tasks = ['T1', 'T2', 'T3', 'T4', 'T5'].map((id) => ({ id, function: 'A' }));
    await storeDefinition(stack, parseDefinition({ name: 'five', tasks }));
    const ids = ['five-0', 'five-1'];
    await startAll(client, 'five', ids, { delayMs: 150 });
    const seen = await allEnded(client, ids);
    expect(seen.map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS']);
    const ran = seen.flatMap((each) => each.tasks);
    expect(ran).toHaveLength(10);
    expect(mostAtOnce(ran)).toBe(1);
    expect(metricOf(stack, 'SweeperRepairs')).toBe(0);
    const { events } = await client.listEvents({ workflowId: 'five-1' });
    expect(events.map(({ type }) => type)).toContain('TASK_POSTPONED');
  });
});

describe.each([
  ['no limit', '{}', { table: 5, reads: 1, list: 2, filter: 3, due: 2 }, undefined],
  ['a place for itself', '{}', { table: 11, reads: 5, list: 3, filter: 5, due: 4 }, { limit: 1 }],
  [
    'a place at its function',
    '{"A":1}',
    { table: 7, reads: 1, list: 2, filter: 3, due: 2 },
    undefined,
  ],
])(
  'what a workflow of one task costs that needs %s',
  (_, limits, { table, reads, ...indexes }, place) => {
    let stack: RunningStack;
    let client: Client;
    beforeAll(async () => {
      stack = await startSample(
        { ephemeral: true },
        { scheduleEverySeconds: 3_600, functionEnvironment: { TASK_LIMITS: limits } },
      );
      client = createClient({ baseUrl: stack.apiUrl });
      await storeDefinition(stack, {
        ...single('priced', { limit: 1 }),
        concurrency: place,
      });
      await run('cold');
    });
    afterAll(() => stack.stop());

    /** Asks the functions' own metrics, not the API: reading would count. */
    async function run(...ids: readonly string[]) {
      const before = metricOf(stack, 'WorkflowsSucceeded');
      await startAll(client, 'priced', ids, { delayMs: 0 });
      await until(
        async () => metricOf(stack, 'WorkflowsSucceeded'),
        (now) => now === before + ids.length,
      );
      // A place is given back after the end.
      let last = -1;
      let same = 0;
      await until(
        async () => stack.meter.read().tableWriteUnits,
        (units) => {
          same = units === last ? same + 1 : 0;
          last = units;
          return same >= 20;
        },
      );
    }

    it('is so many units, and nothing that fails', async () => {
      stack.meter.reset();
      await run('warm');
      const { tableWriteUnits, indexWriteUnitsByName, statementErrors, requestErrors } =
        stack.meter.read();
      expect({ tableWriteUnits, indexWriteUnitsByName, statementErrors, requestErrors }).toEqual({
        tableWriteUnits: table,
        indexWriteUnitsByName: indexes,
        statementErrors: {},
        requestErrors: {},
      });
      expect(byCaller(stack.meter.read(), 'Orchestrator').readUnits).toBeLessThanOrEqual(reads);
    });

    it('is no more where they wait for each other for a moment', async () => {
      stack.meter.reset();
      await run('first', 'second', 'third');
      const { tableWriteUnits, indexWriteUnitsByName } = stack.meter.read();
      const three = Object.entries(indexes).map(([name, units]) => [name, 3 * units]);
      const postponed = limits === '{}' ? 0 : 2;
      expect(tableWriteUnits).toBeGreaterThanOrEqual(3 * table);
      expect(tableWriteUnits).toBeLessThanOrEqual(3 * table + postponed);
      expect(indexWriteUnitsByName).toEqual(Object.fromEntries(three));
    });
  },
);
