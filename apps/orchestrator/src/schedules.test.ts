import {
  StoreUnavailableError,
  diamond,
  scheduleSpecSchema,
  type Schedule,
  type ScheduleRepository,
} from '@orchestra/workflow-core';
import { ordered, switched } from '@orchestra/workflow-core/schedules';
import { keepSchedule } from './schedules.js';
import { cancelWorkflow } from './stop.js';
import { sweep } from './sweep.js';
import { createBench, dispatched, type Bench } from './testing/bench.js';

const inTime = () => false;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The bench begins at 03:04:05; the schedule has a time every ten minutes. */
async function scheduled(changes: object = {}) {
  const bench = createBench();
  await bench.repository.putDefinition(diamond, '2026-01-01T00:00:00.000Z');
  const spec = scheduleSpecSchema.parse({
    cron: '*/10 * * * *',
    definition: { name: 'diamond' },
    ...changes,
  });
  await bench.schedules.putSchedule(ordered('s', spec, undefined, bench.ports.now()) as Schedule);
  const idsOf = async () => {
    const { items } = await bench.repository.listWorkflows({ tag: 'schedule=s', limit: 500 });
    return items.map(({ workflowId }) => workflowId).sort();
  };
  const schedule = async () => (await bench.schedules.getSchedule('s')) as Schedule;
  return { ...bench, started: idsOf, schedule };
}
const idAt = (time: string) => `s-20260102T${time}00Z`;
const AT_0310 = '2026-01-02T03:10:00.000Z';

describe('a schedule', () => {
  it('starts nothing before its time', async () => {
    const { ports, advanceTime, started } = await scheduled();
    advanceTime(5 * MINUTE);
    expect(await sweep(ports, inTime)).toEqual({ checked: 0, repaired: 0, failed: 0 });
    expect(await started()).toEqual([]);
  });

  it('starts its definition at its time, with its input and its tags, and goes on', async () => {
    const { ports, advanceTime, repository, messages, schedule } = await scheduled({
      input: { n: 1 },
      tags: ['team=data'],
    });
    advanceTime(6 * MINUTE);
    expect(await sweep(ports, inTime)).toEqual({ checked: 1, repaired: 0, failed: 0 });
    const workflow = await repository.getWorkflow(idAt('0310'));
    expect(workflow).toMatchObject({
      status: 'RUNNING',
      definition: { name: 'diamond', revision: 1 },
      input: { kind: 'inline', json: '{"n":1}' },
      tags: ['team=data', 'schedule=s'],
    });
    expect(dispatched(messages)).toEqual(['A']);
    expect(await schedule()).toMatchObject({
      version: 2,
      nextAt: '2026-01-02T03:20:00.000Z',
      last: { at: AT_0310, outcome: 'started', workflowId: idAt('0310') },
      previous: idAt('0310'),
    });
  });

  it('is no repair', async () => {
    const { ports, advanceTime, counts } = await scheduled();
    advanceTime(6 * MINUTE);
    await sweep(ports, inTime);
    expect(counts.get('SweeperRepairs')).toBeUndefined();
  });

  it('starts each time once when two sweeps are at it', async () => {
    const bench = await scheduled();
    bench.advanceTime(6 * MINUTE);
    await Promise.all([sweep(bench.ports, inTime), sweep(bench.anotherContainer(), inTime)]);
    expect(await bench.started()).toEqual([idAt('0310')]);
    expect(dispatched(bench.messages)).toContain('A');
    expect(await bench.schedule()).toMatchObject({ version: 2, last: { outcome: 'started' } });
  });

  it('is not stopped by another whose start the store does not take', async () => {
    const { ports, advanceTime, failNext, started } = await scheduled();
    advanceTime(6 * MINUTE);
    failNext('createWorkflow', new StoreUnavailableError('throttled'));
    expect(await sweep(ports, inTime)).toEqual({ checked: 1, repaired: 0, failed: 1 });
    expect(await sweep(ports, inTime)).toEqual({ checked: 1, repaired: 0, failed: 0 });
    expect(await started()).toEqual([idAt('0310')]);
  });

  it('that was paused or deleted when the index still has it starts nothing', async () => {
    const { ports, advanceTime, schedules, schedule, started } = await scheduled();
    const paused = switched(await schedule(), false, ports.now()) as Schedule;
    await schedules.putSchedule(paused);
    advanceTime(HOUR);
    await keepSchedule(ports, 's', inTime);
    await schedules.deleteSchedule('s');
    await keepSchedule(ports, 's', inTime);
    expect(await started()).toEqual([]);
  });
});

