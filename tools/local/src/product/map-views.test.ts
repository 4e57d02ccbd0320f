/** Maps as the API shows them: through the gateway, by its own client, and what each answer reads of the table. */
import { ApiProblemError, createClient, pagesOf, type Client } from '@orchestra/api-contract';
import type { RunningStack } from '../stack.js';
import { byCaller } from './graphs.fixture.js';
import { call, isOver, startSample, until } from './sample-stack.fixture.js';

jest.setTimeout(180_000);

const ITEMS = 300;
let stack: RunningStack;
let client: Client;
beforeAll(async () => {
  stack = await startSample();
  client = createClient({ baseUrl: stack.apiUrl });
  await client.putDefinition({
    name: 'mapped',
    body: {
      name: 'mapped',
      tasks: [
        {
          id: 'B',
          function: 'A',
          forEach: '{% [1..workflow.input.items].{ "n": $ } %}',
          label: '{% "number " & item.n %}',
          toleratedFailures: { count: 1 },
          input: { delayMs: 0, failAttempts: '{% item.n = 3 ? { "B[2]": 9 } : {} %}' },
        },
      ],
      finally: [{ id: 'last', function: 'A', input: { delayMs: 0 } }],
    },
  });
  await run('few', 3);
  await run('many', ITEMS);
});
afterAll(() => stack.stop());

async function run(workflowId: string, items: number): Promise<void> {
  await client.startWorkflow({ body: { workflowId, definition: 'mapped', input: { items } } });
  const { status } = await until(() => client.getWorkflow({ workflowId }), isOver, 120_000);
  expect(status).toBe('SUCCESS');
}

/** Read units of the API for one call. */
async function readUnitsOf(ask: () => Promise<unknown>): Promise<number> {
  // META and the definition stand in no cache of the table: each call reads the same.
  await ask();
  stack.meter.reset();
  await ask();
  return byCaller(stack.meter.read(), 'workflow-api').readUnits;
}

const problemOf = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: unknown) => (error instanceof ApiProblemError ? error.problem : error),
  );

describe('an item of a map through the gateway', () => {
  it('is found by its id, brackets and all', async () => {
    const item = await client.getTask({ workflowId: 'few', taskId: 'B[1]' });
    expect(item).toMatchObject({
      ...{ taskId: 'B[1]', map: 'B', kind: 'function', function: 'A', status: 'SUCCEEDED' },
      ...{ label: 'number 2', item: { n: 2 }, output: { task: 'A' }, attempt: 1 },
    });
    for (const address of ['B%5B1%5D', 'B[1]'])
      expect((await call(stack, `workflows/few/tasks/${address}`)).body['taskId']).toBe('B[1]');
  });

  it('has an ETag that holds while nothing changes', async () => {
    const first = await call(stack, 'workflows/few/tasks/B%5B1%5D');
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect((await call(stack, 'workflows/few/tasks/B%5B1%5D', { headers })).status).toBe(304);
    expect((await call(stack, 'workflows/few/tasks/B%5B0%5D', { headers })).status).toBe(200);
  });

  it('is explained, and 404 with a sentence where it is not there', async () => {
    const { status, text } = await client.explainTask({ workflowId: 'few', taskId: 'B[2]' });
    expect([status, text]).toEqual(['FAILED', expect.any(String)]);
    expect(await problemOf(client.getTask({ workflowId: 'few', taskId: 'B[3]' }))).toMatchObject({
      status: 404,
      detail: 'there is no item "B[3]": "B" has 3, counted from 0',
    });
  });
});

describe('a map through the gateway', () => {
  it('is one task that counts its items, and gives their outputs in order', async () => {
    const { tasks, taskCounts } = await client.getWorkflow({ workflowId: 'few' });
    expect(tasks.map(({ taskId, hook, items }) => [taskId, hook, items])).toEqual([
      ['B', undefined, { count: 3 }],
      ['last', 'finally', undefined],
    ]);
    expect(taskCounts).toEqual({ SUCCEEDED: 2 });
    const map = await client.getTask({ workflowId: 'few', taskId: 'B' });
    expect(map.items).toEqual({ count: 3, byStatus: { SUCCEEDED: 2, FAILED: 1 } });
    const outputs = ['B[0]', 'B[1]'].map(
      async (taskId) => (await client.getTask({ workflowId: 'few', taskId })).output,
    );
    expect(map.output).toEqual([...(await Promise.all(outputs)), null]);
  });

  it('lists its items page after page, each once and in order', async () => {
    const found: string[] = [];
    const ask = (cursor: string | undefined) =>
      client.listTasks({ workflowId: 'many', map: 'B', limit: 70, cursor });
    for await (const { tasks } of pagesOf(ask))
      found.push(...tasks.map(({ taskId, label }) => `${taskId} ${label}`));
    expect(found).toEqual(Array.from({ length: ITEMS }, (_, n) => `B[${n}] number ${n + 1}`));
    const failed = await client.listTasks({ workflowId: 'many', map: 'B', status: 'FAILED' });
    expect(failed.tasks.map(({ taskId }) => taskId)).toEqual(['B[2]']);
  });
});

describe('what an answer reads', () => {
  it('is for a page of items what lies in the page, however many there are', async () => {
    const page = (workflowId: string) => () => client.listTasks({ workflowId, map: 'B', limit: 3 });
    const [few, many] = [await readUnitsOf(page('few')), await readUnitsOf(page('many'))];
    expect(few).toBeGreaterThan(0);
    // A part of the stored list holds up to a hundred entries.
    expect(many - few).toBeLessThanOrEqual(1);
  });

  it('is for the workflow, and for one item, the same however many items there are', async () => {
    for (const ask of [
      (workflowId: string) => client.getWorkflow({ workflowId }),
      (workflowId: string) => client.listTasks({ workflowId }),
      (workflowId: string) => client.getTask({ workflowId, taskId: 'B[1]' }),
    ]) {
      const [few, many] = [
        await readUnitsOf(() => ask('few')),
        await readUnitsOf(() => ask('many')),
      ];
      expect(many - few).toBeLessThanOrEqual(1);
    }
  });
});
