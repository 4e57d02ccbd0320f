import {
  listTasksResponseSchema,
  problemSchema,
  taskDetailSchema,
  workflowSchema,
  type Task,
} from '@orchestra/api-contract';
import type { Definition, MapItem, Transition } from '@orchestra/workflow-core';
import { InMemoryRepository } from '@orchestra/workflow-core/in-memory';
import { createOrchestra, NOW, ORIGIN, startIn } from './testing/orchestra.js';

const definition: Definition = {
  name: 'mapped',
  tasks: [
    { id: 'A', function: 'A' },
    {
      id: 'B',
      function: 'B1',
      dependsOn: ['A'],
      forEach: '{% tasks.A.output %}',
      label: '{% item %}',
    },
    { id: 'C', wait: { seconds: 9 }, dependsOn: ['B'] },
  ],
  onFailure: [{ id: 'tell', function: 'C' }],
};

const origin = { ...ORIGIN, workflowId: 'w-1', definition: { name: 'mapped', revision: 1 } };
const ready = (taskId: string): Transition => ({
  kind: 'ready',
  origin,
  taskId,
  by: 'start',
  at: NOW,
});
const own = (taskId: string) => ({ workflowId: 'w-1', taskId, claimId: `c-${taskId}`, at: NOW });
const claim = (taskId: string): Transition => ({
  kind: 'claim',
  ...own(taskId),
  epoch: 1,
  version: 1,
  leaseUntil: NOW,
});
const output = (value: unknown) => ({ kind: 'inline' as const, json: JSON.stringify(value) });
const succeed = (taskId: string, value: unknown): Transition => ({
  kind: 'succeed',
  ...own(taskId),
  output: output(value),
});
const fail = (taskId: string): Transition => ({
  kind: 'fail',
  ...own(taskId),
  error: { type: 'Boom', message: 'no', trace: [] },
  by: 'worker',
});

/** `count` items, none of which has begun; every call of the repository is noted in `asked`. */
async function withMap(
  count: number,
  entryOf = (n: number): MapItem => ({ item: n, label: `#${n}` }),
) {
  const memory = new InMemoryRepository();
  const asked: [string, ...unknown[]][] = [];
  const repository = new Proxy(memory, {
    get: (target, name: keyof InMemoryRepository) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...call: unknown[]) => {
        asked.push([name, ...call]);
        return Reflect.apply(member, target, call);
      };
    },
  });
  const orchestra = createOrchestra({ repository });
  await startIn(memory, definition)({ mode: 'start', workflowId: 'w-1', input: { n: 1 } });
  const apply = async (...transitions: Transition[]) => {
    for (const each of transitions)
      expect(await memory.apply([each])).toEqual([{ kind: 'applied' }]);
  };
  await apply(ready('B'), claim('B'));
  const expand = async () => {
    const entries = Array.from({ length: count }, (_, n) => entryOf(n));
    const owner = { workflowId: 'w-1', key: 'B#c-B.items', expiresAt: ORIGIN.expiresAt };
    const items = { ...(await memory.putList(owner, entries)), hash: 'h', since: 1 };
    await apply({ kind: 'suspend', ...own('B'), items });
  };
  const read = async (path: string, query?: Record<string, string>) => {
    const answer = await orchestra.ask('GET', `/workflows/w-1${path}`, query ? { query } : {});
    expect(answer.status).toBe(200);
    return answer.json();
  };
  const page = async (query: Record<string, string> = {}) =>
    listTasksResponseSchema.parse(await read('/tasks', { map: 'B', ...query }));
  const walk = async (query: Record<string, string> = {}) => {
    const tasks: Task[] = [];
    let cursor: string | undefined;
    do {
      const found = await page({ ...query, ...(cursor === undefined ? {} : { cursor }) });
      tasks.push(...found.tasks);
      cursor = found.nextCursor;
    } while (cursor !== undefined);
    return tasks;
  };
  const detail = async (taskId: string) =>
    taskDetailSchema.parse(await read(`/tasks/${encodeURIComponent(taskId)}`));
  const problem = async (path: string, query?: Record<string, string>) =>
    problemSchema.parse(
      (await orchestra.ask('GET', `/workflows/w-1${path}`, query ? { query } : {})).json(),
    );
  return { ...orchestra, memory, apply, expand, asked, read, page, walk, detail, problem };
}

const ids = (tasks: readonly Task[]) => tasks.map(({ taskId }) => taskId);
const itemIds = (count: number) => Array.from({ length: count }, (_, n) => `B[${n}]`);

