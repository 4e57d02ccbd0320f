import type { Line, Place } from '@orchestra/workflow-core';
import { redriveWorkflow } from './redrive.js';
import { releasePlace } from './places.js';
import { cancelWorkflow, settleEnded } from './stop.js';
import { check, sweep } from './sweep.js';
import { createBench, dispatched, type Bench } from './testing/bench.js';
import {
  LINE,
  arrive,
  complete,
  finish,
  startLimited,
  statuses,
  storeLimited,
} from './testing/limited.js';

const MINUTE = 60_000;
const inTime = () => false;

async function limited(limit = 1, key?: string): Promise<Bench> {
  const bench = createBench();
  await storeLimited(bench, { limit, ...(key === undefined ? {} : { key }) });
  return bench;
}
const lineOf = async ({ places }: Bench, key = '') => {
  const { places: held, waiting } = await places.readLine(
    { ...LINE, key },
    { places: 9, waiting: 99 },
  );
  return {
    held: held.map(({ index, workflowId }) => `${index}:${workflowId}`),
    waiting: waiting.map(({ workflowId }) => workflowId),
  };
};
const metaOf = async ({ repository }: Bench, id: string) => {
  const workflow = await repository.getWorkflow(id);
  if (!workflow) throw new Error(`${id} is not there`);
  return workflow;
};

describe('starting a workflow whose definition has a limit', () => {
  it('runs at once while there is a place, and says so', async () => {
    const bench = await limited();
    expect(await arrive(bench, 'a')).toEqual({
      kind: 'created',
      workflowId: 'a',
      status: 'RUNNING',
    });
    expect(await metaOf(bench, 'a')).toMatchObject({
      status: 'RUNNING',
      startedAt: new Date(bench.ports.now()).toISOString(),
      duties: ['place'],
      concurrencyKey: '',
    });
    expect(await lineOf(bench)).toEqual({ held: ['0:a'], waiting: [] });
    expect(dispatched(bench.messages)).toEqual(['A']);
  });

  it('waits PENDING when there is none, and nothing of it is started', async () => {
    const bench = await limited();
    await arrive(bench, 'a');
    expect(await arrive(bench, 'b')).toMatchObject({ kind: 'created', status: 'PENDING' });
    const { status, startedAt } = await metaOf(bench, 'b');
    expect([status, startedAt]).toEqual(['PENDING', undefined]);
    expect(await lineOf(bench)).toEqual({ held: ['0:a'], waiting: ['b'] });
    expect(bench.messages).toHaveLength(1);
  });

  it('is safe to repeat', async () => {
    const bench = await limited();
    await arrive(bench, 'a');
    await arrive(bench, 'b');
    expect(await startLimited(bench.ports, 'b')).toMatchObject({
      kind: 'existing',
      status: 'PENDING',
    });
    expect(await startLimited(bench.ports, 'a')).toMatchObject({ status: 'RUNNING' });
    expect(await lineOf(bench)).toEqual({ held: ['0:a'], waiting: ['b'] });
  });

  it('waits for those with the same key only', async () => {
    const bench = await limited(1, '{% input.customer %}');
    await arrive(bench, 'a', { customer: 'x' });
    await arrive(bench, 'b', { customer: 'x' });
    await arrive(bench, 'c', { customer: 'y' });
    expect(await statuses(bench, ['a', 'b', 'c'])).toBe('a:RUNNING b:PENDING c:RUNNING');
    expect(await lineOf(bench, 'x')).toEqual({ held: ['0:a'], waiting: ['b'] });
    expect(await lineOf(bench, 'y')).toEqual({ held: ['0:c'], waiting: [] });
  });

  it.each([
    ['{% input.customer %}', 'fails: gave nothing'],
    ['{% {"a": 1} %}', 'must give a text or a number, and gave {"a":1}'],
    ['{% "" %}', 'must not give an empty text'],
    ['{% $pad("", 200, "x") %}', 'must give at most 128 characters, and gave 200'],
    ['{% $error("no customer") %}', 'fails: '],
  ])('refuses one whose key %s gives none, and nothing is written', async (key, problem) => {
    const bench = await limited(1, key);
    const answer = await arrive(bench, 'a');
    expect(answer).toMatchObject({ kind: 'invalid', issues: [{ path: 'input' }] });
    const [issue] = answer.kind === 'invalid' ? answer.issues : [];
    expect(issue?.message).toContain(`the concurrency key ${key} of "limited" ${problem}`);
    expect(await bench.repository.getWorkflow('a')).toBeUndefined();
  });

  it('takes a number for a key', async () => {
    const bench = await limited(1, '{% $number(workflow.input.n) * 2 %}');
    await arrive(bench, 'a', { n: '7' });
    expect(await metaOf(bench, 'a')).toMatchObject({ concurrencyKey: '14' });
  });
});

