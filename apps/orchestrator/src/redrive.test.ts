import {
  parseDefinition,
  readPastAttempts,
  type RedriveRequest,
  type Task,
} from '@orchestra/workflow-core';
import { redriveWorkflow } from './redrive.js';
import { startWorkflow } from './start.js';
import { cancelWorkflow } from './stop.js';
import { advanceBatch } from './stream.js';
import { sweep } from './sweep.js';
import { createBench, dispatched, never, type Bench } from './testing/bench.js';

const inTime = () => false;
const MINUTE = 60_000;
const UNFINISHED = { kind: 'unfinished' } as const;
const redrive = (changes: Partial<RedriveRequest> = {}): RedriveRequest => ({
  mode: 'redrive',
  workflowId: 'w',
  token: 'order',
  selection: UNFINISHED,
  ...changes,
});
const rerun = (taskId: string, downstream: boolean): RedriveRequest =>
  redrive({ selection: { kind: 'tasks', tasks: [taskId], downstream } });

let sequence = 0;
/** Ends the task and lets a pass see its record. */
async function settle(
  { ports, end }: Bench,
  taskId: string,
  outcome: 'succeed' | 'fail' = 'succeed',
): Promise<Task> {
  const task = await end(taskId, outcome);
  await advanceBatch(ports, [{ sequenceNumber: String((sequence += 1)), task }], never);
  return task;
}

/** The diamond with B2 failed: A, B1, B3 keep their outputs, C is skipped. */
async function failed(): Promise<Bench> {
  const bench = createBench();
  await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
  for (const taskId of ['A', 'B1', 'B3']) await settle(bench, taskId);
  await settle(bench, 'B2', 'fail');
  expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'FAILED' });
  bench.messages.length = 0;
  return bench;
}

const taskOf = async ({ repository }: Bench, taskId: string) =>
  (await repository.getTasks('w', [taskId]))[0] as Task;

describe('redriving a failed workflow', () => {
  it('runs failed and skipped tasks again and keeps what succeeded', async () => {
    const bench = await failed();
    const kept = await taskOf(bench, 'A');
    expect(await redriveWorkflow(bench.ports, redrive())).toEqual({
      kind: 'redriven',
      status: 'RUNNING',
      epoch: 2,
      definition: { name: 'diamond', revision: 1 },
      run: ['B2', 'C'],
      keep: ['A', 'B1', 'B3'],
    });
    expect(dispatched(bench.messages)).toEqual(['B2']);
    await settle(bench, 'B2');
    await settle(bench, 'C');
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'SUCCESS', epoch: 2 });
    expect(await taskOf(bench, 'A')).toEqual(kept);
  });

  it('keeps every attempt and counts on', async () => {
    const bench = await failed();
    await redriveWorkflow(bench.ports, redrive());
    const again = await settle(bench, 'B2', 'fail');
    expect(again).toMatchObject({ attempt: 2, epoch: 2, version: 6 });
    await redriveWorkflow(bench.ports, redrive({ token: 'another order' }));
    const third = await settle(bench, 'B2');
    expect(third).toMatchObject({ status: 'SUCCEEDED', attempt: 3, epoch: 3 });
    expect(await readPastAttempts(bench.repository, third)).toMatchObject([
      { attempt: 1, epoch: 1, status: 'FAILED', error: { type: 'Error' } },
      { attempt: 2, epoch: 2, status: 'FAILED', error: { type: 'Error' } },
    ]);
    expect(await readPastAttempts(bench.repository, await taskOf(bench, 'C'))).toMatchObject([
      { attempt: 0, epoch: 1, status: 'SKIPPED', reason: 'UPSTREAM_FAILED' },
      { attempt: 0, epoch: 2, status: 'SKIPPED', reason: 'UPSTREAM_FAILED' },
    ]);
  });

  it('goes to its end whichever container sees which record', async () => {
    const bench = await failed();
    await redriveWorkflow(bench.ports, redrive());
    for (const taskId of ['B2', 'C']) {
      const task = await bench.end(taskId, 'succeed');
      await advanceBatch(bench.anotherContainer(), [{ sequenceNumber: '1', task }], never);
    }
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'SUCCESS' });
  });

  it('keeps how it had ended, with the operator and the words', async () => {
    const bench = await failed();
    const { endedAt } = (await bench.repository.getWorkflow('w'))!;
    await redriveWorkflow(bench.ports, redrive({ note: 'fixed' }));
    const after = await bench.repository.getWorkflow('w');
    expect(after?.endedAt).toBeUndefined();
    expect(after?.redrives).toMatchObject([
      { epoch: 2, note: 'fixed', from: { status: 'FAILED', endedAt, endedBy: 'stream' } },
    ]);
  });

  it('is done once for one order, however often it is sent', async () => {
    const bench = await failed();
    const first = await redriveWorkflow(bench.ports, redrive());
    expect(await redriveWorkflow(bench.ports, redrive())).toEqual(first);
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ epoch: 2 });
  });

  it('previews what would run and does nothing', async () => {
    const bench = await failed();
    const before = await bench.repository.getWorkflowWithTasks('w');
    expect(await redriveWorkflow(bench.ports, redrive({ dryRun: true }))).toMatchObject({
      kind: 'preview',
      run: ['B2', 'C'],
      keep: ['A', 'B1', 'B3'],
    });
    expect(await bench.repository.getWorkflowWithTasks('w')).toEqual(before);
    expect(bench.messages).toEqual([]);
  });

  it('that died after META is finished by the sweep', async () => {
    const bench = await failed();
    bench.refuseDispatches(1);
    await expect(redriveWorkflow(bench.ports, redrive())).rejects.toThrow();
    bench.advanceTime(MINUTE);
    await sweep(bench.ports, inTime);
    expect(dispatched(bench.messages)).toEqual(['B2']);
    await settle(bench, 'B2');
    await settle(bench, 'C');
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'SUCCESS' });
  });

  it('takes no notice of a pass of the epoch before', async () => {
    const bench = createBench();
    await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
    const task = await bench.end('A', 'succeed');
    await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'w' });
    await redriveWorkflow(bench.ports, rerun('A', true));
    await advanceBatch(bench.ports, [{ sequenceNumber: '1', task }], never);
    expect(await taskOf(bench, 'B1')).toMatchObject({ status: 'READY', epoch: 1 });
    await settle(bench, 'A');
    expect(await taskOf(bench, 'B1')).toMatchObject({ status: 'READY', epoch: 2, attempt: 1 });
    for (const taskId of ['B1', 'B2', 'B3', 'C']) await settle(bench, taskId);
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'SUCCESS', epoch: 2 });
  });
});

