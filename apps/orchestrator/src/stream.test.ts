import {
  CorruptItemError,
  StoreRejectedError,
  StoreUnavailableError,
  parseDefinition,
  type Task,
} from '@orchestra/workflow-core';
import { startWorkflow } from './start.js';
import { advanceBatch as advanceInTime, type StreamRecord } from './stream.js';
import type { Ports } from './ports.js';
import { createBench, dispatched, never, type Bench } from './testing/bench.js';

const advanceBatch = (ports: Ports, records: readonly StreamRecord[]) =>
  advanceInTime(ports, records, never);

async function started(workflowId = 'w'): Promise<Bench> {
  const bench = createBench(workflowId);
  await startWorkflow(bench.ports, { mode: 'start', workflowId });
  bench.reads.length = 0;
  return bench;
}
const batch = (...tasks: Task[]) =>
  tasks.map((task, n) => ({ sequenceNumber: String(100 + n), task }));
const statusesOf = async ({ repository }: Bench) =>
  Object.fromEntries(
    (await repository.getWorkflowWithTasks('w'))?.tasks.map(({ taskId, status }) => [
      taskId,
      status,
    ]) ?? [],
  );

describe('a batch of finished tasks', () => {
  it('runs the diamond to its end without reading anything, as long as the container lives', async () => {
    const bench = await started();
    const { ports, end, messages, reads, repository, counts } = bench;
    await advanceBatch(ports, batch(await end('A', 'succeed')));
    await advanceBatch(ports, batch(await end('B2', 'succeed', ['B1'])));
    await advanceBatch(ports, batch(await end('B1', 'succeed', ['B3'])));
    await advanceBatch(ports, batch(await end('B3', 'succeed')));
    await advanceBatch(ports, batch(await end('C', 'succeed')));
    expect(dispatched(messages)).toEqual(['A', 'B1', 'B2', 'B3', 'C']);
    expect(messages).toHaveLength(3);
    expect(reads).toEqual([]);
    expect(await repository.getWorkflow('w')).toMatchObject({ status: 'SUCCESS', version: 2 });
    expect(bench.durations.map(([metric]) => metric)).toEqual([
      ...Array.from({ length: 5 }, () => 'TaskDurationMs'),
      'WorkflowDurationMs',
    ]);
    expect(Object.fromEntries(counts)).toEqual({
      WorkflowsStarted: 1,
      WorkflowsSucceeded: 1,
      TasksSucceeded: 5,
    });
  });

  it('taken by a new container each time reads once where it cannot know, and ends the same', async () => {
    const { anotherContainer, end, messages, reads, repository } = await started();
    for (const [taskId, witnesses] of [
      ['A', []],
      ['B2', ['B1']],
      ['B1', ['B3']],
      ['B3', []],
      ['C', []],
    ] as const)
      await advanceBatch(anotherContainer(), batch(await end(taskId, 'succeed', witnesses)));
    expect(dispatched(messages)).toEqual(['A', 'B1', 'B2', 'B3', 'C']);
    expect(reads).toEqual(['getWorkflowWithTasks']);
    expect(await repository.getWorkflow('w')).toMatchObject({ status: 'SUCCESS' });
  });

  it('writes every skip below a failure and ends the workflow FAILED', async () => {
    const bench = await started();
    const { ports, end, counts } = bench;
    await advanceBatch(ports, batch(await end('A', 'succeed')));
    await advanceBatch(
      ports,
      batch(await end('B1', 'succeed'), await end('B2', 'fail'), await end('B3', 'succeed')),
    );
    expect(await statusesOf(bench)).toMatchObject({ B2: 'FAILED', C: 'SKIPPED' });
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'FAILED' });
    expect(counts.get('WorkflowsFailed')).toBe(1);
    expect(counts.get('TasksFailed')).toBe(1);
  });

  it('delivered again decides nothing again', async () => {
    const { ports, anotherContainer, end, messages } = await started();
    const records = batch(await end('A', 'succeed'));
    await advanceBatch(ports, records);
    for (const taskId of ['B1', 'B2', 'B3']) await end(taskId, 'succeed');
    await advanceBatch(ports, records);
    await advanceBatch(anotherContainer(), records);
    expect(dispatched(messages)).toEqual(['A', 'B1', 'B2', 'B3']);
  });

  it('delivered again leaves a task that waits for its retry alone', async () => {
    const { ports, end, messages, repository } = await started();
    const records = batch(await end('A', 'succeed'));
    await advanceBatch(ports, records);
    const at = new Date(ports.now()).toISOString();
    const own = { workflowId: 'w', taskId: 'B1', claimId: 'c', at };
    await repository.apply([{ kind: 'claim', ...own, epoch: 1, version: 1, leaseUntil: at }]);
    await repository.apply([
      {
        kind: 'rerun',
        ...own,
        attempt: 2,
        retries: 1,
        lost: 0,
        pastAttempts: { kind: 'inline', json: '[]' },
        notBefore: new Date(ports.now() + 60_000).toISOString(),
        by: 'worker',
      },
    ]);
    messages.length = 0;
    await advanceBatch(ports, records);
    expect(dispatched(messages)).not.toContain('B1');
  });

  it('whose worker could not be told stops there, and delivered again tells it', async () => {
    const { ports, end, messages, refuseDispatches } = await started();
    const records = batch(await end('A', 'succeed'));
    refuseDispatches(1);
    expect(await advanceBatch(ports, records)).toEqual({ failedFrom: '100' });
    expect(await advanceBatch(ports, records)).toEqual({});
    expect(dispatched(messages)).toEqual(['A', 'B1', 'B2', 'B3']);
  });
});