describe('the items of a map', () => {
  it('stand in their order with what they are called, those that have not begun as PENDING', async () => {
    const { apply, expand, page } = await withMap(3);
    await expand();
    await apply(ready('B[1]'));
    expect(await page()).toEqual({
      tasks: [
        { status: 'PENDING', taskId: 'B[0]', label: '#0', attempt: 0 },
        { status: 'READY', taskId: 'B[1]', label: '#1', attempt: 1, readyAt: NOW },
        { status: 'PENDING', taskId: 'B[2]', label: '#2', attempt: 0 },
      ].map((own) => ({ ...own, kind: 'function', function: 'B1', map: 'B', dependsOn: ['A'] })),
    });
  });

  it('are none before the map has been expanded', async () => {
    const { page } = await withMap(3);
    expect(await page()).toEqual({ tasks: [] });
  });

  it.each(['1', '7', '12', '13', '1000'])('come in pages of %s, each once', async (limit) => {
    const { expand, walk } = await withMap(12);
    await expand();
    expect(ids(await walk({ limit }))).toEqual(itemIds(12));
  });

  it('can be kept to one status', async () => {
    const { apply, expand, walk } = await withMap(2_500);
    await expand();
    const begun = ['B[3]', 'B[1100]', 'B[2499]'];
    await apply(...begun.map(ready));
    for (const limit of ['1', '1000'])
      expect(ids(await walk({ status: 'READY', limit }))).toEqual(begun);
  });

  it('are read by the page: nothing beside its range', async () => {
    const { expand, page, asked } = await withMap(30);
    await expand();
    const { nextCursor: cursor = '' } = await page({ limit: '2' });
    asked.length = 0;
    await page({ limit: '2', cursor });
    expect(asked.filter(([name]) => name !== 'getDefinition')).toEqual([
      ['getWorkflowAndTasks', 'w-1', ['B']],
      ['getItems', 'w-1', { taskId: 'B', first: 2, last: 3 }],
      ['getListRange', 'w-1', expect.anything(), { first: 2, last: 3 }],
    ]);
  });

  it('are asked for by the name of a map', async () => {
    const { problem } = await withMap(3);
    expect(await problem('/tasks', { map: 'X' })).toMatchObject({ status: 404 });
    expect(await problem('/tasks', { map: 'A' })).toMatchObject({
      status: 400,
      errors: [{ path: 'map', message: '"A" has no forEach' }],
    });
    expect(await problem('/tasks', { map: 'B[0]' })).toMatchObject({
      status: 400,
      errors: [{ path: 'map' }],
    });
  });

  it('are not continued as tasks of the workflow', async () => {
    const { expand, page, problem } = await withMap(3);
    await expand();
    const { nextCursor: cursor = '' } = await page({ limit: '1' });
    expect(await problem('/tasks', { cursor })).toMatchObject({ status: 400 });
  });

  it('are not read for the workflow, where the map is one task', async () => {
    const { apply, asked, expand, read } = await withMap(3);
    await expand();
    await apply(ready('B[0]'));
    const workflow = workflowSchema.parse(await read(''));
    expect(workflow.taskCounts).toEqual({ PENDING: 3, RUNNING: 1 });
    expect(workflow.tasks).toMatchObject([
      { taskId: 'A', kind: 'function' },
      { taskId: 'B', kind: 'function', forEach: true, items: { count: 3 }, suspendedAt: NOW },
      { taskId: 'C', kind: 'wait' },
      { taskId: 'tell', hook: 'onFailure', dependsOn: [] },
    ]);
    expect(workflow.tasks[2]).not.toHaveProperty('function');
    expect(asked).toContainEqual(['getWorkflowWithTasks', 'w-1', { items: false }]);
  });
});

