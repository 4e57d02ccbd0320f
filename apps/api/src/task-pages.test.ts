import {
  listTasksResponseSchema,
  problemSchema,
  taskDetailSchema,
  workflowSchema,
  type Task,
} from '@orchestra/api-contract';
import type { Definition, Transition } from '@orchestra/workflow-core';
import { InMemoryRepository } from '@orchestra/workflow-core/in-memory';
import { createOrchestra, NOW, ORIGIN, startIn } from './testing/orchestra.js';

/** `wide`: tasks that wait for nothing, in an order that is not that of their ids. */
function wide(count: number): Definition {
  const tasks = Array.from({ length: count }, (_, n) => ({ id: `t${count - n}`, function: 'A' }));
  return { name: 'wide', tasks };
}

async function withWide(count: number, repository = new InMemoryRepository()) {
  const orchestra = createOrchestra({ repository });
  await startIn(repository, wide(count))({ mode: 'start', workflowId: 'w-1', input: {} });
  const origin = { ...ORIGIN, workflowId: 'w-1', definition: { name: 'wide', revision: 1 } };
  const skip = (taskId: string): Transition => ({
    kind: 'skip',
    origin,
    taskId,
    reason: 'UPSTREAM_FAILED',
    by: 'stream',
    at: NOW,
  });
  const page = async (query: Record<string, string>) =>
    listTasksResponseSchema.parse(
      (await orchestra.ask('GET', '/workflows/w-1/tasks', { query })).json(),
    );
  const show = async () =>
    workflowSchema.parse((await orchestra.ask('GET', '/workflows/w-1')).json());
  const walk = async (query: Record<string, string>, first?: string) => {
    const tasks: Task[] = [];
    let cursor = first;
    do {
      const found = await page({ ...query, ...(cursor === undefined ? {} : { cursor }) });
      tasks.push(...found.tasks);
      cursor = found.nextCursor;
    } while (cursor !== undefined);
    return tasks;
  };
  return { ...orchestra, repository, skip, page, show, walk };
}

const ids = (tasks: readonly Task[]) => tasks.map(({ taskId }) => taskId);
const sorted = (count: number) =>
  ids(wide(count).tasks.map(({ id }) => ({ taskId: id }) as Task)).sort();

describe('the tasks of a workflow', () => {
  it('are all in it, in the order of their definition, up to a thousand', async () => {
    const { show } = await withWide(1_000);
    const workflow = await show();
    expect(ids(workflow.tasks)).toEqual(wide(1_000).tasks.map(({ id }) => id));
    expect(workflow.nextCursor).toBeUndefined();
  });

  it('are above that in pages, the first with the workflow, each task once in the order of ids', async () => {
    const { repository, show, skip, walk } = await withWide(1_001);
    await repository.apply([skip('t1'), skip('t1001')]);
    const workflow = await show();
    expect(workflow.taskCounts).toEqual({ PENDING: 999, SKIPPED: 2 });
    expect(workflow.tasks).toHaveLength(1_000);
    const others = await walk({}, workflow.nextCursor);
    expect(ids([...workflow.tasks, ...others])).toEqual(sorted(1_001));
  });

  it.each(['1', '7', '25', '26'])('come in pages of %s, each once', async (limit) => {
    const { walk } = await withWide(25);
    expect(ids(await walk({ limit }))).toEqual(sorted(25));
  });

  it('can be kept to one status', async () => {
    const { repository, skip, page, walk } = await withWide(2_500);
    const skipped = ['t7', 't70', 't2400'];
    await repository.apply(skipped.map(skip));
    expect(ids(await walk({ status: 'SKIPPED' })).sort()).toEqual([...skipped].sort());
    expect(ids(await walk({ status: 'SKIPPED', limit: '1' })).sort()).toEqual([...skipped].sort());
    expect(await page({ status: 'RUNNING' })).toMatchObject({
      tasks: [],
      nextCursor: expect.any(String),
    });
    expect(await walk({ status: 'RUNNING' })).toEqual([]);
    expect(await walk({ status: 'PENDING', limit: '3' })).toHaveLength(2_497);
  });

  it('are read by the page: nothing beside its range', async () => {
    const asked: unknown[][] = [];
    const repository = new InMemoryRepository();
    const watched = new Proxy(repository, {
      get: (target, name: keyof InMemoryRepository) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...call: unknown[]) => {
          asked.push([name, ...call]);
          return Reflect.apply(member, target, call);
        };
      },
    });
    const { page } = await withWide(30, watched);
    asked.length = 0;
    const first = await page({ limit: '2' });
    await page({ limit: '2', cursor: first.nextCursor ?? '' });
    expect(asked.filter(([name]) => String(name).startsWith('getWorkflow'))).toEqual([
      ['getWorkflow', 'w-1'],
      ['getWorkflowAndTaskRange', 'w-1', { first: 't1', last: 't10' }],
      ['getWorkflow', 'w-1'],
      ['getWorkflowAndTaskRange', 'w-1', { first: 't11', last: 't12' }],
    ]);
  });

  it('fit into one answer, however long their errors are', async () => {
    const count = 700;
    const { repository, show, walk, page } = await withWide(count);
    const message = '"'.repeat(1_000);
    const trace = Array.from({ length: 20 }, () => '\\"'.repeat(100));
    for (const taskId of sorted(count)) await fail(repository, taskId, { message, trace });
    const workflow = await show();
    expect(workflow.tasks.length).toBeLessThan(count);
    expect(ids(await walk({ limit: '1000' }, workflow.nextCursor)).length).toBe(
      count - workflow.tasks.length,
    );
    expect((await page({ limit: '1000' })).tasks.length).toBeLessThan(count);
    expect(ids(await walk({ limit: '1000' }))).toEqual(sorted(count));
  });

  it.each([
    [{ limit: '1001' }, 'limit'],
    [{ status: 'SUCCESS' }, 'status'],
    [{ cursor: 'bm90' }, 'cursor'],
  ])('answer 400 for %j and name %s', async (query: Record<string, string>, path) => {
    const { ask } = await withWide(3);
    const answer = await ask('GET', '/workflows/w-1/tasks', { query });
    expect(problemSchema.parse(answer.json())).toMatchObject({ status: 400, errors: [{ path }] });
  });

  it('are not continued with another filter', async () => {
    const { ask, page } = await withWide(3);
    const { nextCursor: cursor = '' } = await page({ limit: '1' });
    const query = { limit: '1', cursor, status: 'PENDING' };
    expect((await ask('GET', '/workflows/w-1/tasks', { query })).status).toBe(400);
  });
});