describe('a batch of several workflows', () => {
  async function two() {
    const bench = await started();
    await startWorkflow(bench.ports, { mode: 'start', workflowId: 'v' });
    return bench;
  }
  const recordOf = (sequenceNumber: string, task: Task) => ({ sequenceNumber, task });

  it('stops at the lowest sequence number of the workflows that are not done', async () => {
    const bench = await two();
    const mine = await bench.end('A', 'succeed');
    const other: Task = { ...mine, workflowId: 'v' };
    bench.refuseDispatches(2);
    const records = [recordOf('9', other), recordOf('10', mine), recordOf('11', mine)];
    expect(await advanceBatch(bench.ports, records)).toEqual({ failedFrom: '9' });
  });

  it('goes on past a workflow with a trouble of its own, which is logged, counted and reported', async () => {
    const bench = await two();
    const mine = await bench.end('A', 'succeed');
    bench.failNext('apply', new StoreRejectedError('too large'));
    const records = [recordOf('9', mine), recordOf('10', { ...mine, workflowId: 'v' })];
    expect(await advanceBatch(bench.ports, records)).toEqual({});
    expect(bench.logs).toEqual([
      expect.objectContaining({ level: 'error', workflowId: 'w', message: 'a pass failed' }),
    ]);
    expect(bench.counts.get('PassesFailed')).toBe(1);
    expect(bench.poison.reports).toEqual([
      {
        workflowId: 'w',
        sequenceNumbers: ['9'],
        error: { type: 'StoreRejectedError', message: 'too large' },
      },
    ]);
    const told = bench.messages.map(({ workflowId, tasks }) => `${workflowId} ${tasks.length}`);
    expect(told).toEqual(['w 1', 'v 1', 'v 3']);
  });

  it('stops when the store cannot be reached', async () => {
    const bench = await two();
    const mine = await bench.end('A', 'succeed');
    bench.failNext('apply', new StoreUnavailableError('throttled'));
    expect(await advanceBatch(bench.ports, [recordOf('7', mine)])).toEqual({ failedFrom: '7' });
  });

  it('brings poison again that nobody could be told of', async () => {
    const bench = await two();
    const mine = await bench.end('A', 'succeed');
    bench.failNext('apply', new StoreRejectedError('too large'));
    bench.poison.refused = true;
    expect(await advanceBatch(bench.ports, [recordOf('9', mine)])).toEqual({ failedFrom: '9' });
  });

  it('reports a record that does not read, and goes on', async () => {
    const bench = await two();
    const mine = await bench.end('A', 'succeed');
    const error = new CorruptItemError('no status');
    const broken = { sequenceNumber: '8', unreadable: { workflowId: 'x', error } };
    expect(await advanceBatch(bench.ports, [broken, recordOf('9', mine)])).toEqual({});
    expect(bench.poison.reports).toMatchObject([{ workflowId: 'x', sequenceNumbers: ['8'] }]);
    expect(dispatched(bench.messages)).toEqual(['A', 'A', 'B1', 'B2', 'B3']);
  });

  it('gives back what is not done when its time is up, and only that', async () => {
    const bench = await two();
    const mine = await bench.end('A', 'succeed');
    const slow: Task = { ...mine, workflowId: 'v' };
    let isUp: () => void = () => {};
    const timeIsUp = new Promise<void>((resolve) => (isUp = resolve));
    const ports: Ports = {
      ...bench.ports,
      dispatch: (message) => {
        if (message.workflowId === 'v') return never;
        setImmediate(isUp);
        return bench.ports.dispatch(message);
      },
    };
    const records = [recordOf('9', mine), recordOf('10', slow), recordOf('11', slow)];
    expect(await advanceInTime(ports, records, timeIsUp)).toEqual({ failedFrom: '10' });
  });
});