describe('the end of a workflow with a place', () => {
  it('lets in who came first, and starts it', async () => {
    const bench = await limited();
    for (const id of ['a', 'b', 'c']) await arrive(bench, id);
    bench.messages.length = 0;
    await complete(bench, 'a');
    expect(await statuses(bench, ['a', 'b', 'c'])).toBe('a:SUCCESS b:RUNNING c:PENDING');
    expect(await lineOf(bench)).toEqual({ held: ['0:b'], waiting: ['c'] });
    expect(bench.messages.map(({ workflowId }) => workflowId)).toEqual(['b']);
    expect((await metaOf(bench, 'a')).nextCheckAt).toBeUndefined();
  });

  it('gives nothing back twice when its record comes again', async () => {
    const bench = await limited();
    for (const id of ['a', 'b', 'c']) await arrive(bench, id);
    const ended = await finish(bench, 'a');
    await settleEnded(bench.ports, ended, 'stream');
    await settleEnded(bench.anotherContainer(), ended, 'stream');
    await releasePlace(bench.anotherContainer(), ended);
    expect(await statuses(bench, ['a', 'b', 'c'])).toBe('a:SUCCESS b:RUNNING c:PENDING');
  });

  it('counts the waiting time neither as running nor towards the deadline', async () => {
    const bench = await limited();
    await arrive(bench, 'a');
    await arrive(bench, 'b');
    bench.advanceTime(29 * 24 * 60 * MINUTE);
    await complete(bench, 'a');
    bench.advanceTime(2 * 24 * 60 * MINUTE);
    await check(bench.ports, ['b'], 0);
    expect(await statuses(bench, ['b'])).toBe('b:RUNNING');
  });
});

describe('cancelling a workflow that waits for a place', () => {
  it('takes it out of the line', async () => {
    const bench = await limited();
    for (const id of ['a', 'b', 'c']) await arrive(bench, id);
    const answer = await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'b' });
    expect(answer).toEqual({ kind: 'cancelled', status: 'CANCELLED' });
    expect(await lineOf(bench)).toEqual({ held: ['0:a'], waiting: ['c'] });
    await complete(bench, 'a');
    expect(await statuses(bench, ['b', 'c'])).toBe('b:CANCELLED c:RUNNING');
  });

  it('lets in the next when it is the running one', async () => {
    const bench = await limited();
    for (const id of ['a', 'b']) await arrive(bench, id);
    await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'a' });
    expect(await statuses(bench, ['a', 'b'])).toBe('a:CANCELLED b:RUNNING');
  });
});