describe('redriving a cancelled workflow', () => {
  it('runs what had not ended', async () => {
    const bench = createBench();
    await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
    await settle(bench, 'A');
    await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'w' });
    bench.messages.length = 0;
    expect(await redriveWorkflow(bench.ports, redrive())).toMatchObject({ keep: ['A'] });
    expect(dispatched(bench.messages)).toEqual(['B1', 'B2', 'B3']);
    for (const taskId of ['B1', 'B2', 'B3', 'C']) await settle(bench, taskId);
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'SUCCESS' });
  });
});

describe('redriving a workflow again and again', () => {
  it('is refused once what was said before fills its item', async () => {
    const bench = createBench();
    await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
    await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'w' });
    const input = { pad: 'x'.repeat(440) };
    const overrides = ['A', 'B1', 'B2', 'B3', 'C'].map((taskId) => ({
      taskId,
      kind: 'input' as const,
      input,
    }));
    let order = 0;
    let answer;
    do {
      order += 1;
      const token = `order ${order}`;
      const selection = { kind: 'unfinished' as const };
      answer = await redriveWorkflow(bench.ports, {
        mode: 'redrive',
        workflowId: 'w',
        token,
        selection,
        overrides,
      });
      await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'w' });
    } while (answer.kind === 'redriven' && order < 100);
    expect(answer).toMatchObject({ kind: 'tooMany', detail: expect.stringContaining('fills') });
    const meta = await bench.repository.getWorkflow('w');
    expect(JSON.stringify(meta).length).toBeLessThan(230_000);
  });
});

describe('redriving a workflow that somebody is stopping', () => {
  it('stops it first, whatever the stop left', async () => {
    const bench = createBench();
    await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
    const { workflowId, epoch, definition } = (await bench.repository.getWorkflow('w'))!;
    const at = '2026-01-02T03:05:00.000Z';
    await bench.repository.apply([
      { kind: 'stop', workflowId, epoch, definition, status: 'CANCELLED', by: 'operator', at },
    ]);
    expect(await taskOf(bench, 'A')).toMatchObject({ status: 'READY' });
    expect(await redriveWorkflow(bench.ports, redrive())).toMatchObject({ kind: 'redriven' });
    expect(await readPastAttempts(bench.repository, await taskOf(bench, 'A'))).toMatchObject([
      { status: 'CANCELLED', epoch: 1 },
    ]);
  });

  it('is refused while others stop and redrive it faster than it can be settled', async () => {
    const bench = createBench();
    await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
    const { workflowId, epoch, definition } = (await bench.repository.getWorkflow('w'))!;
    const at = '2026-01-02T03:05:00.000Z';
    await bench.repository.apply([
      { kind: 'stop', workflowId, epoch, definition, status: 'CANCELLED', by: 'operator', at },
    ]);
    // Every settling meets another epoch than the one that was read.
    const { repository } = bench.ports;
    let reads = 0;
    const racing = new Proxy(repository, {
      get: (target, name: keyof typeof repository) =>
        name === 'getWorkflowWithTasks'
          ? async (id: string) => {
              const read = await repository.getWorkflowWithTasks(id);
              const isSettling = (reads += 1) % 2 === 0;
              return read && isSettling
                ? { ...read, workflow: { ...read.workflow, epoch: read.workflow.epoch + 1 } }
                : read;
            }
          : target[name],
    });
    const answer = await redriveWorkflow({ ...bench.ports, repository: racing }, redrive());
    expect(answer).toMatchObject({ kind: 'running' });
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ epoch: 1 });
  });
});

