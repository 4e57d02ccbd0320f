import {
  itemId,
  parseDefinition,
  readOutput,
  readPastAttempts,
  type OverrideRequest,
  type Task,
  type Transition,
} from '@orchestra/workflow-core';
import { redriveWorkflow } from './redrive.js';
import { startWorkflow } from './start.js';
import { cancelWorkflow } from './stop.js';
import { advanceBatch } from './stream.js';
import { sweep } from './sweep.js';
import { overrideTask } from './task-orders.js';
import { createBench, dispatched, never, type Bench } from './testing/bench.js';

const MINUTE = 60_000;
const inTime = () => false;

const order = (override: OverrideRequest['override'], more: Partial<OverrideRequest> = {}) =>
  ({ mode: 'override', workflowId: 'w', token: 'order', override, ...more }) as const;
const skip = (taskId: string, more: Partial<OverrideRequest> = {}) =>
  order({ taskId, kind: 'skip' }, more);
const output = (taskId: string, value: string | number, more: Partial<OverrideRequest> = {}) =>
  order({ taskId, kind: 'output', output: value }, more);

let sequence = 0;
/** Lets a pass see the record of the task as it is. */
async function record({ ports, repository }: Bench, ...taskIds: readonly string[]): Promise<void> {
  const tasks = await repository.getTasks('w', taskIds);
  const records = tasks.map((task) => ({ sequenceNumber: String((sequence += 1)), task }));
  await advanceBatch(ports, records, never);
}

async function settle(bench: Bench, taskId: string, outcome: 'succeed' | 'fail' = 'succeed') {
  await bench.end(taskId, outcome);
  await record(bench, taskId);
}

async function started(definition?: object): Promise<Bench> {
  const bench = createBench();
  if (definition) {
    const at = new Date(bench.ports.now()).toISOString();
    const { name } = await stored(bench, definition, at);
    await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w', definition: { name } });
  } else await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
  return bench;
}

async function stored({ repository }: Bench, document: object, at: string) {
  const definition = parseDefinition(document);
  await repository.putDefinition(definition, at);
  return definition;
}

const taskOf = async ({ repository }: Bench, taskId: string) =>
  (await repository.getTasks('w', [taskId]))[0] as Task;

const statuses = async ({ repository }: Bench) =>
  Object.fromEntries(
    (await repository.getWorkflowWithTasks('w'))?.tasks.map(({ taskId, status }) => [
      taskId,
      status,
    ]) ?? [],
  );

const statusOfWorkflow = async ({ repository }: Bench) =>
  (await repository.getWorkflow('w'))?.status;

async function claimed(bench: Bench, taskId: string): Promise<void> {
  const { epoch, version } = await taskOf(bench, taskId);
  const at = new Date(bench.ports.now()).toISOString();
  const leaseUntil = new Date(bench.ports.now() + 75_000).toISOString();
  const claimId = `claim of ${taskId}`;
  await apply(bench, {
    kind: 'claim',
    workflowId: 'w',
    taskId,
    epoch,
    version,
    claimId,
    leaseUntil,
    at,
  });
}

async function suspended(
  bench: Bench,
  taskId: string,
  by: Partial<Extract<Transition, { kind: 'suspend' }>>,
): Promise<void> {
  await claimed(bench, taskId);
  const at = new Date(bench.ports.now()).toISOString();
  const claimId = `claim of ${taskId}`;
  await apply(bench, { kind: 'suspend', workflowId: 'w', taskId, claimId, at, ...by });
}

async function apply({ repository }: Bench, transition: Transition): Promise<void> {
  const [result] = await repository.apply([transition]);
  if (result?.kind !== 'applied') throw new Error(`could not ${transition.kind}`);
}

