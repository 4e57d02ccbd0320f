import { parseDefinition, type TaskPayload, type Transition } from '@orchestra/workflow-core';
import type { Outcome, Ports } from './ports.js';
import { START, createBench, messageOf, succeed } from './testing/bench.js';
import { work } from './work.js';

const FIVE = ['T1', 'T2', 'T3', 'T4', 'T5'];
const fragile = parseDefinition({
  name: 'fragile',
  tasks: [
    ...FIVE.map((id) => ({ id, function: 'B1', retry: { maxAttempts: 1 } })),
    { id: 'free', function: 'A' },
  ],
});
const QUARTER = 900_000;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const DEAD = { index: 0, holder: 'dead', leaseUntil: new Date(START + 90_000).toISOString() };

/** Functions that run until they are told to end. */
async function limitedTo(
  limit: number,
  answer: (payload: TaskPayload) => Outcome = () => succeed(1),
  definition = fragile,
) {
  const running: string[] = [];
  let most = 0;
  const bench = await createBench(async (payload) => {
    running.push(payload.taskId);
    most = Math.max(most, running.filter((id) => id !== 'free').length);
    await turn();
    running.splice(running.indexOf(payload.taskId), 1);
    return answer(payload);
  }, definition);
  const settings = { ...bench.ports.settings, taskLimits: { B1: limit } };
  const pause = async (milliseconds: number) => {
    await bench.ports.pause(milliseconds);
    // Whoever waits lets the others go on.
    await turn();
  };
  const ports: Ports = { ...bench.ports, settings, pause };
  if (definition === fragile) await bench.ready(...FIVE, 'free');
  return { ...bench, ports, most: () => most };
}
const five = messageOf(fragile, ...FIVE);
const whole = () => QUARTER;

