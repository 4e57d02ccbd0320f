import {
  LIMITS,
  StoreUnavailableError,
  parseDefinition,
  type Task,
  type Transition,
  type Workflow,
} from '@orchestra/workflow-core';
import { childIdFor, childRedrive, newWorkflow } from '@orchestra/workflow-core/starting';
import { redriveWorkflow } from './redrive.js';
import { startWorkflow } from './start.js';
import { cancelWorkflow } from './stop.js';
import { advanceBatch } from './stream.js';
import { check, sweep } from './sweep.js';
import { createBench, dispatched, never } from './testing/bench.js';
import { followWorkflow } from './workflow-records.js';

const outer = parseDefinition({
  name: 'outer',
  timeoutSeconds: 3_600,
  tasks: [
    { id: 'T', workflow: { name: 'inner' } },
    { id: 'M', forEach: [1, 2], workflow: { name: 'inner' } },
    { id: 'N', workflow: { name: 'middle' } },
    { id: 'C', function: 'task-c', dependsOn: ['T'] },
  ],
});
const middle = parseDefinition({
  name: 'middle',
  tasks: [
    { id: 'A', function: 'task-a' },
    { id: 'D', workflow: { name: 'inner' }, dependsOn: ['A'] },
  ],
});
const inner = parseDefinition({
  name: 'inner',
  tasks: [
    { id: 'A', function: 'task-a' },
    { id: 'B', function: 'task-b1', dependsOn: ['A'] },
    { id: 'Z', function: 'task-a', dependsOn: ['A'], triggerRule: 'one_failed' },
  ],
  onSuccess: [{ id: 'H', function: 'task-a' }],
});

const inTime = () => false;
const MINUTE = 60_000;
const ITEM = { type: 'TypeError', message: 'no', trace: [] };

/** The worker's part is played here: it cannot be imported. */
async function benchOfParent() {
  const bench = createBench();
  const { repository, ports } = bench;
  const iso = () => new Date(ports.now()).toISOString();
  for (const definition of [outer, middle, inner])
    await repository.putDefinition(definition, iso());
  await startWorkflow(ports, { mode: 'start', workflowId: 'w', definition: { name: 'outer' } });

  const read = async (id: string) => (await repository.getWorkflow(id)) as Workflow;
  const taskOf = async (workflowId: string, taskId: string) =>
    (await repository.getTasks(workflowId, [taskId]))[0] as Task;
  const apply = async (...transitions: Transition[]) => {
    const results = await repository.apply(transitions);
    expect(results.map(({ kind }) => kind)).toEqual(transitions.map(() => 'applied'));
  };

  async function claim(workflowId: string, taskId: string): Promise<string> {
    const { epoch, version } = await taskOf(workflowId, taskId);
    const claimId = `claim of ${taskId} in ${epoch}`;
    const leaseUntil = new Date(ports.now() + 75_000).toISOString();
    const at = iso();
    await apply({ kind: 'claim', workflowId, taskId, epoch, version, claimId, leaseUntil, at });
    return claimId;
  }

  async function end(workflowId: string, taskId: string, outcome: unknown): Promise<Task> {
    const claimId = await claim(workflowId, taskId);
    const common = { workflowId, taskId, claimId, at: iso() };
    await apply(
      outcome === FAILS
        ? { ...common, kind: 'fail', error: ITEM, by: 'worker' }
        : { ...common, kind: 'succeed', output: { kind: 'inline', json: JSON.stringify(outcome) } },
    );
    return taskOf(workflowId, taskId);
  }

  async function insertChild(parentId: string, taskId: string): Promise<Workflow> {
    const runs = taskId === 'N' ? middle : inner;
    const { epoch, depth = 0, expiresAt } = await read(parentId);
    const parent = { workflowId: parentId, taskId, epoch };
    const child = newWorkflow(
      {
        workflowId: childIdFor(parent),
        ref: { name: runs.name, revision: 1 },
        definition: runs,
        child: { parent, depth: depth + 1, expiresAt },
      },
      { now: ports.now(), firstCheckMs: MINUTE },
    );
    const workflow: Workflow = {
      ...child,
      requestHash: 'h',
      input: { kind: 'inline', json: '{}' },
    };
    await repository.createWorkflow(workflow);
    return workflow;
  }

  const suspend = (parentId: string, taskId: string, claimId: string, child: string) =>
    apply({ kind: 'suspend', workflowId: parentId, taskId, claimId, child, at: iso() });

  /** The map is expanded, and its items are ready. */
  async function suspendMap(claimId: string): Promise<void> {
    const at = iso();
    const items = { key: 'k', count: 2, perPart: 2, hash: 'h', since: 1 };
    await apply({ kind: 'suspend', workflowId: 'w', taskId: 'M', claimId, items, at });
    const { epoch, definition, createdAt, expiresAt } = await read('w');
    const origin = { workflowId: 'w', epoch, definition, workflowStartedAt: createdAt, expiresAt };
    const ready = { kind: 'ready', origin, by: 'stream', at } as const;
    await apply({ ...ready, taskId: 'M[0]' }, { ...ready, taskId: 'M[1]' });
  }

  /** As the worker does: it is claimed, the child inserted, the task suspended. */
  async function run(parentId = 'w', taskId = 'T'): Promise<Workflow> {
    const claimId = await claim(parentId, taskId);
    const child = await insertChild(parentId, taskId);
    await suspend(parentId, taskId, claimId, child.workflowId);
    return child;
  }

  let sequence = 0;
  const next = () => String((sequence += 1));
  const follow = (workflow: Workflow, before?: Workflow) =>
    followWorkflow(ports, { sequenceNumber: next(), workflow, ...(before ? { before } : {}) });
  const advance = (...tasks: Task[]) =>
    advanceBatch(
      ports,
      tasks.map((task) => ({ sequenceNumber: next(), task })),
      never,
    );

  /** The child's tasks end so, and what follows from each is done; the child then, as its record tells it. */
  async function finish(child: Workflow, outcomes: Record<string, unknown>): Promise<Workflow> {
    for (const [taskId, outcome] of Object.entries(outcomes))
      await advance(await end(child.workflowId, taskId, outcome));
    return read(child.workflowId);
  }
  return {
    ...{ ...bench, read, taskOf, apply, claim, end, insertChild, suspend, suspendMap, run, follow },
    ...{ advance, finish },
  };
}

