/** An operator's orders on the running product: what they hold up, what they end, and what the history says of them. */
import { parseDefinition } from '@orchestra/workflow-core';
import type { RunningStack } from '../stack.js';
import { invokeFunction, repositoryOf, storeDefinition } from './graphs.fixture.js';
import {
  call,
  ended,
  get,
  ledgerOf,
  metricOf,
  startSample,
  until,
} from './sample-stack.fixture.js';

jest.setTimeout(180_000);

let stack: RunningStack;
beforeAll(async () => {
  stack = await startSample();
});
afterAll(() => stack.stop());

const send = async (method: string, path: string, body: unknown = {}) => {
  const { status, body: answer } = await call(stack, `workflows/${path}`, {
    ...{ method, headers: { 'content-type': 'application/json' } },
    body: JSON.stringify(body),
  });
  return { status, answer };
};
const order = (path: string, body: unknown = {}) => send('POST', path, body);

/** Stores the tasks as a definition and starts a workflow of it, both under this name. */
async function begin(name: string, tasks: readonly object[], input: unknown = { delayMs: 0 }) {
  const { revision } = await storeDefinition(stack, parseDefinition({ name, tasks }));
  await invokeFunction(stack, 'Orchestrator', {
    ...{ mode: 'start', workflowId: name, input },
    definition: { name, revision },
  });
}

const fn = (id: string, ...dependsOn: readonly string[]) => ({ id, function: 'A', dependsOn });
const chain = (name: string, input?: unknown) =>
  begin(name, [fn('A'), fn('B', 'A'), fn('C', 'B')], input);

const statusesOf = async (workflowId: string) =>
  Object.fromEntries(
    (await get(stack, workflowId)).tasks.map(({ taskId, status }) => [taskId, status]),
  );
const isStatus = (workflowId: string, taskId: string, status: string) =>
  until(
    () => statusesOf(workflowId),
    (statuses) => statuses[taskId] === status,
  );

const executed = (workflowId: string) =>
  ledgerOf(stack).flatMap((line) => (line.workflowId === workflowId ? [line.taskId] : []));

async function eventsOf(workflowId: string) {
  const { body } = await call(stack, `workflows/${workflowId}/events?limit=1000`);
  return body['events'] as { type: string; taskId?: string; who?: string; note?: string }[];
}

/** (H1) The events of each task tell as many transitions as its item has seen. */
async function everyTransitionIsTold(workflowId: string): Promise<void> {
  const read = await repositoryOf(stack).getWorkflowWithTasks(workflowId);
  const told = new Map<string, number>();
  for (const { taskId, transition } of (await eventsOf(workflowId)) as {
    taskId?: string;
    transition?: number;
  }[])
    if (taskId !== undefined) told.set(taskId, transition ?? 0);
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(read?.tasks.map(({ taskId, version }) => [taskId, version]) ?? []),
  );
}

/** A look of the sweep, without the grace it has for what is young. */
const sweepLooksAt = (workflowId: string) =>
  invokeFunction(stack, 'Orchestrator', { mode: 'check', workflowIds: [workflowId] });

