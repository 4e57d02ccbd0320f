/** Storing definitions, starting, finding and reading workflows of them: the API's own client, through the gateway. */
import {
  ApiProblemError,
  createClient,
  pagesOf,
  wholeWorkflow,
  type Client,
} from '@orchestra/api-contract';
import type { RunningStack } from '../stack.js';
import { call, startSample, until } from './sample-stack.fixture.js';

jest.setTimeout(180_000);

let stack: RunningStack;
let client: Client;
beforeAll(async () => {
  stack = await startSample();
  client = createClient({ baseUrl: stack.apiUrl });
});
afterAll(() => stack.stop());

const QUICK = { delayMs: 0 };
const put = (name: string, ...ids: readonly string[]) =>
  client.putDefinition({
    name,
    body: { name, tasks: ids.map((id) => ({ id, function: 'A', input: QUICK })) },
  });
const ended = (workflowId: string) =>
  until(
    () => client.getWorkflow({ workflowId }),
    ({ status }) => status !== 'RUNNING',
    120_000,
  );
const problemOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => (error instanceof ApiProblemError ? error.problem.status : error),
  );

describe('a definition', () => {
  it('has a revision for each content, and a workflow keeps its own', async () => {
    expect(await put('steps', 'A')).toEqual({ name: 'steps', revision: 1, created: true });
    await client.startWorkflow({ body: { workflowId: 'before', definition: 'steps' } });
    expect(await put('steps', 'A', 'B')).toMatchObject({ revision: 2, created: true });
    expect(await put('steps', 'A', 'B')).toMatchObject({ revision: 2, created: false });
    await client.startWorkflow({ body: { workflowId: 'after', definition: 'steps' } });
    const pinned = { name: 'steps', revision: 1 };
    await client.startWorkflow({ body: { workflowId: 'pinned', definition: pinned } });
    const tasksOf = async (workflowId: string) =>
      (await ended(workflowId)).tasks.map(({ taskId }) => taskId);
    expect(await tasksOf('before')).toEqual(['A']);
    expect(await tasksOf('after')).toEqual(['A', 'B']);
    expect(await tasksOf('pinned')).toEqual(['A']);
    const { revisions } = await client.listRevisions({ name: 'steps' });
    expect(revisions.map(({ revision, taskCount }) => [revision, taskCount])).toEqual([
      [2, 2],
      [1, 1],
    ]);
  });

  it('of the sample is one like any other', async () => {
    const { definitions } = await client.listDefinitions();
    expect(definitions.map(({ name }) => name)).toContain('diamond');
    const { definition } = await client.getDefinition({ name: 'diamond' });
    expect(definition.tasks.map(({ id }) => id)).toEqual(['A', 'B1', 'B2', 'B3', 'C']);
  });

  it('that names a function nobody deployed is refused, and the function named', async () => {
    const body = { name: 'odd', tasks: [{ id: 'A', function: 'nothing' }] };
    const error: unknown = await client.putDefinition({ name: 'odd', body }).catch((why) => why);
    expect(error).toMatchObject({
      problem: { status: 400, errors: [{ path: 'tasks[0].function' }] },
    });
    expect(await problemOf(client.getDefinition({ name: 'odd' }))).toBe(404);
  });
});

describe('a start', () => {
  it('with a key is done once, and another body under it is refused', async () => {
    const start = (n: number) =>
      client.startWorkflow({ body: { input: { delayMs: 0, n } } }, { idempotencyKey: 'order-17' });
    const first = await start(1);
    expect(first.workflowId).toMatch(/^key-/);
    expect((await start(1)).workflowId).toBe(first.workflowId);
    expect(await problemOf(start(2))).toBe(409);
  });

  it('of a definition that is not there starts nothing', async () => {
    const body = { workflowId: 'none', definition: 'none' };
    expect(await problemOf(client.startWorkflow({ body }))).toBe(404);
    expect(await problemOf(client.getWorkflow({ workflowId: 'none' }))).toBe(404);
  });
});

describe('finding workflows', () => {
  it('goes by definition, status, tag and time, each exactly', async () => {
    await put('found', 'A');
    for (const n of [1, 2, 3]) {
      const tags = n === 2 ? ['team=data', 'nightly'] : ['nightly'];
      await client.startWorkflow({ body: { workflowId: `f${n}`, definition: 'found', tags } });
      await ended(`f${n}`);
    }
    const idsOf = async (query: NonNullable<Parameters<Client['listWorkflows']>[0]>) =>
      (await client.listWorkflows(query)).workflows.map(({ workflowId }) => workflowId);
    const all = ['f3', 'f2', 'f1'];
    const of = { definition: 'found' };
    await until(
      () => idsOf({ ...of, status: 'SUCCESS' }),
      (ids) => ids.length === all.length,
    );
    expect(await idsOf({ ...of, status: 'SUCCESS' })).toEqual(all);
    expect(await idsOf(of)).toEqual(all);
    expect(await idsOf({ ...of, status: 'FAILED' })).toEqual([]);
    expect(await idsOf({ tag: 'nightly' })).toEqual(all);
    expect(await idsOf({ tag: 'team=data', status: 'SUCCESS' })).toEqual(['f2']);
    const { createdAt } = await client.getWorkflow({ workflowId: 'f2' });
    expect(await idsOf({ ...of, from: createdAt })).toEqual(['f3', 'f2']);
    expect(await idsOf({ ...of, to: createdAt })).toEqual(['f1']);
  });
});

describe('reading a workflow', () => {
  it('that has not changed since sends nothing again', async () => {
    await put('still', 'A');
    await client.startWorkflow({ body: { workflowId: 'still', definition: 'still' } });
    await ended('still');
    const { headers } = await call(stack, 'workflows/still');
    const again = await call(stack, 'workflows/still', {
      headers: { 'if-none-match': headers.get('etag') ?? '' },
    });
    expect([again.status, again.body]).toEqual([304, {}]);
  });

  it('of more than 1,000 tasks goes by pages, each task once', async () => {
    const ids = Array.from({ length: 1_100 }, (_, n) => `T${n}`);
    await put('many', ...ids);
    await client.startWorkflow({ body: { workflowId: 'many', definition: 'many' } });
    const first = await ended('many');
    expect(first.taskCounts).toEqual({ SUCCEEDED: 1_100 });
    expect(first.tasks).toHaveLength(1_000);
    const whole = await wholeWorkflow(client, 'many');
    expect(whole.tasks.map(({ taskId }) => taskId)).toEqual(ids.toSorted());
    const byStatus: string[] = [];
    const ask = (cursor: string | undefined) =>
      client.listTasks({ workflowId: 'many', status: 'SUCCEEDED', limit: 300, cursor });
    for await (const { tasks } of pagesOf(ask)) byStatus.push(...tasks.map(({ taskId }) => taskId));
    expect(byStatus).toEqual(ids.toSorted());
  });
});
