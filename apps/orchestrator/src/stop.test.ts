import { StoreUnavailableError } from '@orchestra/workflow-core';
import { startWorkflow } from './start.js';
import { cancelWorkflow } from './stop.js';
import { advanceBatch } from './stream.js';
import { sweep } from './sweep.js';
import { createBench, dispatched, never, type Bench } from './testing/bench.js';

const inTime = () => false;
const MINUTE = 60_000;
const order = { mode: 'cancel', workflowId: 'w' } as const;

async function started(): Promise<Bench> {
  const bench = createBench();
  await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
  return bench;
}

const statuses = async ({ repository }: Bench) =>
  Object.fromEntries(
    (await repository.getWorkflowWithTasks('w'))?.tasks.map(({ taskId, status }) => [
      taskId,
      status,
    ]) ?? [],
  );

describe('cancelling a workflow', () => {
  it('cancels what is ready and what runs, keeps what has ended, and says who and why', async () => {
    const bench = await started();
    const { ports, end, repository, counts } = bench;
    await advanceBatch(ports, [{ sequenceNumber: '1', task: await end('A', 'succeed') }], never);
    await end('B1', 'succeed');
    expect(await cancelWorkflow(ports, { ...order, note: 'enough' })).toEqual({
      kind: 'cancelled',
      status: 'CANCELLED',
    });
    expect(await statuses(bench)).toEqual({
      A: 'SUCCEEDED',
      B1: 'SUCCEEDED',
      B2: 'CANCELLED',
      B3: 'CANCELLED',
    });
    const workflow = await repository.getWorkflow('w');
    expect(workflow).toMatchObject({ status: 'CANCELLED', endedBy: 'operator', note: 'enough' });
    expect(workflow?.nextCheckAt).toBeUndefined();
    expect(counts.get('WorkflowsCancelled')).toBe(1);
  });

  it('lets no task that a slow pass makes ready afterwards end the workflow otherwise', async () => {
    const bench = await started();
    const { ports, end, repository } = bench;
    const record = { sequenceNumber: '1', task: await end('A', 'succeed') };
    await cancelWorkflow(ports, order);
    await advanceBatch(ports, [record], never);
    expect(await repository.getWorkflow('w')).toMatchObject({ status: 'CANCELLED' });
  });

  it('may be asked for twice', async () => {
    const { ports, repository } = await started();
    await cancelWorkflow(ports, order);
    expect(await cancelWorkflow(ports, order)).toEqual({ kind: 'cancelled', status: 'CANCELLED' });
    expect(await repository.getWorkflow('w')).toMatchObject({ version: 3 });
  });

  it('tells of a workflow that had ended, and of one that is not there', async () => {
    const { ports, end, repository } = await started();
    await end('A', 'fail');
    const { workflowId, epoch, definition } = (await repository.getWorkflow('w'))!;
    const at = '2026-01-02T03:05:00.000Z';
    await repository.apply([
      { kind: 'finish', workflowId, epoch, definition, status: 'FAILED', by: 'stream', at },
    ]);
    expect(await cancelWorkflow(ports, order)).toEqual({ kind: 'ended', status: 'FAILED' });
    expect(await cancelWorkflow(ports, { ...order, workflowId: 'x' })).toEqual({ kind: 'unknown' });
  });

  it.each(['getWorkflowWithTasks', 'apply'] as const)(
    'that broke off at its first %s after META is finished by the sweep',
    async (method) => {
      const bench = await started();
      const { ports, repository, failNext, advanceTime } = bench;
      const read = repository.getWorkflow.bind(repository);
      const breaking = new Proxy(ports.repository, {
        get: (target, name: keyof typeof repository) =>
          name === 'getWorkflow'
            ? async (workflowId: string) => {
                const workflow = await read(workflowId);
                if (workflow?.status === 'CANCELLED')
                  failNext(method, new StoreUnavailableError('gone'));
                return workflow;
              }
            : target[name],
      });
      await expect(cancelWorkflow({ ...ports, repository: breaking }, order)).rejects.toThrow();
      expect(await statuses(bench)).toEqual({ A: 'READY' });
      advanceTime(MINUTE);
      await sweep(ports, inTime);
      expect(await statuses(bench)).toEqual({ A: 'CANCELLED' });
      advanceTime(MINUTE);
      expect(await sweep(ports, inTime)).toMatchObject({ checked: 0 });
    },
  );

  it('meets a task that is claimed under its hands in its next round', async () => {
    const bench = await started();
    const { ports, repository } = bench;
    let claimed = false;
    const racing = new Proxy(ports.repository, {
      get: (target, name: keyof typeof repository) =>
        name === 'getWorkflowWithTasks'
          ? async (workflowId: string) => {
              const whole = await repository.getWorkflowWithTasks(workflowId);
              const at = new Date(ports.now()).toISOString();
              if (!claimed)
                await repository.apply([
                  {
                    kind: 'claim',
                    workflowId,
                    taskId: 'A',
                    epoch: 1,
                    version: 1,
                    claimId: 'late',
                    leaseUntil: at,
                    at,
                  },
                ]);
              claimed = true;
              return whole;
            }
          : target[name],
    });
    expect(await cancelWorkflow({ ...ports, repository: racing }, order)).toMatchObject({
      kind: 'cancelled',
    });
    expect(await statuses(bench)).toEqual({ A: 'CANCELLED' });
  });
});

describe('a workflow beyond its deadline', () => {
  it('ends FAILED for its timeout, its tasks cancelled, at its time and not before', async () => {
    const bench = createBench();
    const { ports, repository, advanceTime, messages, counts } = bench;
    const { revision } = await repository.putDefinition(
      { name: 'short', timeoutSeconds: 20, tasks: [{ id: 'A', function: 'A' }] },
      '2026-01-02T03:04:05.000Z',
    );
    await startWorkflow(ports, {
      mode: 'start',
      workflowId: 'w',
      definition: { name: 'short', revision },
    });
    expect(dispatched(messages)).toEqual(['A']);
    advanceTime(19_999);
    expect(await sweep(ports, inTime)).toMatchObject({ checked: 0 });
    advanceTime(1);
    await sweep(ports, inTime);
    expect(await repository.getWorkflow('w')).toMatchObject({
      status: 'FAILED',
      reason: 'TIMEOUT',
      endedBy: 'sweep',
    });
    expect(await statuses(bench)).toEqual({ A: 'CANCELLED' });
    expect(counts.get('WorkflowsFailed')).toBe(1);
    expect(counts.get('SweeperRepairs')).toBeUndefined();
  });
});

it('a workflow that gets its place while it is being cancelled is cancelled all the same', async () => {
  const bench = createBench();
  await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
  const running = (await bench.repository.getWorkflow('w'))!;
  // As it was read: still in line.
  const stale = { ...running, status: 'PENDING' as const };
  const repository = new Proxy(bench.ports.repository, {
    get(target, name: keyof typeof bench.ports.repository) {
      if (name !== 'getWorkflow' || reads > 0) return target[name];
      return async () => {
        reads += 1;
        return stale;
      };
    },
  });
  let reads = 0;
  const answer = await cancelWorkflow(
    { ...bench.ports, repository },
    { mode: 'cancel', workflowId: 'w' },
  );
  expect(answer).toEqual({ kind: 'cancelled', status: 'CANCELLED' });
  expect(await bench.repository.getTasks('w', ['A'])).toMatchObject([{ status: 'CANCELLED' }]);
});