describe('a paused workflow', () => {
  it('lets what runs end, starts nothing, and goes on when it is resumed', async () => {
    await chain('paused', { delayMs: 700 });
    await isStatus('paused', 'A', 'RUNNING');
    const paused = await order('paused/pause', { who: 'ada', note: 'look first' });
    expect(paused).toEqual({
      ...{ status: 200, answer: { workflowId: 'paused', status: 'RUNNING', paused: true } },
    });
    await isStatus('paused', 'B', 'READY');
    expect(await sweepLooksAt('paused')).toEqual({ checked: 1, repaired: 0, failed: 0 });
    expect(await statusesOf('paused')).toEqual({ A: 'SUCCEEDED', B: 'READY', C: 'PENDING' });
    expect(await get(stack, 'paused')).toMatchObject({ status: 'RUNNING', paused: true });
    expect(executed('paused')).toEqual(['A']);
    const why = await call(stack, 'workflows/paused/tasks/B/explain');
    expect(why.body).toMatchObject({
      ...{ code: 'PAUSED', text: 'Attempt 1 does not start: ada paused the workflow: look first.' },
    });
    const repairs = metricOf(stack, 'SweeperRepairs');
    expect((await order('paused/resume')).answer).toMatchObject({ paused: false });
    expect(await ended(stack, 'paused')).toMatchObject({ status: 'SUCCESS' });
    expect(executed('paused')).toEqual(['A', 'B', 'C']);
    expect(metricOf(stack, 'SweeperRepairs')).toBe(repairs);
    const orders = (await eventsOf('paused')).filter(({ type }) => /PAUSED|RESUMED/.test(type));
    expect(orders).toMatchObject([
      { type: 'WORKFLOW_PAUSED', who: 'ada', note: 'look first' },
      { type: 'WORKFLOW_RESUMED' },
    ]);
    await everyTransitionIsTold('paused');
  });

  it('still has its waits end, and can be cancelled', async () => {
    await begin('paused-wait', [{ id: 'A', wait: { seconds: 2 } }, fn('B', 'A')]);
    await isStatus('paused-wait', 'A', 'RUNNING');
    await order('paused-wait/pause');
    await isStatus('paused-wait', 'B', 'READY');
    expect((await order('paused-wait/cancel', { who: 'bob' })).status).toBe(200);
    expect(await get(stack, 'paused-wait')).toMatchObject({ status: 'CANCELLED', who: 'bob' });
    expect(executed('paused-wait')).toEqual([]);
    expect((await order('paused-wait/pause')).status).toBe(409);
  });
});

describe('a task of a running workflow', () => {
  it('is skipped before it began, and what depends on it with it', async () => {
    await chain('skipped', { delayMs: 700 });
    expect((await order('skipped/tasks/B/skip', { note: 'no need' })).answer).toEqual({
      ...{ workflowId: 'skipped', status: 'RUNNING', epoch: 1 },
      ...{ taskId: 'B', taskStatus: 'SKIPPED' },
    });
    expect(await ended(stack, 'skipped')).toMatchObject({
      status: 'SUCCESS',
      tasks: [
        { status: 'SUCCEEDED' },
        { status: 'SKIPPED', reason: 'OPERATOR', note: 'no need' },
        { status: 'SKIPPED', reason: 'UPSTREAM_SKIPPED' },
      ],
    });
    expect(executed('skipped')).toEqual(['A']);
    await everyTransitionIsTold('skipped');
  });

  it('is given an output while it is READY, which those below it see', async () => {
    const below = { ...fn('B', 'A'), input: { delayMs: '{% tasks.A.output.delay %}' } };
    await begin('given', [{ id: 'first', wait: { seconds: 2 } }, fn('A', 'first'), below]);
    await isStatus('given', 'first', 'RUNNING');
    await order('given/pause');
    await isStatus('given', 'A', 'READY');
    const set = await send('PUT', 'given/tasks/A/output', { output: { delay: 1 }, who: 'ada' });
    expect(set.answer).toMatchObject({ taskStatus: 'SUCCEEDED' });
    await order('given/resume');
    expect(await ended(stack, 'given')).toMatchObject({ status: 'SUCCESS' });
    expect(executed('given')).toEqual(['B']);
    const detail = await call(stack, 'workflows/given/tasks/A');
    expect(detail.body).toMatchObject({ output: { delay: 1 }, who: 'ada', attempts: [] });
    await everyTransitionIsTold('given');
  });

  it('that waits a year is ended at once', async () => {
    await begin('waits', [{ id: 'A', wait: { seconds: 2_000_000 } }, fn('B', 'A')]);
    await until(
      async () => (await get(stack, 'waits')).tasks[0] as { suspendedAt?: string } | undefined,
      (task) => task?.suspendedAt !== undefined,
    );
    await order('waits/tasks/A/skip');
    expect(await ended(stack, 'waits')).toMatchObject({ status: 'SUCCESS' });
    await everyTransitionIsTold('waits');
  });

  it('that a worker runs is left to it, with a sentence', async () => {
    await begin('held', [fn('A')], { delayMs: 1_500 });
    await isStatus('held', 'A', 'RUNNING');
    const { status, answer } = await order('held/tasks/A/skip');
    expect([status, answer['detail']]).toEqual([
      409,
      'a worker runs "A" at this moment: order again once it has ended',
    ]);
    expect(await ended(stack, 'held')).toMatchObject({ status: 'SUCCESS' });
  });
});

