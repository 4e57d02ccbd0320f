/** What an operator's orders cost, in the engine's own figures. */
import { diamond } from '@orchestra/workflow-core';
import type { RunningStack } from '../stack.js';
import {
  byCaller,
  invokeFunction,
  repositoryOf,
  runGraph,
  storeDefinition,
} from './graphs.fixture.js';
import { metricOf, startSample, until } from './sample-stack.fixture.js';

jest.setTimeout(120_000);

let stack: RunningStack;
beforeAll(async () => {
  // A sweep that looks costs reads and writes of its own; here only the orders are to be seen.
  stack = await startSample({ ephemeral: true }, { scheduleEverySeconds: 3_600 });
  await runGraph(stack, diamond, 'warm');
});
afterAll(() => stack.stop());

const order = (request: object) => invokeFunction(stack, 'Orchestrator', request);

async function begin(workflowId: string, input: unknown): Promise<void> {
  const { revision } = await storeDefinition(stack, diamond);
  const definition = { name: 'diamond', revision };
  await order({ mode: 'start', workflowId, input, definition });
}

const isTask = (workflowId: string, taskId: string, status: string) =>
  until(
    () => repositoryOf(stack).getTasks(workflowId, [taskId]),
    ([task]) => task?.status === status,
  );

/** Asks the functions' own metrics, not the API: reading would count. */
async function ends(how: 'Succeeded' | 'Failed', work: () => Promise<unknown>): Promise<void> {
  const before = metricOf(stack, `Workflows${how}`);
  await work();
  await until(
    async () => metricOf(stack, `Workflows${how}`),
    (now) => now === before + 1,
  );
}

const succeeds = (work: () => Promise<unknown>) => ends('Succeeded', work);

const units = () => {
  const { tableWriteUnits, indexWriteUnitsByName } = stack.meter.read();
  return { table: tableWriteUnits, ...indexWriteUnitsByName };
};

/** What the order itself costs: it is the orchestrator's alone, and the worker's own writes may still be counted. */
async function costOf(request: object) {
  stack.meter.reset();
  await order(request);
  const { tableWriteUnits, indexWriteUnitsByName, readUnits } = byCaller(
    stack.meter.read(),
    'Orchestrator',
  );
  return { table: tableWriteUnits, ...indexWriteUnitsByName, readUnits };
}

describe('a pause', () => {
  it('and its resume cost a diamond 2 units on the table and 2 on the due index', async () => {
    stack.meter.reset();
    await succeeds(async () => {
      await begin('paused', { delayMs: 300 });
      await isTask('paused', 'A', 'RUNNING');
      await order({ mode: 'pause', workflowId: 'paused' });
      await isTask('paused', 'B3', 'READY');
      await order({ mode: 'resume', workflowId: 'paused' });
    });
    expect(units()).toEqual({ table: 17 + 2, list: 2, filter: 3, due: 2 + 2 });
  });

  it('costs one write and one read, and nothing when it is so already', async () => {
    await succeeds(async () => {
      await begin('twice', { delayMs: 500 });
      await isTask('twice', 'A', 'RUNNING');
      const first = await costOf({ mode: 'pause', workflowId: 'twice' });
      expect(first).toEqual({ table: 1, readUnits: 1 });
      const again = await costOf({ mode: 'pause', workflowId: 'twice' });
      expect(again).toEqual({ table: 0, readUnits: 1 });
      const resumed = await costOf({ mode: 'resume', workflowId: 'twice' });
      // META, and META with its tasks: it is small.
      expect(resumed).toEqual({ table: 1, due: 2, readUnits: 2 });
    });
  });
});

describe('a word about a task', () => {
  it('costs one write on the table, as its end would, and nothing on the indexes', async () => {
    await begin('skipped', { delayMs: 1_000 });
    await isTask('skipped', 'A', 'RUNNING');
    const override = { taskId: 'B1', kind: 'skip' };
    const skip = { mode: 'override', workflowId: 'skipped', token: 't', override };
    await succeeds(async () => {
      const cost = await costOf(skip);
      // META and the task; META again, before it is made due.
      expect(cost).toEqual({ table: 1, readUnits: 3 });
    });
  });

  it('costs a workflow that sleeps a write of META and two on the due index more', async () => {
    const { revision } = await storeDefinition(stack, {
      name: 'sleeps',
      tasks: [
        { id: 'A', wait: { seconds: 1_000_000 } },
        { id: 'B', wait: { seconds: 1_000_000 } },
        { id: 'C', function: 'A', dependsOn: ['A', 'B'] },
      ],
    });
    const definition = { name: 'sleeps', revision };
    await order({ mode: 'start', workflowId: 'sleeps', definition });
    const repository = repositoryOf(stack);
    const [task] = await until(
      () => repository.getTasks('sleeps', ['A']),
      ([each]) => each?.suspendedAt !== undefined,
    );
    const workflow = await repository.getWorkflow('sleeps');
    // As the sweep leaves it.
    const { version = 0 } = workflow ?? {};
    const nextCheckAt = task?.wakeAt ?? '';
    await repository.apply([
      { kind: 'check', workflowId: 'sleeps', epoch: 1, version, nextCheckAt },
    ]);
    const override = { taskId: 'A', kind: 'output', output: 1 };
    const cost = await costOf({ mode: 'override', workflowId: 'sleeps', token: 't', override });
    expect(cost).toMatchObject({ table: 2, due: 2 });
    await order({ mode: 'cancel', workflowId: 'sleeps' });
  });

  it('costs a redrive nothing more: what it says stands in the write that begins the epoch', async () => {
    const { revision } = await storeDefinition(stack, {
      name: 'one',
      tasks: [{ id: 'A', function: 'A' }],
    });
    const redriven = async (workflowId: string, more: object) => {
      const definition = { name: 'one', revision };
      const input = { delayMs: 0, failAttempts: { A: 1 } };
      await ends('Failed', () => order({ mode: 'start', workflowId, definition, input }));
      stack.meter.reset();
      const selection = { kind: 'unfinished' };
      await succeeds(() => order({ mode: 'redrive', workflowId, token: 't', selection, ...more }));
      return units();
    };
    const plain = await redriven('plain', {});
    // The failed attempt is put away beside the item: its error has a trace.
    expect(plain).toEqual({ table: 1 + 1 + 3 + 1, list: 2, filter: 4, due: 2 });
    const input = { taskId: 'A', kind: 'input', input: { delayMs: 0 } };
    expect(await redriven('input', { overrides: [input] })).toEqual(plain);
    // Neither claimed nor run: it is written once.
    const output = { taskId: 'A', kind: 'output', output: 1 };
    expect(await redriven('output', { overrides: [output] })).toEqual({
      ...plain,
      table: 1 + 1 + 1 + 1,
    });
  });
});
