/** Tasks that wait for a moment, on the running product: when they are over, what becomes of them, and what they cost. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDefinition } from '@orchestra/workflow-core';
import type { RunningStack } from '../stack.js';
import { invokeFunction, repositoryOf, runGraph, storeDefinition } from './graphs.fixture.js';
import { call, ended, metricOf, post, startSample, until } from './sample-stack.fixture.js';

jest.setTimeout(180_000);

const QUICK = { delayMs: 0 };
const after = (id: string, ...dependsOn: string[]) => ({
  id,
  function: 'A',
  input: QUICK,
  dependsOn,
});

async function begin(
  stack: RunningStack,
  name: string,
  tasks: readonly object[],
  input: unknown = QUICK,
): Promise<string> {
  const { revision } = await storeDefinition(stack, parseDefinition({ name, tasks }));
  const definition = { name, revision };
  await invokeFunction(stack, 'Orchestrator', {
    mode: 'start',
    workflowId: name,
    input,
    definition,
  });
  return name;
}

const taskOf = async (stack: RunningStack, workflowId: string, taskId: string) => {
  const [task] = await repositoryOf(stack).getTasks(workflowId, [taskId]);
  return task;
};
const suspended = (stack: RunningStack, workflowId: string, taskId = 'W') =>
  until(
    () => taskOf(stack, workflowId, taskId),
    (task) => task?.suspendedAt !== undefined,
  );
/** Milliseconds by which its end came after its time. */
const lateness = ({ wakeAt = '', endedAt = '' }: { wakeAt?: string; endedAt?: string } = {}) =>
  Date.parse(endedAt) - Date.parse(wakeAt);

describe('a task that waits', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await startSample();
  });
  afterAll(() => stack.stop());

  it('is over within two seconds of its time, not before, and is no repair', async () => {
    const id = await begin(stack, 'short', [{ id: 'W', wait: { seconds: 2 } }, after('C', 'W')]);
    expect(await ended(stack, id)).toMatchObject({ status: 'SUCCESS' });
    const task = await taskOf(stack, id, 'W');
    const waited = Date.parse(task?.wakeAt ?? '') - Date.parse(task?.startedAt ?? '');
    expect(waited).toBe(2_000);
    expect(lateness(task)).toBeGreaterThanOrEqual(0);
    expect(lateness(task)).toBeLessThan(2_000);
    expect(metricOf(stack, 'SweeperRepairs')).toBe(0);
  });

  it('gives the moment it waited for, which an expression may have told', async () => {
    const until_ = new Date(Date.now() + 1_500).toISOString();
    const W = { id: 'W', wait: { until: '{% workflow.input.at %}' } };
    const id = await begin(stack, 'until', [W, after('C', 'W')], { at: until_ });
    await ended(stack, id);
    const { body } = await call(stack, `workflows/${id}/tasks/W`);
    expect(body).toMatchObject({ status: 'SUCCEEDED', kind: 'wait', output: { until: until_ } });
  });

  it('is over at once when the moment has passed', async () => {
    const W = { id: 'W', wait: { until: '2020-01-01T00:00:00Z' } };
    const id = await begin(stack, 'past', [W]);
    await ended(stack, id);
    const task = await taskOf(stack, id, 'W');
    expect(task?.suspendedAt).toBeUndefined();
    expect(task?.status).toBe('SUCCEEDED');
  });

  it('fails when its expression gives no moment', async () => {
    const id = await begin(stack, 'wrong', [{ id: 'W', wait: { until: '{% "soon" %}' } }]);
    expect(await ended(stack, id)).toMatchObject({
      status: 'FAILED',
      tasks: [{ error: { type: 'ExpressionFailed', message: expect.stringContaining('"soon"') } }],
    });
  });

  it('keeps nothing running, and ends with its workflow when that is cancelled', async () => {
    const id = await begin(stack, 'long', [{ id: 'W', wait: { seconds: 3_600 } }, after('C', 'W')]);
    const task = await suspended(stack, id);
    expect(task?.leaseUntil).toBeUndefined();
    const { status } = await call(stack, `workflows/${id}/cancel`, { method: 'POST' });
    expect(status).toBe(200);
    expect(await ended(stack, id)).toMatchObject({
      status: 'CANCELLED',
      tasks: [{ status: 'CANCELLED' }, { status: 'CANCELLED' }],
    });
  });

  it('is refused where it would last longer than its workflow', async () => {
    const { status, body } = await call(stack, 'definitions/endless', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'endless',
        tasks: [{ id: 'W', wait: { seconds: 30 * 86_400 } }],
      }),
    });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain("do not end before the workflow's timeoutSeconds");
    expect((await post(stack, { definition: 'endless' })).status).toBe(404);
  });

  it('may be one of many items of a map, each with a moment of its own', async () => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const M = { id: 'M', forEach: '{% workflow.input %}', wait: { until: '{% item %}' } };
    const moments = [at(2_500), at(1_000), at(-1_000)];
    const id = await begin(stack, 'each', [M, after('C', 'M')], moments);
    expect(await ended(stack, id)).toMatchObject({ status: 'SUCCESS' });
    const { body } = await call(stack, `workflows/${id}/tasks/M`);
    expect(body['output']).toEqual(moments.map((until_) => ({ until: until_ })));
  });
});

describe('a stack that is stopped while a task waits', () => {
  it('ends the wait after its next start', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'orchestra-waits-'));
    let stack = await startSample({ dataDirectory: directory });
    try {
      const id = await begin(stack, 'over', [{ id: 'W', wait: { seconds: 4 } }, after('C', 'W')]);
      const before = await suspended(stack, id);
      await stack.stop();
      stack = await startSample({ dataDirectory: directory });
      expect(await ended(stack, id)).toMatchObject({ status: 'SUCCESS' });
      const task = await taskOf(stack, id, 'W');
      expect(task).toMatchObject({ attempt: 1, wakeAt: before?.wakeAt, endedBy: 'sweep' });
      expect(lateness(task)).toBeGreaterThanOrEqual(0);
    } finally {
      await stack.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describe('the cost of a wait', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    // What follows a wait has its grace to go on, so that no look comes between.
    stack = await startSample(
      { ephemeral: true },
      { functionEnvironment: { SWEEP_GRACE_SECONDS: '30' } },
    );
    await runGraph(stack, parseDefinition({ name: 'warm', tasks: [after('A')] }));
  });
  afterAll(() => stack.stop());

  const unitsOf = async (name: string, tasks: readonly object[]) => {
    const { reading } = await runGraph(stack, parseDefinition({ name, tasks }));
    const { tableWriteUnits, indexWriteUnitsByName, statementErrors } = reading;
    expect(statementErrors).toEqual({});
    return { table: tableWriteUnits, ...indexWriteUnitsByName };
  };

  it('is a unit more than a task that calls a function, and two looks of the sweep', async () => {
    const without = await unitsOf('without', [after('A'), after('C', 'A')]);
    expect(without).toEqual({ table: 8, list: 2, filter: 3, due: 2 });
    const waits = await unitsOf('with', [{ id: 'A', wait: { seconds: 2 } }, after('C', 'A')]);
    // The suspension; META, made due at its time, and put off once it is over.
    expect(waits).toEqual({ table: 8 + 1 + 2, list: 2, filter: 3, due: 2 + 2 * 2 });
  });

  it('is not even that when the moment has passed', async () => {
    const past = { id: 'A', wait: { until: '2020-01-01T00:00:00Z' } };
    expect(await unitsOf('past', [past, after('C', 'A')])).toEqual({
      ...{ table: 8, list: 2, filter: 3, due: 2 },
    });
  });
});
