import {
  LIMITS,
  parseDefinition,
  type Redrive,
  type Workflow,
  type WorkflowRepository,
} from '@orchestra/workflow-core';
import { childIdFor } from '@orchestra/workflow-core/starting';
import { START, createBench, originOf, succeed } from './testing/bench.js';
import { work } from './work.js';

const parentDefinition = parseDefinition({
  name: 'outer',
  tasks: [
    { id: 'T', workflow: { name: 'inner' }, input: { n: '{% workflow.input.n + 1 %}' } },
    { id: 'U', workflow: { name: 'inner' } },
    { id: 'I', workflow: { name: 'inner' }, input: { n: 101, s: 1 } },
    { id: 'W', workflow: { name: 'inner' }, when: '{% workflow.input.n > 100 %}' },
    { id: 'M', forEach: [{ n: 1 }, { n: 2 }], workflow: { name: 'inner' }, input: '{% item %}' },
    { id: 'P', workflow: { name: 'inner', revision: 7 } },
    { id: 'Q', workflow: { name: 'nowhere' } },
    { id: 'L', workflow: { name: 'free' } },
    { id: 'K', workflow: { name: 'limited' }, input: { key: 'x' } },
    { id: 'N', workflow: { name: 'limited' }, input: { key: null } },
  ],
});
const inner = parseDefinition({
  name: 'inner',
  inputSchema: {
    type: 'object',
    properties: { n: { type: 'integer', maximum: 100 }, s: { type: 'string' } },
  },
  tasks: [{ id: 'A', function: 'task-a' }],
});
const free = parseDefinition({ name: 'free', tasks: [{ id: 'A', function: 'task-a' }] });

const limited = parseDefinition({
  name: 'limited',
  concurrency: { limit: 1, key: '{% input.key %}' },
  tasks: [{ id: 'A', function: 'task-a' }],
});

const AT = new Date(START).toISOString();
const DAY = 24 * 3_600_000;
const plenty = () => 900_000;

interface RedriveOptions {
  readonly childEnds?: 'SUCCESS' | 'FAILED';
  readonly newRevision?: boolean;
  readonly unsettled?: boolean;
  readonly settledWhilePaused?: boolean;
  readonly later?: number;
  readonly redrives?: readonly Redrive[];
  /** The worker dies before the task names its child. */
  readonly dies?: boolean;
}

const rerunOf = (taskId: string): Redrive['selection'] => ({
  kind: 'tasks',
  tasks: [taskId],
  downstream: false,
});

async function settle(repository: WorkflowRepository, { workflowId }: Workflow): Promise<void> {
  const { epoch, version } = (await repository.getWorkflow(workflowId)) as Workflow;
  await repository.apply([{ kind: 'settle', workflowId, epoch, version }]);
}

async function endChild(
  repository: WorkflowRepository,
  { workflowId, epoch, definition }: Workflow,
  { childEnds: status = 'FAILED', unsettled, settledWhilePaused }: RedriveOptions,
): Promise<void> {
  const finish = { kind: 'finish', workflowId, epoch, definition, status, staysDue: true } as const;
  await repository.apply([{ ...finish, by: 'stream', at: AT }]);
  if (unsettled || settledWhilePaused) return;
  await settle(repository, { workflowId } as Workflow);
}

/** While `during` runs, nothing is suspended: the worker dies. */
async function dyingBeforeSuspension(
  repository: WorkflowRepository,
  during: () => Promise<unknown>,
): Promise<void> {
  const { apply } = repository;
  repository.apply = async (transitions) => {
    if (transitions.some(({ kind }) => kind === 'suspend')) throw new Error('dead');
    return apply.call(repository, transitions);
  };
  await expect(during()).rejects.toThrow('dead');
  repository.apply = apply;
}