describe('a redrive of a workflow with a limit', () => {
  const redrive = (bench: Bench, workflowId: string) =>
    redriveWorkflow(bench.ports, {
      mode: 'redrive',
      workflowId,
      token: 'order',
      selection: { kind: 'unfinished' },
    });

  it('waits in line anew', async () => {
    const bench = await limited();
    for (const id of ['a', 'b']) await arrive(bench, id);
    await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'a' });
    bench.advanceTime(MINUTE);
    expect(await redrive(bench, 'a')).toMatchObject({ kind: 'redriven', status: 'PENDING' });
    expect(await lineOf(bench)).toEqual({ held: ['0:b'], waiting: ['a'] });
    bench.messages.length = 0;
    await complete(bench, 'b');
    expect(await metaOf(bench, 'a')).toMatchObject({ status: 'RUNNING', epoch: 2 });
    expect(bench.messages).toMatchObject([
      { workflowId: 'a', epoch: 2, tasks: [{ taskId: 'A', version: 3, attempt: 1 }] },
    ]);
  });

  it('goes on at once while there is a place', async () => {
    const bench = await limited();
    await arrive(bench, 'a');
    await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'a' });
    bench.advanceTime(MINUTE);
    expect(await redrive(bench, 'a')).toMatchObject({ status: 'RUNNING', epoch: 2 });
    expect(await redrive(bench, 'a')).toMatchObject({ status: 'RUNNING', epoch: 2 });
    expect(await lineOf(bench)).toEqual({ held: ['0:a'], waiting: [] });
  });

  it('is refused to a revision that has no limit', async () => {
    const bench = await limited();
    await arrive(bench, 'a');
    await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'a' });
    await bench.repository.putDefinition(
      { name: 'limited', tasks: [{ id: 'A', function: 'A' }] },
      '2026-01-03T00:00:00.000Z',
    );
    const answer = await redriveWorkflow(bench.ports, {
      mode: 'redrive',
      workflowId: 'a',
      token: 'order',
      selection: { kind: 'unfinished' },
      revision: 2,
    });
    expect(answer).toMatchObject({
      kind: 'revisionDiffers',
      detail: expect.stringContaining('has no concurrency limit'),
    });
  });
});

describe('another limit in a newer revision', () => {
  it('lets in more when it is higher', async () => {
    const bench = await limited(1);
    for (const id of ['a', 'b', 'c', 'd']) await arrive(bench, id);
    await storeLimited(bench, { limit: 3 });
    await arrive(bench, 'e');
    expect(await statuses(bench, ['a', 'b', 'c', 'd', 'e'])).toBe(
      'a:RUNNING b:RUNNING c:RUNNING d:PENDING e:PENDING',
    );
  });

  it('takes no place away when it is lower, and gives those above it to nobody', async () => {
    const bench = await limited(3);
    for (const id of ['a', 'b', 'c']) await arrive(bench, id);
    await storeLimited(bench, { limit: 1 });
    for (const id of ['d', 'e']) await arrive(bench, id);
    expect(await statuses(bench, ['a', 'b', 'c', 'd'])).toBe(
      'a:RUNNING b:RUNNING c:RUNNING d:PENDING',
    );
    await complete(bench, 'b');
    await complete(bench, 'c');
    expect(await lineOf(bench)).toEqual({ held: ['0:a'], waiting: ['d', 'e'] });
    await complete(bench, 'a');
    expect(await lineOf(bench)).toEqual({ held: ['0:d'], waiting: ['e'] });
  });
});

