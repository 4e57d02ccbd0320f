import { isPaused, LIMITS, type Transition } from '@orchestra/workflow-core';
import { controlWorkflow } from './control.js';
import { startWorkflow } from './start.js';
import { cancelWorkflow } from './stop.js';
import { advanceBatch } from './stream.js';
import { sweep } from './sweep.js';
import { createBench, dispatched, never, type Bench } from './testing/bench.js';

const MINUTE = 60_000;
const inTime = () => false;
const pause = { mode: 'pause', workflowId: 'w' } as const;
const resume = { mode: 'resume', workflowId: 'w' } as const;

async function started(): Promise<Bench> {
  const bench = createBench();
  await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
  return bench;
}

/** The three in the middle of the diamond are READY. */
async function inTheMiddle(): Promise<Bench> {
  const bench = await started();
  await settle(bench, 'A');
  bench.messages.length = 0;
  return bench;
}

async function settle({ ports, end }: Bench, taskId: string): Promise<void> {
  const task = await end(taskId, 'succeed');
  await advanceBatch(ports, [{ sequenceNumber: '1', task }], never);
}

const metaOf = async ({ repository }: Bench) => {
  const workflow = await repository.getWorkflow('w');
  if (!workflow) throw new Error('there is no META');
  return workflow;
};

async function claimOf({ repository, ports }: Bench, taskId: string): Promise<Transition> {
  const [task] = await repository.getTasks('w', [taskId]);
  const { epoch = 0, version = 0 } = task ?? {};
  const at = new Date(ports.now()).toISOString();
  const leaseUntil = new Date(ports.now() + 75_000).toISOString();
  const claimId = `claim of ${taskId}`;
  return { kind: 'claim', workflowId: 'w', taskId, epoch, version, claimId, leaseUntil, at };
}

describe('pausing a workflow', () => {
  it('keeps it RUNNING, and says who and why', async () => {
    const bench = await inTheMiddle();
    const answer = await controlWorkflow(bench.ports, { ...pause, who: 'ada', note: 'wait' });
    expect(answer).toEqual({ kind: 'done', status: 'RUNNING' });
    const workflow = await metaOf(bench);
    expect(workflow.controls).toEqual([
      { kind: 'pause', epoch: 1, at: '2026-01-02T03:04:05.000Z', who: 'ada', note: 'wait' },
    ]);
    expect(isPaused(workflow)).toBe(true);
  });

  it('is written once, however often it is ordered', async () => {
    const bench = await inTheMiddle();
    await controlWorkflow(bench.ports, pause);
    const { version } = await metaOf(bench);
    expect(await controlWorkflow(bench.ports, pause)).toMatchObject({ kind: 'done' });
    expect(await metaOf(bench)).toMatchObject({ version });
  });

  it('lets what runs end and what follows from it become READY', async () => {
    const bench = await started();
    await controlWorkflow(bench.ports, pause);
    await settle(bench, 'A');
    const read = await bench.repository.getWorkflowWithTasks('w');
    expect(read?.tasks.map(({ taskId, status }) => `${taskId} ${status}`)).toEqual([
      'A SUCCEEDED',
      'B1 READY',
      'B2 READY',
      'B3 READY',
    ]);
  });

  it('has the sweep dispatch nothing, and look no more but at the deadline', async () => {
    const bench = await inTheMiddle();
    await controlWorkflow(bench.ports, pause);
    bench.advanceTime(MINUTE);
    expect(await sweep(bench.ports, inTime)).toEqual({ checked: 1, repaired: 0, failed: 0 });
    expect(bench.messages).toEqual([]);
    expect((await metaOf(bench)).nextCheckAt).toBe('2026-02-01T03:04:05.000Z');
  });

  it('still settles what a lost worker left, READY and not dispatched', async () => {
    const bench = await inTheMiddle();
    await bench.repository.apply([await claimOf(bench, 'B1')]);
    await controlWorkflow(bench.ports, pause);
    bench.advanceTime(2 * MINUTE);
    await sweep(bench.ports, inTime);
    expect((await bench.repository.getTasks('w', ['B1']))[0]).toMatchObject({
      status: 'READY',
      attempt: 2,
      lost: 1,
    });
    expect(bench.messages).toEqual([]);
  });

  it('still ends at its deadline', async () => {
    const bench = await inTheMiddle();
    await controlWorkflow(bench.ports, pause);
    bench.advanceTime(30 * 24 * 60 * MINUTE);
    await sweep(bench.ports, inTime);
    expect(await metaOf(bench)).toMatchObject({ status: 'FAILED', reason: 'TIMEOUT' });
  });

  it('finds what is missing although it is paused: a record may have got lost before', async () => {
    const bench = await started();
    await bench.end('A', 'succeed');
    await controlWorkflow(bench.ports, pause);
    bench.advanceTime(MINUTE);
    await sweep(bench.ports, inTime);
    expect(await bench.repository.getTasks('w', ['B1', 'B2', 'B3'])).toHaveLength(3);
  });

  it('is refused where nothing runs', async () => {
    const bench = await inTheMiddle();
    expect(await controlWorkflow(bench.ports, { ...pause, workflowId: 'x' })).toEqual({
      kind: 'unknown',
    });
    await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'w' });
    expect(await controlWorkflow(bench.ports, pause)).toEqual({
      kind: 'ended',
      status: 'CANCELLED',
    });
  });

  it('is refused as the last order there is room for, since no resume would fit', async () => {
    const bench = await inTheMiddle();
    const { ports } = bench;
    for (let pauses = 0; pauses < LIMITS.controls / 2; pauses += 1)
      for (const order of [pause, resume])
        expect(await controlWorkflow(ports, order)).toMatchObject({ kind: 'done' });
    expect(await controlWorkflow(ports, resume)).toMatchObject({ kind: 'done' });
    expect(await controlWorkflow(ports, pause)).toEqual({
      kind: 'refused',
      status: 'RUNNING',
      detail: '"w" was paused and resumed 200 times, which is the limit',
    });
  });
});

