import {
  explanationSchema,
  listEventsResponseSchema,
  taskDetailSchema,
  workflowSchema,
  type HistoryEvent,
} from '@orchestra/api-contract';
import { putAway, type Task, type Transition, type Workflow } from '@orchestra/workflow-core';
import { createOrchestra, NOW, ORIGIN, startIn } from './testing/orchestra.js';

const at = (seconds: number) => new Date(Date.parse(NOW) + seconds * 1000).toISOString();
const own = { workflowId: 'w-1', taskId: 'A' };

/**
 * A was tried twice and failed, so the rest was skipped and the workflow FAILED; then it was redriven, A ran, and
 * the workflow was cancelled while A ran.
 * @param until leaves out what comes after the redrive
 */
async function eventful(until?: 'redriven') {
  const orchestra = createOrchestra();
  const { repository } = orchestra;
  await startIn(repository)({ mode: 'start', workflowId: 'w-1', input: {} });
  const origin = { workflowId: 'w-1', ...ORIGIN };
  const apply = async (...transitions: Transition[]) => {
    for (const each of await repository.apply(transitions))
      expect(each).toEqual({ kind: 'applied' });
  };
  const taskOf = async (taskId: string) => (await repository.getTasks('w-1', [taskId]))[0] as Task;
  const claim = async (claimId: string, seconds: number) => {
    const { version, epoch } = await taskOf('A');
    const leaseUntil = at(seconds + 75);
    await apply({
      kind: 'claim',
      ...own,
      epoch,
      version,
      claimId,
      leaseUntil,
      at: at(seconds),
    });
  };
  const error = (message: string) => ({ type: 'Flaky', message, trace: ['at a'] });
  await apply({ kind: 'ready', origin, taskId: 'A', by: 'start', at: at(0) });
  await claim('one', 1);
  await apply({
    kind: 'rerun',
    ...own,
    claimId: 'one',
    attempt: 2,
    retries: 1,
    lost: 0,
    pastAttempts: await putAway(repository, await taskOf('A'), {
      at: at(2),
      by: 'worker',
      endedAt: at(2),
      endedBy: 'worker',
      error: error('first'),
      requestId: 'r-1',
    }),
    notBefore: at(5),
    by: 'worker',
    at: at(2),
  });
  await claim('two', 5);
  await apply({
    kind: 'fail',
    ...own,
    claimId: 'two',
    error: error('second'),
    requestId: 'r-2',
    by: 'worker',
    at: at(6),
  });
  await apply({
    kind: 'skip',
    origin,
    taskId: 'B1',
    reason: 'UPSTREAM_FAILED',
    by: 'stream',
    at: at(7),
  });
  const { definition } = ORIGIN;
  const ids = { workflowId: 'w-1', definition };
  await apply({
    kind: 'finish',
    ...ids,
    epoch: 1,
    status: 'FAILED',
    by: 'stream',
    at: at(7),
  });
  const workflow = (await repository.getWorkflow('w-1')) as Workflow;
  await apply({
    kind: 'redrive',
    workflow,
    definition,
    redrive: {
      epoch: 2,
      at: at(20),
      token: 't',
      selection: { kind: 'unfinished' },
      fromRevision: 1,
      from: { status: 'FAILED', endedAt: at(7), endedBy: 'stream' },
      note: 'fixed',
    },
    nextCheckAt: at(80),
  });
  const read = async (path: string, query?: Record<string, string>) => {
    const answer = await orchestra.ask('GET', path, query ? { query } : {});
    expect(answer.status).toBe(200);
    return answer.json();
  };
  if (until === 'redriven') return { ...orchestra, read };
  const old = await taskOf('A');
  const pastAttempts = await putAway(repository, old, { at: at(20), by: 'orchestrator' });
  const over = { task: old, pastAttempts };
  await apply({
    kind: 'ready',
    origin: { ...origin, epoch: 2 },
    taskId: 'A',
    over,
    by: 'operator',
    at: at(20),
  });
  await claim('three', 21);
  await apply({
    kind: 'stop',
    ...ids,
    epoch: 2,
    status: 'CANCELLED',
    by: 'operator',
    note: 'enough',
    at: at(22),
  });
  await apply({ kind: 'cancelTask', task: await taskOf('A'), by: 'operator', at: at(22) });
  return { ...orchestra, read };
}