async function fail(
  repository: InMemoryRepository,
  taskId: string,
  error: { message: string; trace: string[] },
): Promise<void> {
  const origin = { ...ORIGIN, workflowId: 'w-1', definition: { name: 'wide', revision: 1 } };
  const own = { workflowId: 'w-1', taskId, claimId: 'c', at: NOW };
  await repository.apply([{ kind: 'ready', origin, taskId, by: 'start', at: NOW }]);
  await repository.apply([{ kind: 'claim', ...own, epoch: 1, version: 1, leaseUntil: NOW }]);
  await repository.apply([
    { kind: 'fail', ...own, error: { type: 'Error', ...error }, by: 'worker' },
  ]);
}

describe('what does not fit into the answer about a task', () => {
  const detail = async (inputBytes: number, outputBytes: number) => {
    const repository = new InMemoryRepository();
    const { ask } = createOrchestra({ repository });
    const input = 'i'.repeat(inputBytes);
    await startIn(repository, wide(1))({ mode: 'start', workflowId: 'w-1', input });
    const origin = { ...ORIGIN, workflowId: 'w-1', definition: { name: 'wide', revision: 1 } };
    const own = { workflowId: 'w-1', taskId: 't1', claimId: 'c', at: NOW };
    const owner = { workflowId: 'w-1', key: 't1#c', expiresAt: ORIGIN.expiresAt };
    const output = await repository.putPayload(owner, 'o'.repeat(outputBytes));
    await repository.apply([{ kind: 'ready', origin, taskId: 't1', by: 'start', at: NOW }]);
    await repository.apply([{ kind: 'claim', ...own, epoch: 1, version: 1, leaseUntil: NOW }]);
    await repository.apply([{ kind: 'succeed', ...own, output }]);
    const answer = await ask('GET', '/workflows/w-1/tasks/t1');
    return { ask, task: taskDetailSchema.parse(answer.json()) };
  };
  const MB = 1_000_000;

  it('is nothing up to four megabytes', async () => {
    const { task } = await detail(MB, 3 * MB);
    expect(task.omitted).toBeUndefined();
    expect(String(task.output).length).toBe(3 * MB);
  });

  it('is named, and is the larger of the two', async () => {
    const { task } = await detail(MB, 4 * MB);
    expect(task).toMatchObject({ omitted: ['output'], input: expect.any(String) });
    expect(task).not.toHaveProperty('output');
    expect((await detail(4 * MB, MB)).task.omitted).toEqual(['input']);
    expect((await detail(5 * MB, 5 * MB)).task.omitted).toEqual(['input', 'output']);
  });

  it('is named in the workflow too', async () => {
    const { ask } = await detail(4 * MB, 1);
    const workflow = workflowSchema.parse((await ask('GET', '/workflows/w-1')).json());
    expect(workflow).toMatchObject({ omitted: ['input'], tasks: [{ taskId: 't1' }] });
    expect(workflow).not.toHaveProperty('input');
  });
});

describe('a task with an input or a condition of its own', () => {
  it('shows them as they stand in the definition', async () => {
    const { repository, ask } = createOrchestra();
    const own = { input: { url: '{% workflow.input.url %}' }, when: '{% workflow.input.go %}' };
    const definition = { name: 'own', tasks: [{ id: 'A', function: 'A', ...own }] };
    await startIn(repository, definition)({ mode: 'start', workflowId: 'w-1' });
    expect((await ask('GET', '/workflows/w-1/tasks/A')).json()).toMatchObject({ template: own });
  });
});