const FAILS = Symbol('fails');
const CANCEL = { mode: 'cancel', workflowId: 'w' } as const;
const UNFINISHED = { kind: 'unfinished' } as const;
const GOOD = { A: 1, B: { n: 2 }, H: 'not an output' };

type ParentBench = Awaited<ReturnType<typeof benchOfParent>>;

const cancelledAlone = ({ ports }: ParentBench, { workflowId }: Workflow) =>
  cancelWorkflow(ports, { mode: 'cancel', workflowId, note: 'enough' });

async function timedOut({ ports, apply, follow, read }: ParentBench, child: Workflow) {
  const { workflowId, epoch, definition } = child;
  const at = new Date(ports.now()).toISOString();
  const stop = { status: 'FAILED', by: 'sweep', at } as const;
  await apply({ kind: 'stop', workflowId, epoch, definition, ...stop });
  await follow(await read(workflowId));
}

describe('a child whose record comes', () => {
  it('is started', async () => {
    const { run, follow, messages, taskOf } = await benchOfParent();
    const child = await run();
    messages.length = 0;
    await follow(child);
    expect(messages).toMatchObject([{ workflowId: child.workflowId, epoch: 1 }]);
    expect(dispatched(messages)).toEqual(['A']);
    expect(await taskOf(child.workflowId, 'A')).toMatchObject({ status: 'READY' });
  });

  it('is started once, however often the record comes', async () => {
    const { run, follow, taskOf } = await benchOfParent();
    const child = await run();
    await follow(child);
    await follow(child);
    expect(await taskOf(child.workflowId, 'A')).toMatchObject({ status: 'READY', version: 1 });
  });

  it('is started before its task has named it', async () => {
    const { claim, insertChild, follow, taskOf } = await benchOfParent();
    await claim('w', 'T');
    const child = await insertChild('w', 'T');
    await follow(child);
    expect(await taskOf(child.workflowId, 'A')).toMatchObject({ status: 'READY' });
  });

  it('is started by the sweep when the record is lost', async () => {
    const { run, ports, advanceTime, taskOf } = await benchOfParent();
    const child = await run();
    advanceTime(2 * MINUTE);
    await sweep(ports, inTime);
    expect(await taskOf(child.workflowId, 'A')).toMatchObject({ status: 'READY' });
  });

  it('is cancelled instead when its parent was, before it was there', async () => {
    const { claim, insertChild, ports, follow, read, taskOf } = await benchOfParent();
    await claim('w', 'T');
    await cancelWorkflow(ports, CANCEL);
    const child = await insertChild('w', 'T');
    await follow(child);
    expect(await read(child.workflowId)).toMatchObject({ status: 'CANCELLED', endedBy: 'stream' });
    expect(await taskOf(child.workflowId, 'A')).toBeUndefined();
  });

  it.each<[string, (bench: ParentBench) => Promise<unknown>]>([
    [
      'its task names another',
      async ({ suspend, taskOf }) =>
        suspend('w', 'T', (await taskOf('w', 'T')).claimId ?? '', `sub-${'a'.repeat(26)}`),
    ],
    [
      'its task is over',
      async ({ apply, taskOf }) => {
        const { claimId = '' } = await taskOf('w', 'T');
        const lost = { kind: 'fail', error: ITEM, reason: 'WORKER_LOST', by: 'sweep' } as const;
        await apply({
          ...lost,
          workflowId: 'w',
          taskId: 'T',
          claimId,
          at: '2026-01-02T03:04:06.000Z',
        });
      },
    ],
  ])('is cancelled instead when %s', async (_, happens) => {
    const bench = await benchOfParent();
    await bench.claim('w', 'T');
    const child = await bench.insertChild('w', 'T');
    await happens(bench);
    await bench.follow(child);
    const stopped = await bench.read(child.workflowId);
    expect(stopped).toMatchObject({ status: 'CANCELLED', endedBy: 'stream' });
    expect(stopped.nextCheckAt).toBeUndefined();
    expect(await bench.taskOf(child.workflowId, 'A')).toBeUndefined();
  });

  it('is cancelled by the sweep when nobody waits for it any more', async () => {
    const { claim, insertChild, follow, apply, ports, advanceTime, read, end } =
      await benchOfParent();
    const claimId = await claim('w', 'T');
    const child = await insertChild('w', 'T');
    await follow(child);
    const lost = { kind: 'fail', error: ITEM, reason: 'WORKER_LOST', by: 'sweep' } as const;
    await apply({ ...lost, workflowId: 'w', taskId: 'T', claimId, at: child.createdAt });
    await end(child.workflowId, 'A', 1);
    advanceTime(2 * MINUTE);
    await sweep(ports, inTime);
    expect(await read(child.workflowId)).toMatchObject({ status: 'CANCELLED', endedBy: 'sweep' });
  });
});