describe('one item of a map', () => {
  it('shows what it runs for, what it is called, and what it gave', async () => {
    const { apply, detail, expand } = await withMap(3);
    await expand();
    await apply(ready('B[1]'), claim('B[1]'), succeed('B[1]', { square: 1 }));
    expect(await detail('B[1]')).toMatchObject({
      taskId: 'B[1]',
      map: 'B',
      label: '#1',
      item: 1,
      input: { n: 1 },
      output: { square: 1 },
      status: 'SUCCEEDED',
      attempts: [{ attempt: 1 }],
    });
    expect(await detail('B[2]')).toMatchObject({ status: 'PENDING', item: 2, attempts: [] });
  });

  it('is read without the others', async () => {
    const { asked, detail, expand } = await withMap(30);
    await expand();
    asked.length = 0;
    await detail('B[7]');
    expect(asked.filter(([name]) => name.startsWith('get') && name !== 'getDefinition')).toEqual([
      ['getWorkflowAndTasks', 'w-1', ['B', 'B[7]']],
      ['getPayload', 'w-1', expect.anything()],
      ['getListRange', 'w-1', expect.anything(), { first: 7, last: 7 }],
    ]);
  });

  it('that is too large is left out by its name', async () => {
    const text = '"'.repeat(240_000);
    const { apply, detail, expand, memory } = await withMap(1, () => ({ item: text }));
    await expand();
    const owner = { workflowId: 'w-1', key: 'B[0]#c', expiresAt: ORIGIN.expiresAt };
    const large = await memory.putPayload(owner, 'o'.repeat(4_000_000));
    await apply(ready('B[0]'), claim('B[0]'), { kind: 'succeed', ...own('B[0]'), output: large });
    expect(await detail('B[0]')).toMatchObject({ omitted: ['output'], item: text });
  });

  it.each(['/tasks/B%5B3%5D', '/tasks/B[3]/explain'])(
    'that is not there is told of: %s',
    async (path) => {
      const { apply, expand, problem } = await withMap(3);
      const before = await problem(path);
      expect(before).toMatchObject({
        status: 404,
        detail: 'there is no item "B[3]": "B" has no items yet',
      });
      await expand();
      expect((await problem(path)).detail).toBe(
        'there is no item "B[3]": "B" has 3, counted from 0',
      );
      await apply(fail('B'));
      expect((await problem(path)).status).toBe(404);
    },
  );

  it.each(['A[0]', 'X[0]', 'B[01]', 'B[-1]', 'B[]', 'B[100000]'])('is no %s', async (taskId) => {
    const { expand, problem } = await withMap(3);
    await expand();
    const { status } = await problem(`/tasks/${encodeURIComponent(taskId)}`);
    expect(status).toBe(/\[\d\]$/.test(taskId) ? 404 : 400);
  });

  it('of a stopped workflow is CANCELLED, whether it had begun or not', async () => {
    const { apply, detail, expand, walk } = await withMap(2);
    await expand();
    await apply(ready('B[0]'), {
      kind: 'stop',
      workflowId: 'w-1',
      epoch: 1,
      definition: origin.definition,
      status: 'CANCELLED',
      by: 'operator',
      at: NOW,
    });
    expect((await walk()).map(({ status }) => status)).toEqual(['CANCELLED', 'CANCELLED']);
    expect((await detail('B')).items).toEqual({ count: 2, byStatus: { CANCELLED: 2 } });
  });
});

describe('a map', () => {
  it('counts its items by their status, and has no output before it has succeeded', async () => {
    const { apply, detail, expand } = await withMap(4);
    await expand();
    await apply(ready('B[0]'), claim('B[0]'), succeed('B[0]', 7), ready('B[1]'));
    const map = await detail('B');
    expect(map.items).toEqual({ count: 4, byStatus: { SUCCEEDED: 1, READY: 1, PENDING: 2 } });
    expect(map).not.toHaveProperty('output');
    expect(map).not.toHaveProperty('item');
  });

  it('gives the list of what its items gave, null for those that failed', async () => {
    const { apply, detail, expand } = await withMap(3);
    await expand();
    for (const id of itemIds(3)) await apply(ready(id), claim(id));
    await apply(succeed('B[0]', 'a'), fail('B[1]'), succeed('B[2]', 'c'));
    await apply({ kind: 'succeed', ...own('B'), by: 'stream' });
    expect(await detail('B')).toMatchObject({
      output: ['a', null, 'c'],
      items: { count: 3, byStatus: { SUCCEEDED: 2, FAILED: 1 } },
    });
  });

  it('leaves out an output that is larger than an output may be', async () => {
    const { apply, detail, expand, memory } = await withMap(3);
    await expand();
    for (const id of itemIds(3)) {
      const owner = { workflowId: 'w-1', key: `${id}#c`, expiresAt: ORIGIN.expiresAt };
      const large = await memory.putPayload(owner, 'o'.repeat(2_000_000));
      await apply(ready(id), claim(id), { kind: 'succeed', ...own(id), output: large });
    }
    await apply({ kind: 'succeed', ...own('B'), by: 'stream' });
    const map = await detail('B');
    expect(map).toMatchObject({ omitted: ['output'], items: { byStatus: { SUCCEEDED: 3 } } });
    expect(map).not.toHaveProperty('output');
  });

  it('has another ETag once one of its items has another status', async () => {
    const { apply, ask, expand } = await withMap(3);
    await expand();
    const tagOf = async (path: string) =>
      (await ask('GET', `/workflows/w-1${path}`)).headers['etag'];
    const paths = ['/tasks/B', '/tasks/B%5B0%5D'];
    const before = await Promise.all(paths.map(tagOf));
    expect(await Promise.all(paths.map(tagOf))).toEqual(before);
    await apply(ready('B[0]'));
    const after = await Promise.all(paths.map(tagOf));
    after.forEach((tag, at) => expect(tag).not.toBe(before[at]));
  });
});

describe('a task that is suspended', () => {
  it('says since when and until when, for as long as it is', async () => {
    const { apply, detail } = await withMap(0);
    const wakeAt = '2030-01-01T00:00:09.000Z';
    await apply(ready('C'), claim('C'), { kind: 'suspend', ...own('C'), wakeAt });
    expect(await detail('C')).toMatchObject({ kind: 'wait', suspendedAt: NOW, wakeAt });
    await apply(succeed('C', null));
    expect(await detail('C')).not.toHaveProperty('suspendedAt');
    expect(await detail('C')).not.toHaveProperty('wakeAt');
  });
});