describe('an orchestrator that stalls', () => {
  /** Its first call of the method waits until it is let go. */
  function stalling(bench: Bench, method: 'take' | 'free') {
    const ports = bench.anotherContainer();
    let letGo = () => {};
    let reached = () => {};
    const isReached = new Promise<void>((resolve) => (reached = resolve));
    const stall = new Promise<void>((resolve) => (letGo = resolve));
    const places = new Proxy(bench.places, {
      get: (target, name: keyof typeof bench.places) =>
        name === method
          ? async (...given: [Line, Place]) => {
              reached();
              await stall;
              return target[method](...given);
            }
          : target[name].bind(target),
    });
    return { ports: { ...ports, places }, isReached, letGo };
  }

  it('between its look and its place takes none of what others have by now', async () => {
    const bench = await limited();
    const { ports, isReached, letGo } = stalling(bench, 'take');
    const starting = startLimited(ports, 'a');
    await isReached;
    await arrive(bench, 'b');
    expect(await statuses(bench, ['a', 'b'])).toBe('a:RUNNING b:PENDING');
    await complete(bench, 'a');
    expect(await statuses(bench, ['b'])).toBe('b:RUNNING');
    letGo();
    await starting;
    expect(await lineOf(bench)).toEqual({ held: ['0:b'], waiting: [] });
    expect(await arrive(bench, 'c')).toMatchObject({ status: 'PENDING' });
  });

  it('before it gives a place back takes none from who has it by now', async () => {
    const bench = await limited();
    for (const id of ['a', 'b', 'c']) await arrive(bench, id);
    const ended = await finish(bench, 'a');
    const { ports, isReached, letGo } = stalling(bench, 'free');
    const settling = settleEnded(ports, ended, 'stream');
    await isReached;
    await settleEnded(bench.ports, ended, 'sweep');
    expect(await statuses(bench, ['b', 'c'])).toBe('b:RUNNING c:PENDING');
    letGo();
    await settling;
    expect(await lineOf(bench)).toEqual({ held: ['0:b'], waiting: ['c'] });
    expect(await statuses(bench, ['b', 'c'])).toBe('b:RUNNING c:PENDING');
  });
});

describe('a workflow that was given two places', () => {
  it('keeps the lower one as soon as anybody looks', async () => {
    const bench = await limited(3);
    await arrive(bench, 'a');
    const [place] = (await bench.places.readLine(LINE, { places: 9, waiting: 9 })).places;
    if (!place) throw new Error('a has no place');
    await bench.places.take(LINE, { ...place, index: 2 });
    await arrive(bench, 'b');
    expect(await lineOf(bench)).toEqual({ held: ['0:a', '1:b'], waiting: [] });
  });
});

describe('the end of a workflow that comes again', () => {
  it('goes on with who was let in and was refused a worker', async () => {
    const bench = await limited();
    for (const id of ['a', 'b']) await arrive(bench, id);
    const ended = await finish(bench, 'a');
    bench.refuseDispatches(1);
    await expect(settleEnded(bench.ports, ended, 'stream')).rejects.toThrow('refused');
    bench.messages.length = 0;
    await settleEnded(bench.anotherContainer(), ended, 'stream');
    expect(bench.messages.map(({ workflowId }) => workflowId)).toEqual(['b']);
    expect(await lineOf(bench)).toEqual({ held: ['0:b'], waiting: [] });
  });
});

describe('a start that comes again', () => {
  it('goes on at once where it was refused a worker', async () => {
    const bench = await limited();
    bench.refuseDispatches(1);
    await expect(arrive(bench, 'a')).rejects.toThrow('refused');
    bench.messages.length = 0;
    expect(await startLimited(bench.ports, 'a')).toMatchObject({ status: 'RUNNING' });
    expect(dispatched(bench.messages)).toEqual(['A']);
  });

  it('goes on at once where its place was taken and it is PENDING still', async () => {
    const bench = await limited();
    bench.failNext('apply', new Error('died'));
    await expect(arrive(bench, 'a')).rejects.toThrow('died');
    expect(await startLimited(bench.ports, 'a')).toMatchObject({ status: 'RUNNING' });
    expect(await lineOf(bench)).toEqual({ held: ['0:a'], waiting: [] });
    expect(dispatched(bench.messages)).toEqual(['A']);
  });
});