describe('the end of a child', () => {
  it('gives its task what its end tasks gave, and null for those that did not', async () => {
    const { run, follow, finish, taskOf, repository, read } = await benchOfParent();
    const child = await run();
    await follow(child);
    const ended = await finish(child, GOOD);
    expect(ended).toMatchObject({ status: 'SUCCESS' });
    expect(await taskOf('w', 'T')).toMatchObject({ status: 'RUNNING' });
    await follow(ended);
    const task = await taskOf('w', 'T');
    expect(task).toMatchObject({ status: 'SUCCEEDED', endedBy: 'stream', child: child.workflowId });
    expect(await repository.getPayload('w', task.output!)).toEqual({ B: { n: 2 }, Z: null });
    expect((await read(child.workflowId)).nextCheckAt).toBeUndefined();
  });

  it('fails its task when it failed, and says what did', async () => {
    const { run, follow, finish, taskOf } = await benchOfParent();
    const child = await run();
    await follow(child);
    await follow(await finish(child, { A: FAILS, Z: 1 }));
    expect(await taskOf('w', 'T')).toMatchObject({
      status: 'FAILED',
      endedBy: 'stream',
      error: {
        type: 'ChildFailed',
        message: `workflow "${child.workflowId}" of "inner" FAILED: task "A" failed: TypeError: no`,
      },
    });
  });

  it.each([
    ['was cancelled: enough', cancelledAlone],
    ['FAILED: its time was over', timedOut],
  ])('fails its task when it %s', async (words, happens) => {
    const bench = await benchOfParent();
    const child = await bench.run();
    await bench.follow(child);
    await happens(bench, child);
    expect(await bench.taskOf('w', 'T')).toMatchObject({
      status: 'FAILED',
      error: {
        type: 'ChildFailed',
        message: `workflow "${child.workflowId}" of "inner" ${words}`,
      },
    });
    expect(await bench.read('w')).toMatchObject({ status: 'RUNNING' });
    expect((await bench.read(child.workflowId)).nextCheckAt).toBeUndefined();
  });

  it('fails its task when what it gave is larger than a payload may be', async () => {
    const { run, follow, finish, taskOf } = await benchOfParent();
    const child = await run();
    await follow(child);
    await follow(await finish(child, { ...GOOD, B: 'x'.repeat(LIMITS.payloadBytes - 8) }));
    expect(await taskOf('w', 'T')).toMatchObject({
      status: 'FAILED',
      error: { type: 'OutputTooLarge', message: expect.stringContaining('above the limit') },
    });
  });

  it('carries on in the parent', async () => {
    const { run, follow, finish, advance, taskOf } = await benchOfParent();
    const child = await run();
    await follow(child);
    await follow(await finish(child, GOOD));
    await advance(await taskOf('w', 'T'));
    expect(await taskOf('w', 'C')).toMatchObject({ status: 'READY' });
  });

  it('makes a parent that sleeps due before its task ends', async () => {
    const { run, follow, finish, read, apply, ports } = await benchOfParent();
    const child = await run();
    const { version } = await read('w');
    const far = new Date(ports.now() + 50 * MINUTE).toISOString();
    await apply({ kind: 'check', workflowId: 'w', epoch: 1, version, nextCheckAt: far });
    await follow(child);
    await follow(await finish(child, GOOD));
    expect((await read('w')).nextCheckAt).toBe(new Date(ports.now() + MINUTE).toISOString());
  });

  it('costs the parent no write when it is due sooner', async () => {
    const { run, follow, finish, read } = await benchOfParent();
    const child = await run();
    await follow(child);
    await follow(await finish(child, GOOD));
    expect(await read('w')).toMatchObject({ version: 1 });
  });

  it('may be told twice', async () => {
    const { run, follow, finish, taskOf } = await benchOfParent();
    const child = await run();
    await follow(child);
    const ended = await finish(child, GOOD);
    await follow(ended);
    const told = await taskOf('w', 'T');
    await follow(ended);
    expect(await taskOf('w', 'T')).toEqual(told);
  });

  it('is told by the sweep when its record is lost', async () => {
    const { run, follow, finish, taskOf, advanceTime, ports, read } = await benchOfParent();
    const child = await run();
    await follow(child);
    await finish(child, GOOD);
    advanceTime(MINUTE);
    await sweep(ports, inTime);
    expect(await taskOf('w', 'T')).toMatchObject({ status: 'SUCCEEDED', endedBy: 'sweep' });
    expect((await read(child.workflowId)).nextCheckAt).toBeUndefined();
  });

  it('waits for a task that has not named it yet', async () => {
    const bench = await benchOfParent();
    const claimId = await bench.claim('w', 'T');
    const child = await bench.insertChild('w', 'T');
    await bench.follow(child);
    await bench.follow(await bench.finish(child, GOOD));
    expect((await bench.read(child.workflowId)).nextCheckAt).toBeDefined();
    await bench.suspend('w', 'T', claimId, child.workflowId);
    bench.advanceTime(MINUTE);
    expect(await check(bench.ports, [child.workflowId], 0)).toMatchObject({ repaired: 1 });
    expect(await bench.taskOf('w', 'T')).toMatchObject({ status: 'SUCCEEDED' });
    expect((await bench.read(child.workflowId)).nextCheckAt).toBeUndefined();
  });

  it('is finished by the next who looks, when the first died on the way', async () => {
    const bench = await benchOfParent();
    const child = await bench.run();
    await bench.follow(child);
    const ended = await bench.finish(child, GOOD);
    bench.failNext('putPayload', new StoreUnavailableError('away'));
    await expect(bench.follow(ended)).rejects.toThrow('away');
    expect(await bench.taskOf('w', 'T')).toMatchObject({ status: 'RUNNING' });
    await bench.follow(ended);
    expect(await bench.taskOf('w', 'T')).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('the end of a parent before its children have ended', () => {
  it('cancels them and what they run, and settles them before itself', async () => {
    const { run, follow, ports, read, taskOf } = await benchOfParent();
    const child = await run();
    await follow(child);
    await cancelWorkflow(ports, CANCEL);
    expect(await read(child.workflowId)).toMatchObject({
      status: 'CANCELLED',
      endedBy: 'operator',
      note: 'workflow "w" ended CANCELLED',
    });
    expect((await read(child.workflowId)).nextCheckAt).toBeUndefined();
    expect(await taskOf(child.workflowId, 'A')).toMatchObject({ status: 'CANCELLED' });
    expect(await taskOf('w', 'T')).toMatchObject({ status: 'CANCELLED' });
    expect((await read('w')).nextCheckAt).toBeUndefined();
  });

  it('cancels one that its task has not named yet', async () => {
    const { claim, insertChild, ports, read } = await benchOfParent();
    await claim('w', 'T');
    const child = await insertChild('w', 'T');
    await cancelWorkflow(ports, CANCEL);
    expect(await read(child.workflowId)).toMatchObject({ status: 'CANCELLED' });
  });

  it('cancels those of the items of a map, and those below', async () => {
    const { claim, suspendMap, run, follow, ports, read } = await benchOfParent();
    await suspendMap(await claim('w', 'M'));
    const children = [await run('w', 'M[0]'), await run('w', 'M[1]')];
    for (const child of children) await follow(child);
    await cancelWorkflow(ports, CANCEL);
    for (const { workflowId } of children)
      expect(await read(workflowId)).toMatchObject({ status: 'CANCELLED' });
  });

  it('cancels them at its deadline', async () => {
    const { run, follow, ports, read, advanceTime } = await benchOfParent();
    const child = await run();
    await follow(child);
    advanceTime(61 * MINUTE);
    await check(ports, ['w'], 0);
    expect(await read('w')).toMatchObject({ status: 'FAILED', reason: 'TIMEOUT' });
    expect(await read(child.workflowId)).toMatchObject({ status: 'CANCELLED', endedBy: 'sweep' });
  });

  it('cancels them at the next look, when who stopped it died on the way', async () => {
    const { run, follow, ports, read, failNext, taskOf } = await benchOfParent();
    const child = await run();
    await follow(child);
    failNext('getWorkflowWithTasks', new StoreUnavailableError('away'));
    await expect(cancelWorkflow(ports, CANCEL)).rejects.toThrow('away');
    expect(await read(child.workflowId)).toMatchObject({ status: 'RUNNING' });
    await cancelWorkflow(ports, CANCEL);
    expect(await read(child.workflowId)).toMatchObject({ status: 'CANCELLED' });
    expect(await taskOf('w', 'T')).toMatchObject({ status: 'CANCELLED' });
  });

  it('cancels them soon even if it sleeps, when who stopped it died on the way', async () => {
    const { run, follow, ports, read, failNext, apply, advanceTime } = await benchOfParent();
    const child = await run();
    await follow(child);
    const { version } = await read('w');
    const far = new Date(ports.now() + 50 * MINUTE).toISOString();
    await apply({ kind: 'check', workflowId: 'w', epoch: 1, version, nextCheckAt: far });
    failNext('getWorkflowWithTasks', new StoreUnavailableError('away'));
    await expect(cancelWorkflow(ports, CANCEL)).rejects.toThrow('away');
    advanceTime(MINUTE);
    await sweep(ports, inTime);
    expect(await read(child.workflowId)).toMatchObject({ status: 'CANCELLED' });
    expect((await read('w')).nextCheckAt).toBeUndefined();
  });

  it('cancels what runs below them too', async () => {
    const { run, follow, ports, read, advance, end, insertChild, claim, suspend } =
      await benchOfParent();
    const child = await run('w', 'N');
    await follow(child);
    await advance(await end(child.workflowId, 'A', 1));
    const claimId = await claim(child.workflowId, 'D');
    const below = await insertChild(child.workflowId, 'D');
    await suspend(child.workflowId, 'D', claimId, below.workflowId);
    await follow(below);
    await cancelWorkflow(ports, CANCEL);
    for (const { workflowId } of [child, below]) {
      expect(await read(workflowId)).toMatchObject({ status: 'CANCELLED' });
      expect((await read(workflowId)).nextCheckAt).toBeUndefined();
    }
  });

  it('reads nothing for them when no task runs a workflow', async () => {
    const bench = createBench();
    await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w' });
    bench.reads.length = 0;
    await cancelWorkflow(bench.ports, CANCEL);
    expect(bench.reads).toEqual(['getWorkflow', 'getWorkflow', 'getWorkflowWithTasks']);
  });
});

describe('redriving', () => {
  it('is refused for a child alone, in words that name its parent', async () => {
    const { run, follow, finish, ports } = await benchOfParent();
    const child = await run();
    await follow(child);
    await follow(await finish(child, { A: FAILS, Z: 1 }));
    const { workflowId } = child;
    const order = { mode: 'redrive', workflowId, token: 't', selection: UNFINISHED } as const;
    expect(await redriveWorkflow(ports, order)).toEqual({
      kind: 'isChild',
      detail:
        'it runs for task "T" of workflow "w": redrive that one, and this one goes on with it',
    });
  });

  it('of the parent lets a child go on where it failed', async () => {
    const { run, follow, finish, ports, read, apply, taskOf, messages } = await benchOfParent();
    const child = await run();
    await follow(child);
    const before = await finish(child, { A: 1, B: FAILS });
    await follow(before);
    const ended = await read(child.workflowId);
    const { definition } = await read('w');
    const at = new Date(ports.now()).toISOString();
    const failed = {
      kind: 'finish',
      workflowId: 'w',
      epoch: 1,
      definition,
      status: 'FAILED',
    } as const;
    await apply({ ...failed, by: 'stream', at });
    const order = { mode: 'redrive', workflowId: 'w', token: 't', selection: UNFINISHED } as const;
    await redriveWorkflow(ports, order);
    const parent = { workflowId: 'w', taskId: 'T', epoch: 2 };
    const graph = await ports.graph(ended.definition);
    const beginning = { now: ports.now(), firstCheckMs: MINUTE };
    await claimAgain();
    await apply(childRedrive(ended, graph, parent, beginning)!);
    const redriven = await read(child.workflowId);
    messages.length = 0;
    await follow(redriven, ended);
    expect(dispatched(messages)).toEqual(['B']);
    expect(await taskOf(child.workflowId, 'A')).toMatchObject({ status: 'SUCCEEDED', epoch: 1 });
    expect(await taskOf(child.workflowId, 'B')).toMatchObject({ status: 'READY', epoch: 2 });

    async function claimAgain() {
      const { epoch, version } = await taskOf('w', 'T');
      const leaseUntil = new Date(ports.now() + MINUTE).toISOString();
      const mine = { workflowId: 'w', taskId: 'T', claimId: 'again', epoch, version } as const;
      await apply({ kind: 'claim', ...mine, leaseUntil, at });
      await apply({ kind: 'suspend', ...mine, child: child.workflowId, at });
    }
  });
});

describe('the id of a workflow', () => {
  it('is refused where it has the form of those that tasks run', async () => {
    const { ports, repository } = createBench();
    const workflowId = childIdFor({ workflowId: 'w', taskId: 'T', epoch: 1 });
    expect(await startWorkflow(ports, { mode: 'start', workflowId })).toEqual({
      kind: 'invalid',
      issues: [
        { path: 'workflowId', message: 'ids of this form are given to workflows that a task runs' },
      ],
    });
    expect(await repository.getWorkflow(workflowId)).toBeUndefined();
  });
});