describe('resuming a workflow', () => {
  it('dispatches all that is READY', async () => {
    const bench = await inTheMiddle();
    await controlWorkflow(bench.ports, pause);
    await controlWorkflow(bench.ports, { ...resume, who: 'bob' });
    expect(dispatched(bench.messages).sort()).toEqual(['B1', 'B2', 'B3']);
    const workflow = await metaOf(bench);
    expect(isPaused(workflow)).toBe(false);
    expect(workflow.controls?.map(({ kind, who }) => [kind, who])).toEqual([
      ['pause', undefined],
      ['resume', 'bob'],
    ]);
  });

  it('leaves a retry whose time has not come to whoever waits with it', async () => {
    const bench = await inTheMiddle();
    const { repository, ports } = bench;
    const at = new Date(ports.now()).toISOString();
    const notBefore = new Date(ports.now() + MINUTE).toISOString();
    await repository.apply([await claimOf(bench, 'B1')]);
    const pastAttempts = { kind: 'inline', json: '[]' } as const;
    const retry = {
      attempt: 2,
      retries: 1,
      lost: 0,
      pastAttempts,
      notBefore,
      by: 'worker',
      at,
    } as const;
    await repository.apply([
      { kind: 'rerun', workflowId: 'w', taskId: 'B1', claimId: 'claim of B1', ...retry },
    ]);
    await controlWorkflow(ports, pause);
    await controlWorkflow(ports, resume);
    expect(dispatched(bench.messages).sort()).toEqual(['B2', 'B3']);
    bench.advanceTime(MINUTE);
    await controlWorkflow(ports, pause);
    await controlWorkflow(ports, resume);
    expect(dispatched(bench.messages).slice(2).sort()).toEqual(['B1', 'B2', 'B3']);
  });

  it('is no repair, and is done by the sweep when it dies before it dispatches', async () => {
    const bench = await inTheMiddle();
    await controlWorkflow(bench.ports, pause);
    bench.advanceTime(60 * MINUTE);
    bench.refuseDispatches(1);
    await expect(controlWorkflow(bench.ports, resume)).rejects.toThrow('refused');
    expect(await sweep(bench.ports, inTime)).toMatchObject({ checked: 1, repaired: 0 });
    expect(bench.messages).toEqual([]);
    bench.advanceTime(30_000);
    expect(await sweep(bench.ports, inTime)).toMatchObject({ checked: 1, repaired: 3 });
    expect(dispatched(bench.messages).sort()).toEqual(['B1', 'B2', 'B3']);
  });

  it('decides what a crash left undecided before anything starts', async () => {
    const bench = await inTheMiddle();
    const { ports, repository } = bench;
    for (const taskId of ['B1', 'B2']) await settle(bench, taskId);
    await bench.end('B3', 'fail');
    await controlWorkflow(ports, pause);
    await controlWorkflow(ports, resume);
    expect(await repository.getTasks('w', ['C'])).toMatchObject([
      { status: 'SKIPPED', reason: 'UPSTREAM_FAILED' },
    ]);
    expect(await metaOf(bench)).toMatchObject({ status: 'FAILED' });
  });

  it('is done again by the same order', async () => {
    const bench = await inTheMiddle();
    await controlWorkflow(bench.ports, pause);
    bench.refuseDispatches(1);
    await expect(controlWorkflow(bench.ports, resume)).rejects.toThrow('refused');
    expect(await controlWorkflow(bench.ports, resume)).toMatchObject({ kind: 'done' });
    expect(dispatched(bench.messages).sort()).toEqual(['B1', 'B2', 'B3']);
  });

  it('wins against a check of the sweep that read the pause', async () => {
    const bench = await inTheMiddle();
    const { ports, repository } = bench;
    await controlWorkflow(ports, pause);
    const { version } = await metaOf(bench);
    await controlWorkflow(ports, resume);
    const nextCheckAt = '2026-02-01T03:04:05.000Z';
    await repository.apply([{ kind: 'check', workflowId: 'w', epoch: 1, version, nextCheckAt }]);
    expect((await metaOf(bench)).nextCheckAt).toBe('2026-01-02T03:04:05.000Z');
  });
});