describe('the sweep', () => {
  it('repairs nothing in a line where all goes well', async () => {
    const bench = await limited();
    for (const id of ['a', 'b', 'c']) await arrive(bench, id);
    for (let minutes = 0; minutes < 30; minutes += 1) {
      bench.advanceTime(MINUTE);
      await check(bench.ports, ['b', 'c'], 30_000);
    }
    expect(await statuses(bench, ['b', 'c'])).toBe('b:PENDING c:PENDING');
    expect([bench.counts.get('SweeperRepairs'), bench.logs]).toEqual([undefined, []]);
  });

  it('queues one whose start died before it had joined the line', async () => {
    const bench = await limited();
    const join = jest.spyOn(bench.places, 'join').mockRejectedValueOnce(new Error('died'));
    await expect(arrive(bench, 'a')).rejects.toThrow('died');
    expect(join).toHaveBeenCalledTimes(1);
    expect(await statuses(bench, ['a'])).toBe('a:PENDING');
    bench.advanceTime(MINUTE);
    await sweep(bench.ports, inTime);
    expect(await statuses(bench, ['a'])).toBe('a:RUNNING');
    expect(bench.counts.get('SweeperRepairs')).toBe(1);
    expect(dispatched(bench.messages)).toEqual(['A']);
  });

  it('goes on with one whose admission died after its place was taken', async () => {
    const bench = await limited();
    bench.failNext('apply', new Error('died'));
    await expect(arrive(bench, 'a')).rejects.toThrow('died');
    expect(await lineOf(bench)).toEqual({ held: ['0:a'], waiting: ['a'] });
    bench.advanceTime(MINUTE);
    await sweep(bench.ports, inTime);
    expect(await lineOf(bench)).toEqual({ held: ['0:a'], waiting: [] });
    expect(dispatched(bench.messages)).toEqual(['A']);
  });

  it('tells a worker of one that was let in and of which no worker was told', async () => {
    const bench = await limited();
    for (const id of ['a', 'b']) await arrive(bench, id);
    const ended = await finish(bench, 'a');
    bench.refuseDispatches(1);
    await expect(settleEnded(bench.ports, ended, 'stream')).rejects.toThrow('refused');
    bench.messages.length = 0;
    bench.advanceTime(MINUTE);
    await sweep(bench.ports, inTime);
    expect(dispatched(bench.messages)).toContain('A');
    expect(await lineOf(bench)).toEqual({ held: ['0:b'], waiting: [] });
  });

  it('gives back the place of one that ended while nobody looked', async () => {
    const bench = await limited();
    for (const id of ['a', 'b']) await arrive(bench, id);
    await finish(bench, 'a');
    bench.advanceTime(MINUTE);
    await sweep(bench.ports, inTime);
    expect(await statuses(bench, ['a', 'b'])).toBe('a:SUCCESS b:RUNNING');
  });

  it.each(['gone', 'settled'])('frees the place of a holder that is %s', async (fate) => {
    const bench = await limited();
    const takenAt = new Date(bench.ports.now()).toISOString();
    const holder = { workflowId: 'dead', epoch: 1, since: takenAt, takenAt, expiresAt: 2e9 };
    if (fate === 'settled') {
      await arrive(bench, 'dead');
      await complete(bench, 'dead');
    }
    await bench.places.take(LINE, { ...holder, index: 0 });
    await arrive(bench, 'b');
    expect(await statuses(bench, ['b'])).toBe('b:PENDING');
    bench.advanceTime(MINUTE);
    await sweep(bench.ports, inTime);
    expect(await statuses(bench, ['b'])).toBe('b:RUNNING');
    expect(await lineOf(bench)).toEqual({ held: ['0:b'], waiting: [] });
  });

  it('ends one that has waited so long that its items would expire before its deadline', async () => {
    const bench = await limited();
    for (const id of ['a', 'b']) await arrive(bench, id);
    bench.advanceTime(91 * 24 * 60 * MINUTE);
    await check(bench.ports, ['b'], 0);
    expect(await metaOf(bench, 'b')).toMatchObject({ status: 'FAILED', reason: 'TIMEOUT' });
    expect((await lineOf(bench)).waiting).toEqual([]);
  });
});