describe('an item of a map', () => {
  it('is skipped while it is READY, which makes room for the next, and the map ends without it', async () => {
    const each = { ...fn('B'), forEach: [1, 2, 3], maxConcurrency: 1, input: { delayMs: 500 } };
    await begin('items', [each]);
    const itemIs = (taskId: string, status: string) =>
      until(
        () => call(stack, `workflows/items/tasks/${encodeURIComponent(taskId)}`),
        ({ body }) => body['status'] === status,
      );
    await itemIs('B[0]', 'RUNNING');
    expect((await order('items/pause')).status).toBe(200);
    expect((await order('items/tasks/B%5B2%5D/skip')).answer['detail']).toBe(
      '"B[2]" has not begun: items begin in their order',
    );
    expect((await order('items/tasks/B%5B3%5D/skip')).status).toBe(404);
    await itemIs('B[1]', 'READY');
    expect((await order('items/tasks/B%5B1%5D/skip')).status).toBe(200);
    await itemIs('B[2]', 'READY');
    await order('items/resume');
    expect(await ended(stack, 'items')).toMatchObject({ status: 'SUCCESS' });
    const detail = await call(stack, 'workflows/items/tasks/B');
    expect(detail.body['output']).toMatchObject([{}, null, {}]);
    expect(executed('items')).toEqual(['B[0]', 'B[2]']);
    await everyTransitionIsTold('items');
  });
});

describe('a task of an ended workflow', () => {
  const failing = (name: string) => chain(name, { delayMs: 0, failAttempts: { B: 99 } });

  it('is given an output, and what is below it runs', async () => {
    await failing('mended');
    expect(await ended(stack, 'mended')).toMatchObject({ status: 'FAILED' });
    const set = await send('PUT', 'mended/tasks/B/output', { output: 'by hand', who: 'ada' });
    expect([set.status, set.answer]).toMatchObject([202, { epoch: 2, taskStatus: 'SUCCEEDED' }]);
    expect(await ended(stack, 'mended')).toMatchObject({ status: 'SUCCESS' });
    expect(executed('mended')).toEqual(['A', 'B', 'C']);
    const detail = await call(stack, 'workflows/mended/tasks/B');
    expect(detail.body).toMatchObject({
      ...{ status: 'SUCCEEDED', reason: 'OPERATOR', override: 'output', output: 'by hand' },
    });
    await everyTransitionIsTold('mended');
  });

  it('runs again with another input, which its detail shows', async () => {
    await failing('again');
    await ended(stack, 'again');
    const input = { delayMs: 0 };
    const rerun = await order('again/tasks/B/rerun', {
      input,
      who: 'ada',
      note: 'without failing',
    });
    expect(rerun.status).toBe(202);
    expect(await ended(stack, 'again')).toMatchObject({ status: 'SUCCESS' });
    const detail = await call(stack, 'workflows/again/tasks/B');
    expect(detail.body).toMatchObject({ override: 'input', input });
    const redriven = (await eventsOf('again')).find(({ type }) => type === 'WORKFLOW_REDRIVEN');
    expect(redriven).toMatchObject({
      ...{ who: 'ada', note: 'without failing' },
      overrides: [{ taskId: 'B', kind: 'input' }],
    });
  });

  it('is refused what it cannot have, and nothing is written', async () => {
    await failing('refused');
    await ended(stack, 'refused');
    const overrides = [{ taskId: 'A', skip: true }];
    const { status, answer } = await order('refused/redrive', { overrides });
    expect([status, answer['detail']]).toEqual([
      409,
      '"A" does not run again: name it among the tasks that do',
    ]);
    expect(await get(stack, 'refused')).toMatchObject({ status: 'FAILED', epoch: 1 });
  });
});