describe('a crash between the start and its record', () => {
  /** The start is done, what follows it is not. */
  async function crashed(changes: object = {}) {
    const bench = await scheduled(changes);
    bench.advanceTime(6 * MINUTE);
    const { ports } = bench;
    const schedules = new Proxy(ports.schedules, {
      get: (target, name: keyof ScheduleRepository) =>
        name === 'advanceSchedule'
          ? () => Promise.reject(new StoreUnavailableError('gone'))
          : target[name].bind(target),
    });
    expect(await sweep({ ...ports, schedules }, inTime)).toMatchObject({ failed: 1 });
    expect(await bench.started()).toEqual([idAt('0310')]);
    return bench;
  }

  it.each(['skip', 'queue', 'allow'])('starts nothing twice: %s', async (overlap) => {
    const { ports, started, schedule } = await crashed({ overlap });
    await sweep(ports, inTime);
    expect(await started()).toEqual([idAt('0310')]);
    expect(await schedule()).toMatchObject({
      last: { outcome: 'started' },
      previous: idAt('0310'),
    });
  });

  it('is found although the time is late by then', async () => {
    const { ports, advanceTime, schedule } = await crashed();
    advanceTime(6 * MINUTE);
    await keepSchedule(ports, 's', inTime);
    expect(await schedule()).toMatchObject({
      last: { outcome: 'started' },
      previous: idAt('0310'),
    });
  });

  it('is in the way of the next time as any other', async () => {
    const { ports, advanceTime, started, schedule } = await crashed();
    advanceTime(10 * MINUTE);
    await keepSchedule(ports, 's', inTime);
    expect(await started()).toEqual([idAt('0310')]);
    expect(await schedule()).toMatchObject({ last: { outcome: 'skipped' } });
  });

  it('with another input since then is told, and still in the way', async () => {
    const { ports, schedules, started, schedule } = await crashed();
    await schedules.putSchedule({ ...(await schedule()), version: 2, input: 'other' });
    await sweep(ports, inTime);
    expect(await started()).toEqual([idAt('0310')]);
    expect(await schedule()).toMatchObject({
      last: { outcome: 'refused', reason: `the id "${idAt('0310')}" belongs to another workflow` },
      previous: idAt('0310'),
    });
  });
});

describe('a time at which the workflow before has not ended', () => {
  /** A first workflow runs, and the next time has come. */
  async function overlapping(overlap: string) {
    const bench = await scheduled({ overlap });
    bench.advanceTime(6 * MINUTE);
    await keepSchedule(bench.ports, 's', inTime);
    bench.advanceTime(10 * MINUTE);
    await keepSchedule(bench.ports, 's', inTime);
    return bench;
  }
  const end = (bench: Bench, workflowId: string) =>
    cancelWorkflow(bench.ports, { mode: 'cancel', workflowId });

  it('is skipped, and the next is kept', async () => {
    const bench = await overlapping('skip');
    expect(await bench.started()).toEqual([idAt('0310')]);
    expect(await bench.schedule()).toMatchObject({
      nextAt: '2026-01-02T03:30:00.000Z',
      last: {
        at: '2026-01-02T03:20:00.000Z',
        outcome: 'skipped',
        reason: `the workflow "${idAt('0310')}" had not ended`,
      },
    });
    await end(bench, idAt('0310'));
    bench.advanceTime(10 * MINUTE);
    await keepSchedule(bench.ports, 's', inTime);
    expect(await bench.started()).toEqual([idAt('0310'), idAt('0330')]);
  });

  it('waits in line, and is started when its turn comes, in order', async () => {
    const bench = await overlapping('queue');
    const { version } = await bench.schedule();
    for (let n = 0; n < 3; n += 1) {
      bench.advanceTime(10 * MINUTE);
      await keepSchedule(bench.ports, 's', inTime);
    }
    expect(await bench.started()).toEqual([idAt('0310')]);
    // Waiting writes nothing.
    expect((await bench.schedule()).version).toBe(version);
    await end(bench, idAt('0310'));
    await keepSchedule(bench.ports, 's', inTime);
    expect(await bench.started()).toEqual([idAt('0310'), idAt('0320')]);
    await end(bench, idAt('0320'));
    await keepSchedule(bench.ports, 's', inTime);
    expect(await bench.started()).toEqual([idAt('0310'), idAt('0320'), idAt('0330')]);
  });

  it('is started beside it where that is allowed', async () => {
    const bench = await overlapping('allow');
    expect(await bench.started()).toEqual([idAt('0310'), idAt('0320')]);
    expect(bench.reads).not.toContain('getWorkflow');
  });
});

