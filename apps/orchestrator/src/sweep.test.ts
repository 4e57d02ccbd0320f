import { StoreUnavailableError } from '@orchestra/workflow-core';
import { startWorkflow } from './start.js';
import { advanceBatch } from './stream.js';
import { sweep } from './sweep.js';
import { createBench, dispatched, never, type Bench } from './testing/bench.js';

const inTime = () => false;
const MINUTE = 60_000;

async function started(): Promise<Bench> {
  const bench = createBench();
  await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
  return bench;
}

describe('the sweep', () => {
  it('looks at nothing before its time', async () => {
    const { ports, advanceTime } = await started();
    advanceTime(MINUTE - 1);
    expect(await sweep(ports, inTime)).toEqual({ checked: 0, repaired: 0, failed: 0 });
  });

  it('tells a worker again of a READY whose message was lost', async () => {
    const { ports, advanceTime, messages, counts } = await started();
    advanceTime(MINUTE);
    expect(await sweep(ports, inTime)).toEqual({ checked: 1, repaired: 1, failed: 0 });
    expect(dispatched(messages)).toEqual(['A', 'A']);
    expect(counts.get('SweeperRepairs')).toBe(1);
  });

  it('decides what follows from a record that never came', async () => {
    const { ports, end, advanceTime, messages } = await started();
    await end('A', 'succeed');
    advanceTime(MINUTE);
    await sweep(ports, inTime);
    expect(dispatched(messages)).toEqual(['A', 'B1', 'B2', 'B3']);
  });

  it('runs the task of a lost worker again, and the fourth time gives it up', async () => {
    const { ports, repository, advanceTime, messages } = await started();
    for (const attempt of [1, 2, 3, 4]) {
      const [ready] = await repository.getTasks('w', ['A']);
      expect(ready).toMatchObject({ status: 'READY', attempt });
      await repository.apply([
        {
          kind: 'claim',
          workflowId: 'w',
          taskId: 'A',
          epoch: 1,
          version: ready?.version ?? 0,
          claimId: `c${attempt}`,
          leaseUntil: new Date(ports.now() + 1000).toISOString(),
          at: new Date(ports.now()).toISOString(),
        },
      ]);
      advanceTime(6 * MINUTE);
      await sweep(ports, inTime);
    }
    expect(await repository.getTasks('w', ['A'])).toEqual([
      expect.objectContaining({ status: 'FAILED', reason: 'WORKER_LOST', attempt: 4 }),
    ]);
    const last = messages.at(-1)?.tasks[0];
    expect(last).toEqual({ taskId: 'A', attempt: 4, version: 7 });
  });

  it('carries a workflow to its end without a single stream record', async () => {
    const { ports, end, advanceTime, repository } = await started();
    const steps = [['A'], ['B1', 'B2', 'B3'], ['C'], []];
    for (const tasks of steps) {
      for (const taskId of tasks) await end(taskId, 'succeed');
      advanceTime(6 * MINUTE);
      await sweep(ports, inTime);
    }
    expect(await repository.getWorkflow('w')).toMatchObject({ status: 'SUCCESS' });
    advanceTime(6 * MINUTE);
    expect(await sweep(ports, inTime)).toEqual({ checked: 0, repaired: 0, failed: 0 });
  });

  it('repairs nothing in a run without faults, however often it looks', async () => {
    const { ports, end, advanceTime, counts } = await started();
    const record = (task: Awaited<ReturnType<typeof end>>) => [{ sequenceNumber: '1', task }];
    for (const taskId of ['A', 'B1', 'B2', 'B3', 'C']) {
      await advanceBatch(ports, record(await end(taskId, 'succeed')), never);
      await sweep(ports, inTime);
      advanceTime(20_000);
    }
    await sweep(ports, inTime);
    expect(counts.get('SweeperRepairs')).toBeUndefined();
    expect(counts.get('WorkflowsSucceeded')).toBe(1);
  });

  it('run twice at once does everything once', async () => {
    const { ports, anotherContainer, end, advanceTime, repository } = await started();
    await end('A', 'fail');
    advanceTime(MINUTE);
    const reports = await Promise.all([sweep(ports, inTime), sweep(anotherContainer(), inTime)]);
    expect(reports.map(({ failed }) => failed)).toEqual([0, 0]);
    expect(await repository.getWorkflow('w')).toMatchObject({ status: 'FAILED', version: 2 });
  });

  it('is not stopped by one workflow it cannot read', async () => {
    const { ports, advanceTime, failNext, messages } = await started();
    await startWorkflow(ports, { mode: 'start', workflowId: 'v' });
    advanceTime(MINUTE);
    failNext('getWorkflowWithTasks', new StoreUnavailableError('throttled'));
    expect(await sweep(ports, inTime)).toEqual({ checked: 2, repaired: 1, failed: 1 });
    expect(messages).toHaveLength(3);
  });

  it('stops when its time is up', async () => {
    const { ports, advanceTime } = await started();
    advanceTime(MINUTE);
    expect(await sweep(ports, () => true)).toEqual({ checked: 0, repaired: 0, failed: 0 });
  });
});