describe('tasks of a function that takes only so many at once', () => {
  it.each([1, 2, 3])('never run more than %i at once, and all do', async (limit) => {
    const { ports, most, taskOf, places } = await limitedTo(limit);
    expect(await work(ports, five, whole)).toEqual({ ran: 5, ignored: 0 });
    expect(most()).toBe(limit);
    for (const id of FIVE) expect(await taskOf(id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await places.readFunction('B1')).toEqual([]);
  });

  it('share its places with those of other messages', async () => {
    const { ports, most, taskOf } = await limitedTo(1);
    const messages = FIVE.map((id) => messageOf(fragile, id));
    await Promise.all(messages.map((message) => work(ports, message, whole)));
    expect(most()).toBe(1);
    for (const id of FIVE) expect(await taskOf(id)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('hold up no task of another function', async () => {
    const { ports, places, taskOf } = await limitedTo(1);
    await places.takeFunction('B1', { ...DEAD, leaseUntil: '2027-01-01T00:00:00.000Z' }, '2026');
    const message = messageOf(fragile, 'T1', 'free');
    // No time to wait in.
    expect(await work(ports, message, () => 60_000)).toEqual({ ran: 1, ignored: 1 });
    expect(await taskOf('free')).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('take a place for each attempt', async () => {
    const { ports, most, taskOf } = await limitedTo(2, ({ attempt }) =>
      attempt === 1
        ? { kind: 'failed', error: { type: 'Error', message: 'no', trace: [] } }
        : succeed(1),
    );
    await work(ports, five, whole);
    expect(most()).toBe(2);
    for (const id of FIVE)
      expect(await taskOf(id)).toMatchObject({ status: 'SUCCEEDED', attempt: 2 });
  });

  it('wait for the place of a dead worker until its time is over', async () => {
    const { ports, places, taskOf } = await limitedTo(1);
    await places.takeFunction('B1', DEAD, new Date(START).toISOString());
    await work(ports, messageOf(fragile, 'T1'), whole);
    const { startedAt = '', postponed } = await taskOf('T1');
    expect(startedAt >= DEAD.leaseUntil).toBe(true);
    expect(Date.parse(startedAt)).toBeLessThan(START + 92_000);
    expect(postponed).toBe(1);
  });

  it('cost nothing but a place while there is one', async () => {
    const { ports, reads, taskOf } = await limitedTo(1);
    await work(ports, messageOf(fragile, 'T1'), whole);
    expect(await taskOf('T1')).toMatchObject({ version: 3 });
    expect(reads).toEqual(['getWorkflowAndTasks', 'getWorkflow']);
  });

  it('read nothing of places where there is no limit', async () => {
    const { ports, places } = await limitedTo(1);
    const read = jest.spyOn(places, 'readFunction');
    await work(ports, messageOf(fragile, 'free'), whole);
    expect(read).not.toHaveBeenCalled();
  });
});

describe('a task that waits for a place', () => {
  const occupied = async () => {
    const bench = await limitedTo(1);
    const leaseUntil = '2027-01-01T00:00:00.000Z';
    await bench.places.takeFunction('B1', { ...DEAD, leaseUntil }, '2026');
    return bench;
  };

  it("is this worker's to wait with, then the sweep's once the time does not last", async () => {
    const { ports, taskOf, repository, pauses } = await occupied();
    const end = ports.now() + 200_000;
    const left = () => end - ports.now();
    expect(await work(ports, messageOf(fragile, 'T1'), left)).toEqual({ ran: 0, ignored: 1 });
    const task = await taskOf('T1');
    expect(task).toMatchObject({ status: 'READY', version: 3, postponed: 2, attempt: 1 });
    expect(task).not.toHaveProperty('leaseUntil');
    // A look each second, until its 90 s do not fit any more.
    expect(pauses.length).toBeGreaterThan(100);
    expect(left()).toBeGreaterThan(85_000);
    const workflow = await repository.getWorkflow('w');
    expect((workflow?.nextCheckAt ?? '') <= new Date(ports.now()).toISOString()).toBe(true);
  });

  it('is not begun once its workflow has ended, and gives its place back', async () => {
    const { ports, places, repository, invoked } = await limitedTo(1);
    await places.takeFunction('B1', DEAD, new Date(START).toISOString());
    const stop: Transition = {
      kind: 'stop',
      workflowId: 'w',
      epoch: 1,
      definition: { name: 'fragile', revision: 1 },
      status: 'CANCELLED',
      by: 'operator',
      at: new Date(START).toISOString(),
    };
    const pause = async (milliseconds: number) => {
      await ports.pause(milliseconds);
      await repository.apply([stop]);
    };
    expect(await work({ ...ports, pause }, messageOf(fragile, 'T1'), whole)).toMatchObject({
      ran: 0,
    });
    expect(invoked).toEqual([]);
    expect(await places.readFunction('B1')).toEqual([]);
  });

  it('is one of two workers that were told of it', async () => {
    const { ports, places, taskOf, invoked } = await limitedTo(1);
    await places.takeFunction('B1', DEAD, new Date(START).toISOString());
    const message = messageOf(fragile, 'T1');
    const reports = await Promise.all([work(ports, message, whole), work(ports, message, whole)]);
    expect(reports.map(({ ran }) => ran).sort()).toEqual([0, 1]);
    expect(invoked).toHaveLength(1);
    expect(await taskOf('T1')).toMatchObject({ status: 'SUCCEEDED', postponed: 1 });
  });
});

describe('a map of a function that takes only one at once', () => {
  const mapped = parseDefinition({
    name: 'mapped',
    tasks: [{ id: 'M', function: 'B1', forEach: [1, 2, 3] }],
  });

  it('expands without a place, and runs its items one after the other', async () => {
    const { ports, most, taskOf, ready, places } = await limitedTo(1, () => succeed(1), mapped);
    await ready('M');
    const taken = jest.spyOn(places, 'takeFunction');
    await work(ports, messageOf(mapped, 'M'), whole);
    expect(taken).not.toHaveBeenCalled();
    const items = ['M[0]', 'M[1]', 'M[2]'];
    await ready(...items);
    await work(ports, messageOf(mapped, ...items), whole);
    expect(most()).toBe(1);
    for (const id of items) expect(await taskOf(id)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