describe('skipping a task', () => {
  it('ends what is READY, and what depends on it is skipped', async () => {
    const bench = await started();
    await settle(bench, 'A');
    expect(await overrideTask(bench.ports, skip('B1', { who: 'ada', note: 'broken' }))).toEqual({
      kind: 'done',
      status: 'RUNNING',
      epoch: 1,
    });
    expect(await taskOf(bench, 'B1')).toMatchObject({
      status: 'SKIPPED',
      reason: 'OPERATOR',
      endedBy: 'operator',
      who: 'ada',
      note: 'broken',
    });
    await record(bench, 'B1');
    for (const taskId of ['B2', 'B3']) await settle(bench, taskId);
    expect(await statuses(bench)).toMatchObject({ B1: 'SKIPPED', C: 'SKIPPED' });
    expect(await statusOfWorkflow(bench)).toBe('SUCCESS');
  });

  it('ends what has not begun, which is never begun then', async () => {
    const bench = await started();
    expect(await overrideTask(bench.ports, skip('B1'))).toMatchObject({ kind: 'done' });
    await record(bench, 'B1');
    expect(await statusOfWorkflow(bench)).toBe('RUNNING');
    await settle(bench, 'A');
    expect(dispatched(bench.messages)).toEqual(['A', 'B2', 'B3']);
    for (const taskId of ['B2', 'B3']) await settle(bench, taskId);
    expect(await statuses(bench)).toMatchObject({ B1: 'SKIPPED', C: 'SKIPPED' });
    expect(await statusOfWorkflow(bench)).toBe('SUCCESS');
  });

  it('does not end the workflow while something above it still runs', async () => {
    const chain = { name: 'chain', tasks: [fn('A'), fn('B', 'A'), fn('C', 'B')] };
    const bench = await started(chain);
    await overrideTask(bench.ports, skip('B'));
    await record({ ...bench, ports: bench.anotherContainer() }, 'B');
    expect(await statuses(bench)).toEqual({ A: 'READY', B: 'SKIPPED', C: 'SKIPPED' });
    expect(await statusOfWorkflow(bench)).toBe('RUNNING');
    await bench.end('A', 'fail');
    await record({ ...bench, ports: bench.anotherContainer() }, 'A');
    expect(await statusOfWorkflow(bench)).toBe('FAILED');
  });

  it('is carried on by the sweep when its record gets lost', async () => {
    const bench = await started();
    await settle(bench, 'A');
    for (const taskId of ['B1', 'B2', 'B3']) await overrideTask(bench.ports, skip(taskId));
    bench.advanceTime(MINUTE);
    await sweep(bench.ports, inTime);
    expect(await statusOfWorkflow(bench)).toBe('SUCCESS');
  });

  it('makes a workflow that sleeps due soon', async () => {
    const wait = { id: 'A', wait: { seconds: 86_400 } };
    const bench = await started({ name: 'long', tasks: [wait, fn('B', 'A')] });
    await suspended(bench, 'A', { wakeAt: '2026-01-03T03:04:05.000Z' });
    bench.advanceTime(5 * MINUTE);
    await sweep(bench.ports, inTime);
    expect((await bench.repository.getWorkflow('w'))?.nextCheckAt).toBe('2026-01-03T03:04:05.000Z');
    await overrideTask(bench.ports, skip('A'));
    expect((await bench.repository.getWorkflow('w'))?.nextCheckAt).toBe('2026-01-02T03:10:05.000Z');
  });

  it('is done once, however often it is ordered', async () => {
    const bench = await started();
    await overrideTask(bench.ports, skip('A'));
    const { version } = await taskOf(bench, 'A');
    expect(await overrideTask(bench.ports, skip('A'))).toMatchObject({ kind: 'done' });
    expect((await taskOf(bench, 'A')).version).toBe(version);
  });

  it('is refused for what a worker runs, and says so', async () => {
    const bench = await started();
    await claimed(bench, 'A');
    expect(await overrideTask(bench.ports, skip('A'))).toEqual({
      kind: 'refused',
      detail: 'a worker runs "A" at this moment: order again once it has ended',
    });
  });

  it('is refused for what has ended otherwise', async () => {
    const bench = await started();
    await settle(bench, 'A');
    expect(await overrideTask(bench.ports, skip('A'))).toEqual({
      kind: 'refused',
      detail: '"A" is SUCCEEDED: it can be told so again once the workflow has ended',
    });
  });

  it('is refused for what is not there', async () => {
    const bench = await started();
    expect(await overrideTask(bench.ports, skip('X'))).toEqual({
      kind: 'unknownTask',
      detail: 'it has no task "X"',
    });
    expect(await overrideTask(bench.ports, skip('A[0]'))).toMatchObject({ kind: 'unknownTask' });
    expect(await overrideTask(bench.ports, skip('A', { workflowId: 'x' }))).toEqual({
      kind: 'unknown',
      detail: 'there is no workflow "x"',
    });
  });

  it('loses to a worker that claims the task at the same moment, and says so', async () => {
    const bench = await started();
    const { apply: real } = bench.repository;
    let raced = false;
    bench.repository.apply = async (transitions) => {
      if (transitions[0]?.kind === 'override' && !raced) {
        raced = true;
        await claimed(bench, 'A');
      }
      return real.call(bench.repository, transitions);
    };
    expect(await overrideTask(bench.ports, skip('A'))).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('a worker runs "A"') as string,
    });
    expect(raced).toBe(true);
  });

  it('takes the task from a pass that makes it READY at the same moment', async () => {
    const bench = await started();
    const { apply: real } = bench.repository;
    let raced = false;
    bench.repository.apply = async (transitions) => {
      if (transitions[0]?.kind === 'skip' && !raced) {
        raced = true;
        await settle(bench, 'A');
      }
      return real.call(bench.repository, transitions);
    };
    expect(await overrideTask(bench.ports, skip('B1'))).toMatchObject({ kind: 'done' });
    expect(await taskOf(bench, 'B1')).toMatchObject({ status: 'SKIPPED', version: 2, attempt: 1 });
  });
});