describe('the history of an eventful workflow', () => {
  it('tells every transition once, in order, with who made it', async () => {
    const { read } = await eventful();
    const { events } = listEventsResponseSchema.parse(await read('/workflows/w-1/events'));
    expect(
      events.map(({ type, taskId, actor }) => [type, taskId, actor].filter(Boolean).join(' ')),
    ).toEqual([
      'WORKFLOW_STARTED start',
      'TASK_READY A start',
      'TASK_RUNNING A worker',
      'TASK_RETRIED A worker',
      'TASK_RUNNING A worker',
      'TASK_FAILED A worker',
      'TASK_SKIPPED B1 stream',
      'WORKFLOW_FAILED stream',
      'WORKFLOW_REDRIVEN operator',
      'TASK_READY A operator',
      'TASK_RUNNING A worker',
      'WORKFLOW_CANCELLED operator',
      'TASK_CANCELLED A operator',
    ]);
    const ofA = events.filter(({ taskId }) => taskId === 'A');
    expect(ofA.map(({ transition }) => transition)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('comes in pages without a gap', async () => {
    const { read } = await eventful();
    const seen: HistoryEvent[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: '3', ...(cursor === undefined ? {} : { cursor }) };
      const page = listEventsResponseSchema.parse(await read('/workflows/w-1/events', query));
      seen.push(...page.events);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, index) => index + 1));
    expect(seen).toHaveLength(13);
  });

  it('does not continue the history of another workflow', async () => {
    const { ask, read } = await eventful();
    const query = { limit: '1' };
    const page = listEventsResponseSchema.parse(await read('/workflows/w-1/events', query));
    const answer = await ask('GET', '/workflows/w-2/events', {
      query: { cursor: page.nextCursor as string },
    });
    expect(answer.status).toBe(400);
  });

  it('keeps every attempt in the task, of all epochs, with its error and its request id', async () => {
    const { read } = await eventful();
    const { attempts, status } = taskDetailSchema.parse(await read('/workflows/w-1/tasks/A'));
    expect(status).toBe('CANCELLED');
    expect(attempts).toMatchObject([
      { attempt: 1, epoch: 1, startedAt: at(1), endedAt: at(2), requestId: 'r-1' },
      { attempt: 2, epoch: 1, error: { message: 'second' }, requestId: 'r-2' },
      { attempt: 3, epoch: 2, startedAt: at(21), endedAt: at(22) },
    ]);
  });

  it('keeps the attempts of a task that its redrive has not reached yet, which is PENDING', async () => {
    const { read } = await eventful('redriven');
    const task = taskDetailSchema.parse(await read('/workflows/w-1/tasks/A'));
    expect(task).toMatchObject({ status: 'PENDING', attempt: 0 });
    expect([task.error, task.startedAt, task.endedAt]).toEqual([undefined, undefined, undefined]);
    expect(task.attempts).toMatchObject([
      { attempt: 1, epoch: 1, error: { message: 'first' }, requestId: 'r-1' },
      { attempt: 2, epoch: 1, error: { message: 'second' }, requestId: 'r-2' },
    ]);
    const { tasks, endedAt } = workflowSchema.parse(await read('/workflows/w-1'));
    expect([...new Set(tasks.map(({ status }) => status)), endedAt]).toEqual([
      'PENDING',
      undefined,
    ]);
  });

  it('shows what the present epoch has not reached as cancelled with it', async () => {
    const { read } = await eventful();
    const workflow = workflowSchema.parse(await read('/workflows/w-1'));
    expect(workflow).toMatchObject({ status: 'CANCELLED', epoch: 2, note: 'enough' });
    const b1 = workflow.tasks.find(({ taskId }) => taskId === 'B1');
    expect(b1).toMatchObject({ status: 'CANCELLED', attempt: 0 });
    expect(b1?.reason).toBeUndefined();
  });
});

describe('a history of long errors', () => {
  const COUNT = 600;
  /** Bytes that Lambda lets out, the answer being quoted once more. */
  const LARGEST_ANSWER = 6 * 1024 * 1024;

  it('comes in pages that can be sent, and loses nothing', async () => {
    const { repository, ask } = createOrchestra();
    const tasks = Array.from({ length: COUNT }, (_, n) => ({ id: `t-${n}`, function: 'A' }));
    await startIn(repository, { name: 'wide', tasks })({ mode: 'start', workflowId: 'w-1' });
    const origin = { workflowId: 'w-1', ...ORIGIN, definition: { name: 'wide', revision: 1 } };
    const all = async (transitionOf: (taskId: string) => Transition) =>
      repository.apply(tasks.map(({ id }) => transitionOf(id)));
    const error = { type: 'Quoted', message: 'm'.repeat(1_000), trace: ['"'.repeat(4_000)] };
    await all((taskId) => ({ kind: 'ready', origin, taskId, by: 'start', at: at(0) }));
    const claim = { epoch: 1, version: 1, claimId: 'c', leaseUntil: at(75), at: at(1) };
    await all((taskId) => ({ kind: 'claim', ...own, taskId, ...claim }));
    await all((taskId) => {
      const outcome = { claimId: 'c', error, by: 'worker', at: at(2) } as const;
      return { kind: 'fail', ...own, taskId, ...outcome };
    });
    const seen: HistoryEvent[] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: '1000', ...(cursor === undefined ? {} : { cursor }) };
      const { text } = await ask('GET', '/workflows/w-1/events', { query });
      sizes.push(Buffer.byteLength(JSON.stringify(text)));
      const page = listEventsResponseSchema.parse(JSON.parse(text));
      seen.push(...page.events);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(Math.max(...sizes)).toBeLessThan(LARGEST_ANSWER);
    expect(seen.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 1 + 3 * COUNT }, (_, index) => index + 1),
    );
  });
});

describe('why a task is as it is', () => {
  it('is told in a sentence, with the tasks it is about', async () => {
    const orchestra = createOrchestra();
    await startIn(orchestra.repository)({ mode: 'start', workflowId: 'w-1', input: {} });
    const answer = await orchestra.ask('GET', '/workflows/w-1/tasks/C/explain');
    expect(explanationSchema.parse(answer.json())).toMatchObject({
      code: 'WAITS_FOR_UPSTREAM',
      text: 'It waits for B1, B2, B3 (all_success).',
      because: ['B1', 'B2', 'B3'],
    });
  });

  it.each(['/workflows/w-9/tasks/C/explain', '/workflows/w-1/tasks/D/explain'])(
    'answers 404 for %s',
    async (path) => {
      const { ask } = await eventful();
      expect((await ask('GET', path)).status).toBe(404);
    },
  );
});