async function benchOfParent(meta: Partial<Workflow> = {}) {
  const bench = await createBench(() => succeed(null), parentDefinition, meta);
  for (const definition of [inner, free, limited])
    await bench.repository.putDefinition(definition, AT);
  const { repository } = bench;
  const whenPaused: (() => Promise<void>)[] = [];
  const pause = async (milliseconds: number) => {
    await whenPaused.shift()?.();
    await bench.ports.pause(milliseconds);
  };
  const ports = { ...bench.ports, pause };
  const run = (taskId: string, { epoch = 1, version = 1, attempt = 1 } = {}) =>
    work(
      ports,
      {
        workflowId: 'w',
        epoch,
        definition: { name: 'outer', revision: 1 },
        tasks: [{ taskId, version, attempt }],
      },
      plenty,
    );
  const childOf = async (taskId: string, epoch = 1) =>
    (await repository.getWorkflow(childIdFor({ workflowId: 'w', taskId, epoch }))) as Workflow;
  const start = async (taskId: string) => {
    await bench.ready(taskId);
    await run(taskId);
    return childOf(taskId);
  };

  /** The child ends, and the task and the parent with it; the parent is redriven, the task run: the first child then. */
  async function redriven(
    taskId: string,
    selection: Redrive['selection'],
    options: RedriveOptions = {},
  ): Promise<Workflow> {
    const { createWorkflow } = repository;
    const { redrives } = options;
    if (redrives)
      repository.createWorkflow = (workflow) =>
        createWorkflow.call(repository, { ...workflow, redrives });
    const child = await start(taskId);
    await endChild(repository, child, options);
    if (options.newRevision)
      await repository.putDefinition({ ...inner, description: 'a newer one' }, AT);
    const { claimId = '' } = await bench.taskOf(taskId);
    const error = { type: 'ChildFailed', message: '', trace: [] };
    const definition = { name: 'outer', revision: 1 };
    await repository.apply([
      { kind: 'fail', workflowId: 'w', taskId, claimId, error, by: 'stream', at: AT },
      {
        kind: 'finish',
        workflowId: 'w',
        epoch: 1,
        definition,
        status: 'FAILED',
        by: 'stream',
        at: AT,
      },
    ]);
    const workflow = (await repository.getWorkflow('w')) as Workflow;
    const order = {
      epoch: 2,
      at: AT,
      token: 't',
      selection,
      fromRevision: 1,
      from: { status: 'FAILED' },
    } as const;
    const task = await bench.taskOf(taskId);
    const origin = { ...originOf(parentDefinition), epoch: 2 };
    const over = { task, pastAttempts: { kind: 'inline', json: '[]' } } as const;
    await repository.apply([
      { kind: 'redrive', workflow, definition, redrive: order, nextCheckAt: AT },
    ]);
    await repository.apply([{ kind: 'ready', origin, taskId, over, by: 'operator', at: AT }]);
    if (options.settledWhilePaused) whenPaused.push(() => settle(repository, child));
    if (options.later) bench.advanceTime(options.later);
    const again = () => run(taskId, { epoch: 2, version: task.version + 1, attempt: 2 });
    await (options.dies ? dyingBeforeSuspension(repository, again) : again());
    return (await repository.getWorkflow(child.workflowId)) as Workflow;
  }
  return { ...bench, run, childOf, start, redriven };
}