describe('running one task again', () => {
  async function succeeded(): Promise<Bench> {
    const bench = createBench();
    await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
    for (const taskId of ['A', 'B1', 'B2', 'B3', 'C']) await settle(bench, taskId);
    bench.messages.length = 0;
    return bench;
  }

  it('with its downstream runs everything below it', async () => {
    const bench = await succeeded();
    expect(await redriveWorkflow(bench.ports, rerun('B2', true))).toMatchObject({
      run: ['B2', 'C'],
    });
    await settle(bench, 'B2');
    await settle(bench, 'C');
    expect(dispatched(bench.messages)).toEqual(['B2', 'C']);
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'SUCCESS' });
  });

  it('alone leaves what is below it', async () => {
    const bench = await succeeded();
    expect(await redriveWorkflow(bench.ports, rerun('A', false))).toMatchObject({ run: ['A'] });
    await settle(bench, 'A');
    expect(dispatched(bench.messages)).toEqual(['A']);
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'SUCCESS', epoch: 2 });
  });

  it('alone ends the workflow FAILED when it fails, whatever stands below it', async () => {
    const bench = await succeeded();
    await redriveWorkflow(bench.ports, rerun('A', false));
    await settle(bench, 'A', 'fail');
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'FAILED' });
  });

  it('is ended by the sweep too, where no record comes', async () => {
    const bench = await succeeded();
    await redriveWorkflow(bench.ports, rerun('A', false));
    await bench.end('A', 'fail');
    bench.advanceTime(6 * MINUTE);
    await sweep(bench.ports, inTime);
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'FAILED' });
  });
});

describe('a redrive that cannot be', () => {
  it.each([
    ['of a workflow that is not there', redrive({ workflowId: 'x' }), 'unknown'],
    ['to a revision that is not there', redrive({ revision: 9 }), 'unknownRevision'],
    ['of a task it does not have', rerun('X', true), 'unknownTask'],
  ])('%s', async (_, request, kind) => {
    const bench = await failed();
    expect(await redriveWorkflow(bench.ports, request)).toMatchObject({ kind });
  });

  it('because it still runs', async () => {
    const bench = createBench();
    await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
    expect(await redriveWorkflow(bench.ports, redrive())).toMatchObject({ kind: 'running' });
  });

  it('because nothing is left to run', async () => {
    const bench = await failed();
    await redriveWorkflow(bench.ports, redrive());
    await settle(bench, 'B2');
    await settle(bench, 'C');
    const again = redrive({ token: 'again' });
    expect(await redriveWorkflow(bench.ports, again)).toMatchObject({ kind: 'nothingToRun' });
  });

  it('because its items expire before it could end', async () => {
    const bench = await failed();
    bench.advanceTime(91 * 24 * 60 * MINUTE);
    expect(await redriveWorkflow(bench.ports, redrive())).toMatchObject({ kind: 'tooLate' });
  });
});

describe('redriving to a later revision', () => {
  const v1 = parseDefinition({
    name: 'two',
    tasks: [
      { id: 'A', function: 'A' },
      { id: 'B', function: 'B1', dependsOn: ['A'] },
    ],
  });
  const [a, b] = v1.tasks as [(typeof v1.tasks)[0], (typeof v1.tasks)[0]];
  const STORED_AT = '2026-01-02T03:04:05.000Z';
  async function failedInB(next: typeof v1): Promise<Bench> {
    const bench = createBench();
    await bench.repository.putDefinition(v1, STORED_AT);
    await startWorkflow(bench.ports, {
      mode: 'start',
      workflowId: 'w',
      definition: { name: 'two', revision: 1 },
    });
    await settle(bench, 'A');
    await settle(bench, 'B', 'fail');
    await bench.repository.putDefinition(next, STORED_AT);
    bench.messages.length = 0;
    return bench;
  }

  it('runs what is new and changed below the finished tasks', async () => {
    const bench = await failedInB({
      ...v1,
      tasks: [a, { ...b, function: 'B2' }, { id: 'C', function: 'C', dependsOn: ['A', 'B'] }],
    });
    expect(await redriveWorkflow(bench.ports, redrive({ revision: 2 }))).toMatchObject({
      kind: 'redriven',
      definition: { name: 'two', revision: 2 },
      run: ['B', 'C'],
      keep: ['A'],
    });
    expect(bench.messages[0]).toMatchObject({ definition: { name: 'two', revision: 2 } });
    await settle(bench, 'B');
    await settle(bench, 'C');
    expect(await bench.repository.getWorkflow('w')).toMatchObject({
      status: 'SUCCESS',
      definition: { revision: 2 },
    });
  });

  it('is refused where it changes what a finished task follows from', async () => {
    const bench = await failedInB({
      ...v1,
      tasks: [{ ...a, dependsOn: ['Z'] }, b, { id: 'Z', function: 'A' }],
    });
    expect(await redriveWorkflow(bench.ports, redrive({ revision: 2 }))).toMatchObject({
      kind: 'revisionDiffers',
      detail: expect.stringContaining('"A"'),
    });
  });
});