describe('times that nobody kept', () => {
  it('are missed, but for those less than five minutes late', async () => {
    const { ports, advanceTime, started, schedule, counts } = await scheduled({ overlap: 'allow' });
    advanceTime(2 * HOUR + 10 * MINUTE);
    await keepSchedule(ports, 's', inTime);
    expect(await started()).toEqual([idAt('0510')]);
    expect(await schedule()).toMatchObject({ nextAt: '2026-01-02T05:20:00.000Z' });
    expect(counts.get('ScheduleTimesMissed')).toBe(1);
  });

  it('say so', async () => {
    const { ports, advanceTime, schedule } = await scheduled({ cron: '0 4 * * *' });
    advanceTime(2 * HOUR);
    await keepSchedule(ports, 's', inTime);
    expect(await schedule()).toMatchObject({
      nextAt: '2026-01-03T04:00:00.000Z',
      last: {
        at: '2026-01-02T04:00:00.000Z',
        outcome: 'missed',
        reason: 'nobody could start it before 2026-01-02T05:04:05.000Z',
      },
    });
  });

  it('are all started where they are caught up, a hundred at once', async () => {
    const { ports, advanceTime, started } = await scheduled({
      missed: 'catchUp',
      overlap: 'allow',
    });
    advanceTime(21 * HOUR);
    await keepSchedule(ports, 's', inTime);
    expect(await started()).toHaveLength(100);
    await keepSchedule(ports, 's', inTime);
    expect(await started()).toHaveLength(21 * 6);
  });

  it('are caught up in order where they queue', async () => {
    const bench = await scheduled({ missed: 'catchUp', overlap: 'queue' });
    bench.advanceTime(HOUR);
    await keepSchedule(bench.ports, 's', inTime);
    expect(await bench.started()).toEqual([idAt('0310')]);
  });

  it('leave what the sweep has no time for to the next', async () => {
    const { ports, advanceTime, started } = await scheduled({
      missed: 'catchUp',
      overlap: 'allow',
    });
    advanceTime(2 * HOUR);
    await keepSchedule(ports, 's', () => true);
    expect(await started()).toEqual([idAt('0310')]);
  });
});

describe('a time whose start is refused', () => {
  it.each([
    [{ definition: { name: 'none' } }, 'there is no definition "none"'],
    [
      { definition: { name: 'diamond', revision: 9 } },
      'there is no revision 9 of a definition "diamond"',
    ],
  ])('is told, and the schedule goes on: %j', async (changes, reason) => {
    const { ports, advanceTime, schedule, counts } = await scheduled(changes);
    advanceTime(6 * MINUTE);
    await sweep(ports, inTime);
    expect(await schedule()).toMatchObject({
      nextAt: '2026-01-02T03:20:00.000Z',
      last: { at: AT_0310, outcome: 'refused', reason },
    });
    expect(counts.get('ScheduleTimesRefused')).toBe(1);
  });

  it('says what is wrong with its input', async () => {
    const bench = await scheduled({ definition: { name: 'strict' }, input: { n: 'one' } });
    await bench.repository.putDefinition(
      {
        ...diamond,
        name: 'strict',
        inputSchema: { type: 'object', properties: { n: { type: 'number' } } },
      },
      AT_0310,
    );
    bench.advanceTime(6 * MINUTE);
    await sweep(bench.ports, inTime);
    const { last } = await bench.schedule();
    expect(last).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('input.n') });
  });
});