describe('starting the workflow of a task', () => {
  it('inserts a workflow that runs for the task, and leaves the task to nobody', async () => {
    const { start, taskOf } = await benchOfParent();
    const child = await start('T');
    expect(child).toMatchObject({
      status: 'RUNNING',
      epoch: 1,
      definition: { name: 'inner', revision: 1 },
      startBy: 'table',
      parent: { workflowId: 'w', taskId: 'T', epoch: 1 },
      depth: 1,
      duties: ['parent'],
      input: { kind: 'inline', json: '{"n":8}' },
      expiresAt: 2_000_000_000,
      nextCheckAt: new Date(START + 60_000).toISOString(),
    });
    const task = await taskOf('T');
    expect(task).toMatchObject({
      status: 'RUNNING',
      child: child.workflowId,
      input: { kind: 'inline', json: '{"n":8}' },
      suspendedAt: expect.any(String),
    });
    expect(task.leaseUntil).toBeUndefined();
  });

  it("gives the workflow's own input where the task has none", async () => {
    const { start } = await benchOfParent();
    expect((await start('U')).input).toEqual({ kind: 'inline', json: '{"n":7}' });
  });

  it('starts nothing when the condition is false', async () => {
    const { start, taskOf } = await benchOfParent();
    expect(await start('W')).toBeUndefined();
    expect(await taskOf('W')).toMatchObject({ status: 'SKIPPED', reason: 'CONDITION_FALSE' });
  });

  it('starts a workflow of its own for each item of a map', async () => {
    const { ready, run, childOf, repository } = await benchOfParent();
    await ready('M');
    await run('M');
    await ready('M[0]', 'M[1]');
    await run('M[1]');
    expect(await childOf('M[1]')).toMatchObject({
      parent: { workflowId: 'w', taskId: 'M[1]', epoch: 1 },
      input: { kind: 'inline', json: '{"n":2}' },
    });
    expect(await repository.getTasks('w', ['M[1]'])).toMatchObject([
      { child: (await childOf('M[1]')).workflowId },
    ]);
    expect(await childOf('M[0]')).toBeUndefined();
  });

  it('reads nothing of the task itself in its first epoch', async () => {
    const { start, reads } = await benchOfParent();
    await start('T');
    expect(reads.filter((name) => name === 'getTasks')).toEqual([]);
  });

  it.each([
    ['P', 'DefinitionNotFound', 'there is no revision 7 of a definition "inner"'],
    ['Q', 'DefinitionNotFound', 'there is no definition "nowhere"'],
  ])('fails %s, whose definition is not there, as %s', async (taskId, type, message) => {
    const { start, taskOf } = await benchOfParent();
    expect(await start(taskId)).toBeUndefined();
    expect(await taskOf(taskId)).toMatchObject({ status: 'FAILED', error: { type, message } });
  });

  it('fails a task whose input the other definition refuses, with each issue', async () => {
    const { start, taskOf } = await benchOfParent();
    expect(await start('I')).toBeUndefined();
    expect(await taskOf('I')).toMatchObject({
      status: 'FAILED',
      error: {
        type: 'InvalidInput',
        message:
          'the inputSchema of "inner" refuses it: input.n must be <= 100; input.s must be string',
      },
    });
  });

  it('fails a task whose workflow would stand too far below', async () => {
    const { start, taskOf } = await benchOfParent({ depth: LIMITS.workflowDepth });
    expect(await start('T')).toBeUndefined();
    expect(await taskOf('T')).toMatchObject({
      status: 'FAILED',
      error: {
        type: 'SubWorkflowTooDeep',
        message: '"inner" would have 9 workflows above it: the limit is 8',
      },
    });
  });

  it('counts how far below it stands', async () => {
    const { start } = await benchOfParent({ depth: LIMITS.workflowDepth - 1 });
    expect((await start('T')).depth).toBe(LIMITS.workflowDepth);
  });

  it('fails a task whose input is larger than a payload may be', async () => {
    const { start, taskOf } = await benchOfParent({
      input: { kind: 'inline', json: JSON.stringify('x'.repeat(LIMITS.payloadBytes)) },
    });
    expect(await start('L')).toBeUndefined();
    expect((await taskOf('L')).error).toMatchObject({
      type: 'InputTooLarge',
      message: expect.stringContaining('the input of "free": 5242882 bytes'),
    });
  });
});

describe('a child of a definition that limits how many run', () => {
  it('waits for its place', async () => {
    const { start } = await benchOfParent();
    expect(await start('K')).toMatchObject({
      status: 'PENDING',
      concurrencyKey: 'x',
      duties: ['parent', 'place'],
    });
  });

  it('is not started when no key can be told', async () => {
    const { start, taskOf } = await benchOfParent();
    expect(await start('N')).toBeUndefined();
    expect(await taskOf('N')).toMatchObject({
      status: 'FAILED',
      error: {
        type: 'InvalidInput',
        message: expect.stringContaining('must give a text or a number, and gave null'),
      },
    });
  });
});