const fn = (id: string, ...dependsOn: readonly string[]) => ({ id, function: id, dependsOn });

describe('setting a task’s output', () => {
  it('ends what is READY as if it had succeeded', async () => {
    const bench = await started();
    expect(await overrideTask(bench.ports, output('A', 7))).toMatchObject({ kind: 'done' });
    const task = await taskOf(bench, 'A');
    expect(task).toMatchObject({ status: 'SUCCEEDED', reason: 'OPERATOR' });
    expect(await readOutput(bench.repository, task)).toBe(7);
    await record(bench, 'A');
    expect(dispatched(bench.messages)).toEqual(['A', 'B1', 'B2', 'B3']);
  });

  it('keeps a large one beside the item', async () => {
    const bench = await started();
    const long = 'x'.repeat(10_000);
    await overrideTask(bench.ports, output('A', long));
    const task = await taskOf(bench, 'A');
    expect(task.output).toMatchObject({ kind: 'parts' });
    expect(await readOutput(bench.repository, task)).toBe(long);
    expect(await overrideTask(bench.ports, output('A', long))).toMatchObject({ kind: 'done' });
    expect(await overrideTask(bench.ports, output('A', `${long}y`))).toMatchObject({
      kind: 'refused',
    });
  });

  it('ends what waits, for a moment or for an answer, which then waits no more', async () => {
    const callback = { secret: 's', openedAt: '2026-01-02T03:04:05.000Z' };
    for (const by of [{}, { callback }]) {
      const bench = await started();
      await suspended(bench, 'A', { wakeAt: '2026-02-01T00:00:00.000Z', ...by });
      expect(await overrideTask(bench.ports, output('A', 1))).toMatchObject({ kind: 'done' });
      await record(bench, 'A');
      expect(dispatched(bench.messages)).toEqual(['A', 'B1', 'B2', 'B3']);
    }
  });

  it('is refused for what has not begun: something above it may still run when its last tasks have ended', async () => {
    const bench = await started();
    expect(await overrideTask(bench.ports, output('B1', 1))).toEqual({
      kind: 'refused',
      detail: '"B1" has not begun: pause the workflow, and set its output once it is READY',
    });
  });

  it('is refused for a child that runs', async () => {
    const bench = await started();
    await suspended(bench, 'A', { child: 'sub-1' });
    expect(await overrideTask(bench.ports, output('A', 1))).toMatchObject({
      kind: 'refused',
      detail: '"A" runs the workflow "sub-1": cancel that one, or skip its tasks',
    });
  });
});

