/** Retries, deadlines, cancels and redrives of the product, as a user of the API meets them. */
import { parseDefinition } from '@orchestra/workflow-core';
import type { RunningStack } from '../stack.js';
import { invokeFunction, storeDefinition } from './graphs.fixture.js';
import {
  call,
  ended,
  get,
  ledgerOf,
  metricOf,
  start,
  startSample,
  until,
} from './sample-stack.fixture.js';

jest.setTimeout(120_000);

let stack: RunningStack;
beforeAll(async () => {
  stack = await startSample();
});
afterAll(() => stack.stop());

/** Stores the definition and starts a workflow of it under its name. */
async function run(document: { name: string; [field: string]: unknown }, input: unknown) {
  const definition = parseDefinition(document);
  const { revision } = await storeDefinition(stack, definition);
  const { name } = definition;
  await invokeFunction(stack, 'Orchestrator', {
    mode: 'start',
    workflowId: name,
    definition: { name, revision },
    input,
  });
  return name;
}

const order = async (path: string, body: unknown = {}) =>
  call(stack, `workflows/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function eventsOf(workflowId: string) {
  const { body } = await call(stack, `workflows/${workflowId}/events`);
  return body['events'] as { type: string; taskId?: string; sequence: number }[];
}

const executionsOf = (workflowId: string) =>
  ledgerOf(stack)
    .filter((line) => line.workflowId === workflowId)
    .map(({ taskId, attempt }) => `${taskId} ${attempt}`);

describe('a task with a retry', () => {
  it('is tried again until it succeeds, each try once, each kept', async () => {
    const id = await run(
      {
        name: 'flaky',
        tasks: [{ id: 'A', function: 'A', retry: { intervalSeconds: 0.1 } }],
      },
      { delayMs: 0, failAttempts: { A: 2 } },
    );
    expect(await ended(stack, id)).toMatchObject({ status: 'SUCCESS' });
    const { body } = await call(stack, `workflows/${id}/tasks/A`);
    expect(body['attempts']).toMatchObject([
      { attempt: 1, error: { type: 'SampleFailure' }, requestId: expect.any(String) },
      { attempt: 2, error: { type: 'SampleFailure' }, requestId: expect.any(String) },
      { attempt: 3 },
    ]);
    expect(executionsOf(id)).toEqual(['A 1', 'A 2', 'A 3']);
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual([
      'WORKFLOW_STARTED',
      'TASK_READY',
      'TASK_RUNNING',
      'TASK_RETRIED',
      'TASK_RUNNING',
      'TASK_RETRIED',
      'TASK_RUNNING',
      'TASK_SUCCEEDED',
      'WORKFLOW_SUCCESS',
    ]);
  });

  it('whose time runs out is TaskTimeout, and tried again where that may help', async () => {
    const id = await run(
      {
        name: 'slow',
        tasks: [
          {
            id: 'A',
            function: 'A',
            timeoutSeconds: 1,
            retry: { maxAttempts: 1, intervalSeconds: 0 },
          },
        ],
      },
      { delayMs: 3_000 },
    );
    const { status, tasks } = await ended(stack, id);
    expect(status).toBe('FAILED');
    expect(tasks[0]).toMatchObject({
      attempt: 2,
      reason: 'TIMEOUT',
      error: { type: 'TaskTimeout' },
    });
  });
});

describe('a workflow beyond its deadline', () => {
  it('ends FAILED for it, and what had not ended is CANCELLED', async () => {
    const id = await run(
      {
        name: 'overdue',
        timeoutSeconds: 1,
        tasks: [
          { id: 'A', function: 'A' },
          { id: 'B', function: 'A', dependsOn: ['A'] },
        ],
      },
      { delayMs: 4_000 },
    );
    const { body } = await until(
      () => call(stack, `workflows/${id}`),
      ({ body: seen }) => seen['status'] === 'FAILED',
    );
    expect(body).toMatchObject({ reason: 'TIMEOUT' });
    const tasks = await until(
      async () => (await get(stack, id)).tasks,
      (seen) => seen.every(({ status }) => status === 'CANCELLED'),
    );
    expect(tasks).toHaveLength(2);
  });
});

describe('an operator', () => {
  it('cancels what runs: nothing of it starts or is recorded any more', async () => {
    const id = await start(stack, { delayMs: 1_500 });
    await until(
      () => get(stack, id),
      ({ tasks }) => tasks.some(({ status }) => status === 'RUNNING'),
    );
    expect(await order(`${id}/cancel`, { note: 'enough' })).toMatchObject({ status: 200 });
    const cancelled = await get(stack, id);
    expect(new Set(cancelled.tasks.map(({ status }) => status))).toEqual(new Set(['CANCELLED']));
    // A ends while nobody may record it.
    await until(
      async () => executionsOf(id),
      (lines) => lines.length > 0,
    );
    expect(await get(stack, id)).toEqual(cancelled);
    expect(executionsOf(id)).toEqual(['A 1']);
  });

  it('redrives what failed, and runs one task of it again', async () => {
    const id = await start(stack, { delayMs: 0, failAttempts: { B2: 1 } });
    expect(await ended(stack, id)).toMatchObject({ status: 'FAILED' });
    expect(await order(`${id}/redrive?dryRun=true`)).toMatchObject({
      status: 200,
      body: { run: ['B2', 'C'], keep: ['A', 'B1', 'B3'] },
    });
    expect(await order(`${id}/redrive`)).toMatchObject({ status: 202 });
    expect(await ended(stack, id)).toMatchObject({ status: 'SUCCESS' });
    expect(await order(`${id}/tasks/B1/rerun`, { downstream: false })).toMatchObject({
      status: 202,
      body: { epoch: 3, run: ['B1'] },
    });
    expect(await ended(stack, id)).toMatchObject({ status: 'SUCCESS' });
    expect(executionsOf(id).sort()).toEqual(['A 1', 'B1 1', 'B1 2', 'B2 1', 'B2 2', 'B3 1', 'C 1']);
    const events = await eventsOf(id);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(await order(`${id}/redrive`)).toMatchObject({ status: 409 });
  });

  it('is told why a task was skipped', async () => {
    const id = await start(stack, { delayMs: 0, failAttempts: { A: 1 } });
    await ended(stack, id);
    const { body } = await call(stack, `workflows/${id}/tasks/C/explain`);
    expect(body).toMatchObject({ code: 'SKIPPED', because: ['A'] });
  });
});

it('none of this needed the sweep to repair anything', () => {
  expect(metricOf(stack, 'SweeperRepairs')).toBe(0);
});