describe('starting it twice', () => {
  it('takes on what a worker left that died before the task named it', async () => {
    const { ready, run, taskOf, repository, childOf } = await benchOfParent();
    await ready('T');
    await dyingBeforeSuspension(repository, () => run('T'));
    const child = await childOf('T');
    const { claimId = '' } = await taskOf('T');
    const pastAttempts = { kind: 'inline', json: '[]' } as const;
    const rerun = { attempt: 2, retries: 0, lost: 1, pastAttempts, by: 'sweep', at: AT } as const;
    await repository.apply([{ kind: 'rerun', workflowId: 'w', taskId: 'T', claimId, ...rerun }]);
    await run('T', { version: 3, attempt: 2 });
    expect(await childOf('T')).toEqual(child);
    expect(await taskOf('T')).toMatchObject({ status: 'RUNNING', child: child.workflowId });
  });
});

describe('a task that runs again after a redrive', () => {
  it('goes on with its child that ended badly', async () => {
    const { childOf, taskOf, redriven } = await benchOfParent();
    const child = await redriven('T', { kind: 'unfinished' });
    expect(child).toMatchObject({
      status: 'RUNNING',
      epoch: 2,
      parent: { workflowId: 'w', taskId: 'T', epoch: 2 },
      redrives: [{ epoch: 2, selection: { kind: 'unfinished' }, from: { status: 'FAILED' } }],
    });
    expect(await taskOf('T')).toMatchObject({ child: child.workflowId });
    expect(await childOf('T', 2)).toBeUndefined();
  });

  it('redrives it once, however often the task is begun', async () => {
    const { redriven, taskOf, repository, run, childOf } = await benchOfParent();
    const child = await redriven('T', { kind: 'unfinished' }, { dies: true });
    expect(child.epoch).toBe(2);
    const { claimId = '', version } = await taskOf('T');
    const pastAttempts = { kind: 'inline', json: '[]' } as const;
    const rerun = { attempt: 3, retries: 0, lost: 1, pastAttempts, by: 'sweep', at: AT } as const;
    await repository.apply([{ kind: 'rerun', workflowId: 'w', taskId: 'T', claimId, ...rerun }]);
    await run('T', { epoch: 2, version: version + 1, attempt: 3 });
    expect(await childOf('T')).toEqual(child);
    expect(await taskOf('T')).toMatchObject({ status: 'RUNNING', child: child.workflowId });
  });

  it.each<[string, Redrive['selection'], RedriveOptions]>([
    ['it was ordered to run again', rerunOf('T'), {}],
    ['its definition has a newer revision', { kind: 'unfinished' }, { newRevision: true }],
    ['its child ended well', { kind: 'unfinished' }, { childEnds: 'SUCCESS' }],
    ['its child is not settled', { kind: 'unfinished' }, { unsettled: true }],
    ['its child would outlive its items', { kind: 'unfinished' }, { later: 100 * DAY }],
  ])('starts another when %s', async (_, selection, options) => {
    const { redriven, childOf, taskOf } = await benchOfParent({ expiresAt: START / 1000 });
    const first = await redriven('T', selection, options);
    expect(first.epoch).toBe(1);
    expect(await childOf('T', 2)).toMatchObject({ status: 'RUNNING', epoch: 1 });
    expect((await taskOf('T')).child).toBe((await childOf('T', 2)).workflowId);
  });

  it('waits a moment for a child that is just being settled', async () => {
    const { redriven, pauses } = await benchOfParent();
    const child = await redriven('T', { kind: 'unfinished' }, { settledWhilePaused: true });
    expect(child.epoch).toBe(2);
    expect(pauses).toEqual([200]);
  });

  it('starts another when the child was redriven as often as may be', async () => {
    const { redriven } = await benchOfParent();
    const before = Array.from({ length: LIMITS.redrives }, (_, n): Redrive => ({
      epoch: n + 2,
      at: AT,
      token: String(n),
      selection: { kind: 'unfinished' },
      fromRevision: 1,
      from: { status: 'FAILED' },
    }));
    const first = await redriven('T', { kind: 'unfinished' }, { redrives: before });
    expect(first.status).toBe('FAILED');
  });
});