describe('an order about an item of a map', () => {
  const map = {
    name: 'map',
    tasks: [{ ...fn('B'), forEach: [1, 2, 3], maxConcurrency: 2 }, fn('C', 'B')],
  };

  async function expanded(): Promise<Bench> {
    const bench = await started(map);
    const { workflowId, expiresAt } = await taskOf(bench, 'B');
    const entries = [1, 2, 3].map((item) => ({ item }));
    const list = await bench.repository.putList({ workflowId, key: 'B#items', expiresAt }, entries);
    await suspended(bench, 'B', { items: { ...list, hash: 'h', since: 1 } });
    await record(bench, 'B');
    return bench;
  }

  it('ends it, makes room for the next, and its map ends with it', async () => {
    const bench = await expanded();
    expect(await overrideTask(bench.ports, skip('B[0]'))).toMatchObject({ kind: 'done' });
    await record(bench, 'B[0]');
    expect(await overrideTask(bench.ports, output('B[1]', 11))).toMatchObject({ kind: 'done' });
    await record(bench, 'B[1]');
    await settle(bench, 'B[2]');
    const task = await taskOf(bench, 'B');
    expect(task).toMatchObject({ status: 'SUCCEEDED' });
    expect(await readOutput(bench.repository, task)).toEqual([null, 11, 1]);
  });

  it('is refused before the item has begun, and where there is none', async () => {
    const bench = await expanded();
    expect(await overrideTask(bench.ports, skip('B[2]'))).toEqual({
      kind: 'refused',
      detail: '"B[2]" has not begun: items begin in their order',
    });
    expect(await overrideTask(bench.ports, skip('B[3]'))).toMatchObject({ kind: 'unknownTask' });
  });

  it('is refused for the map itself while its items run', async () => {
    const bench = await expanded();
    expect(await overrideTask(bench.ports, skip('B'))).toEqual({
      kind: 'refused',
      detail: '"B" runs its 3 items: skip those, or set their outputs',
    });
  });

  it('holds in a redrive, whose map is expanded anew', async () => {
    const bench = await expanded();
    await settle(bench, 'B[0]');
    await settle(bench, 'B[1]', 'fail');
    await settle(bench, 'B[2]');
    await record(bench, 'B');
    expect(await statusOfWorkflow(bench)).toBe('FAILED');
    bench.messages.length = 0;
    expect(await overrideTask(bench.ports, output('B[1]', 11))).toMatchObject({ kind: 'redriven' });
    expect(dispatched(bench.messages)).toEqual(['B']);
    const { items } = await taskOf(bench, 'B');
    await suspended(bench, 'B', items ? { items } : {});
    await record(bench, 'B');
    expect(dispatched(bench.messages)).toEqual(['B']);
    expect(await taskOf(bench, itemId('B', 1))).toMatchObject({
      status: 'SUCCEEDED',
      reason: 'OPERATOR',
      epoch: 2,
    });
    await record(bench, 'B[1]');
    const task = await taskOf(bench, 'B');
    expect(await readOutput(bench.repository, task)).toEqual([1, 11, 1]);
  });
});