describe('records that come late', () => {
  const wide = parseDefinition({
    name: 'wide',
    tasks: [
      { id: 'A', function: 'A' },
      { id: 'B', function: 'A', dependsOn: ['A'] },
      { id: 'C', function: 'A', dependsOn: ['B'] },
    ],
  });
  async function startedWide() {
    const bench = createBench();
    await bench.repository.putDefinition(wide, '2026-01-02T03:04:05.000Z');
    const definition = { name: 'wide', revision: 1 };
    await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w', definition });
    return bench;
  }

  it('behind those of what followed from them still end the workflow', async () => {
    const bench = await startedWide();
    const a = await bench.end('A', 'succeed');
    await advanceBatch(bench.ports, batch(a));
    const b = await bench.end('B', 'succeed');
    await advanceBatch(bench.anotherContainer(), batch(b));
    const c = await bench.end('C', 'succeed');
    await advanceBatch(bench.anotherContainer(), batch(a, c));
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'SUCCESS' });
  });

  it('after its end cost nothing', async () => {
    const bench = await startedWide();
    for (const taskId of ['A', 'B'])
      await advanceBatch(bench.ports, batch(await bench.end(taskId, 'succeed')));
    const c = await bench.end('C', 'succeed');
    await advanceBatch(bench.ports, batch(c));
    bench.reads.length = 0;
    bench.failNext('apply', new StoreUnavailableError('nothing is to be written'));
    expect(await advanceBatch(bench.ports, batch(c))).toEqual({});
    expect(bench.reads).toEqual([]);
  });
});

describe('a task that a pass reads READY', () => {
  it('is dispatched again, and its insert not tried in vain', async () => {
    const early = parseDefinition({
      name: 'early',
      tasks: [
        { id: 'A', function: 'A' },
        { id: 'B', function: 'A' },
        { id: 'E', function: 'A', dependsOn: ['A', 'B'], triggerRule: 'one_success' },
      ],
    });
    const bench = createBench();
    await bench.repository.putDefinition(early, '2026-01-02T03:04:05.000Z');
    const definition = { name: 'early', revision: 1 };
    await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w', definition });
    await advanceBatch(bench.ports, batch(await bench.end('A', 'succeed')));
    const b = await bench.end('B', 'succeed');
    const written: string[] = [];
    const { apply } = bench.repository;
    bench.repository.apply = async (transitions) => {
      written.push(...transitions.map(({ kind }) => kind));
      return apply.call(bench.repository, transitions);
    };
    await advanceBatch(bench.anotherContainer(), batch(b));
    expect(dispatched(bench.messages)).toEqual(['A', 'B', 'E', 'E']);
    expect(written).toEqual([]);
  });
});