describe('an order about a task of an ended workflow', () => {
  async function failed(): Promise<Bench> {
    const bench = await started();
    for (const taskId of ['A', 'B1', 'B3']) await settle(bench, taskId);
    await settle(bench, 'B2', 'fail');
    bench.messages.length = 0;
    return bench;
  }

  it('begins a new epoch, in which the task has ended so and what is below it runs', async () => {
    const bench = await failed();
    const answer = await overrideTask(
      bench.ports,
      output('B2', 2, { who: 'ada', note: 'by hand' }),
    );
    expect(answer).toEqual({ kind: 'redriven', status: 'RUNNING', epoch: 2 });
    const task = await taskOf(bench, 'B2');
    expect(task).toMatchObject({
      ...{ status: 'SUCCEEDED', reason: 'OPERATOR', epoch: 2, attempt: 1 },
      ...{ endedBy: 'operator', who: 'ada', note: 'by hand' },
    });
    expect(task.error).toBeUndefined();
    expect(await readOutput(bench.repository, task)).toBe(2);
    expect(await readPastAttempts(bench.repository, task)).toMatchObject([
      { attempt: 1, epoch: 1, status: 'FAILED' },
    ]);
    expect(bench.messages).toEqual([]);
    await record(bench, 'B2');
    expect(dispatched(bench.messages)).toEqual(['C']);
    await settle(bench, 'C');
    expect(await statusOfWorkflow(bench)).toBe('SUCCESS');
  });

  it('is in META before anything else, so that a crash loses nothing of it', async () => {
    const bench = await failed();
    bench.failNext('getPayload', new Error('died'));
    await overrideTask(bench.ports, skip('B2')).catch(() => {});
    const read = await bench.repository.getWorkflow('w');
    expect(read?.redrives?.[0]?.overrides).toEqual([{ taskId: 'B2', kind: 'skip' }]);
    bench.advanceTime(2 * MINUTE);
    await sweep(bench.anotherContainer(), inTime);
    expect(await taskOf(bench, 'B2')).toMatchObject({ status: 'SKIPPED', reason: 'OPERATOR' });
    bench.advanceTime(2 * MINUTE);
    await sweep(bench.anotherContainer(), inTime);
    expect(await statusOfWorkflow(bench)).toBe('SUCCESS');
  });

  it('holds for a task that a pass begins later in the epoch', async () => {
    const bench = await failed();
    const overrides = [{ taskId: 'C', kind: 'output', output: 'done' } as const];
    const selection = { kind: 'unfinished' } as const;
    await redriveWorkflow(bench.ports, {
      ...{ mode: 'redrive', workflowId: 'w', token: 't', selection, overrides },
    });
    expect(dispatched(bench.messages)).toEqual(['B2']);
    await bench.end('B2', 'succeed');
    await record({ ...bench, ports: bench.anotherContainer() }, 'B2');
    expect(await taskOf(bench, 'C')).toMatchObject({ status: 'SUCCEEDED', reason: 'OPERATOR' });
    expect(dispatched(bench.messages)).toEqual(['B2']);
    await record(bench, 'C');
    expect(await statusOfWorkflow(bench)).toBe('SUCCESS');
  });

  it('is another order the next time: what was said in one epoch means nothing in the next', async () => {
    const bench = await failed();
    await overrideTask(bench.ports, skip('B2', { token: 'first' }));
    await record(bench, 'B2');
    expect(await statusOfWorkflow(bench)).toBe('SUCCESS');
    await redriveWorkflow(bench.ports, {
      ...{ mode: 'redrive', workflowId: 'w', token: 'second' },
      selection: { kind: 'unfinished' },
    });
    expect(dispatched(bench.messages)).toEqual(['B2']);
  });

  it('is refused by a redrive for a task that keeps its output, for one that is not there, and twice', async () => {
    const bench = await failed();
    const refused = (...taskIds: readonly string[]) =>
      redriveWorkflow(bench.ports, {
        ...{ mode: 'redrive', workflowId: 'w', token: 't' },
        selection: { kind: 'unfinished' },
        overrides: taskIds.map((taskId) => ({ taskId, kind: 'skip' })),
      });
    expect(await refused('A')).toEqual({
      kind: 'notOverridable',
      detail: '"A" does not run again: name it among the tasks that do',
    });
    expect(await refused('X')).toEqual({ kind: 'unknownTask', detail: 'it has no task "X"' });
    expect(await refused('B2', 'B2')).toEqual({
      kind: 'notOverridable',
      detail: '"B2" is named twice',
    });
    expect((await bench.repository.getWorkflow('w'))?.epoch).toBe(1);
  });

  it('goes on with a cancelled one too', async () => {
    const bench = await started();
    await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'w' });
    expect(await overrideTask(bench.ports, skip('A'))).toMatchObject({ kind: 'redriven' });
    await record(bench, 'A');
    expect(await statusOfWorkflow(bench)).toBe('SUCCESS');
  });
});
