/** Workflows that tasks of others run, on the running product: how they end together, and what that costs. */
import { isSettled, parseDefinition } from '@orchestra/workflow-core';
import { childIdFor } from '@orchestra/workflow-core/starting';
import { ConnectionLostError, type CallHook } from '../aws-endpoint/faults.js';
import { killSandboxes } from '../soak/victims.js';
import { startStack, type RunningStack } from '../stack.js';
import { byCaller, invokeFunction, repositoryOf, storeDefinition } from './graphs.fixture.js';
import {
  ASSEMBLY,
  call,
  ended,
  get,
  isOver,
  ledgerOf,
  metricOf,
  startSample,
  until,
  type Answer,
} from './sample-stack.fixture.js';

jest.setTimeout(180_000);

const QUICK = { delayMs: 0 };
const inner = parseDefinition({
  name: 'inner',
  tasks: [
    { id: 'A', function: 'A' },
    { id: 'B', function: 'A', dependsOn: ['A'] },
  ],
});

const sendTo = (stack: RunningStack, method: string) => (path: string, body: unknown) =>
  call(stack, path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Stores the definition and starts a workflow of it under its name. */
async function begin(
  stack: RunningStack,
  document: { readonly name: string; readonly [field: string]: unknown },
  input: unknown = QUICK,
  workflowId = document.name,
): Promise<string> {
  const { name } = document;
  await storeDefinition(stack, inner);
  const { revision } = await storeDefinition(stack, parseDefinition(document));
  await invokeFunction(stack, 'Orchestrator', {
    ...{ mode: 'start', workflowId, input },
    definition: { name, revision },
  });
  return workflowId;
}

const taskOf = async (stack: RunningStack, workflowId: string, taskId: string) =>
  (await call(stack, `workflows/${workflowId}/tasks/${encodeURIComponent(taskId)}`)).body;

const childOf = (workflowId: string, taskId = 'T', epoch = 1) =>
  childIdFor({ workflowId, taskId, epoch });

const executionsOf = (stack: RunningStack, workflowId: string) =>
  ledgerOf(stack)
    .filter((line) => line.workflowId === workflowId)
    .map(({ taskId, attempt }) => `${taskId} ${attempt}`);

const oneChild = (name: string, more: object = {}) => ({
  name,
  tasks: [{ id: 'T', workflow: { name: 'inner' }, ...more }],
});

describe('a task that runs a workflow', () => {
  let stack: RunningStack;
  let post: (path: string, body: unknown) => Promise<Answer>;
  let put: typeof post;
  beforeAll(async () => {
    stack = await startSample();
    [post, put] = [sendTo(stack, 'POST'), sendTo(stack, 'PUT')];
  });
  afterAll(() => stack.stop());

  it('gives what the workflow gave to the tasks that depend on it, both linked', async () => {
    const id = await begin(stack, {
      name: 'good',
      tasks: [
        { id: 'T', workflow: { name: 'inner' }, input: { delayMs: 0 } },
        {
          id: 'C',
          function: 'A',
          dependsOn: ['T'],
          input: { delayMs: 0 },
          when: '{% $exists(tasks.T.output.B) and $not($exists(tasks.T.output.A)) %}',
        },
      ],
    });
    const parent = await ended(stack, id);
    expect(parent).toMatchObject({
      status: 'SUCCESS',
      tasks: [{ taskId: 'T' }, { taskId: 'C', status: 'SUCCEEDED' }],
    });
    const task = await taskOf(stack, id, 'T');
    expect(task).toMatchObject({ kind: 'workflow', status: 'SUCCEEDED', child: childOf(id) });
    const child = await get(stack, childOf(id));
    expect(child).toMatchObject({
      status: 'SUCCESS',
      parent: { workflowId: id, taskId: 'T' },
      definition: { name: 'inner', revision: 1 },
    });
    const { output } = await taskOf(stack, childOf(id), 'B');
    expect(task['output']).toEqual({ B: output });
    expect(output).toBeDefined();
  });

  it('fails when the workflow fails, and says what did', async () => {
    const id = await begin(stack, oneChild('bad'), { ...QUICK, failAttempts: { A: 9 } });
    expect(await ended(stack, id)).toMatchObject({ status: 'FAILED' });
    expect(await taskOf(stack, id, 'T')).toMatchObject({
      error: {
        type: 'ChildFailed',
        message: expect.stringMatching(
          new RegExp(
            `^workflow "${childOf(id)}" of "inner" FAILED: task "A" failed: SampleFailure`,
          ),
        ),
      },
    });
  });

  it('runs one for each item of a map, and in a hook', async () => {
    const id = await begin(stack, {
      name: 'many',
      tasks: [{ id: 'M', forEach: [1, 2, 3], workflow: { name: 'inner' }, input: QUICK }],
      onSuccess: [{ id: 'H', workflow: { name: 'inner' }, input: QUICK }],
    });
    expect(await ended(stack, id)).toMatchObject({ status: 'SUCCESS' });
    const statuses = await Promise.all(
      ['M[0]', 'M[1]', 'M[2]', 'H'].map(
        async (task) => (await get(stack, childOf(id, task))).status,
      ),
    );
    expect(statuses).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS', 'SUCCESS']);
    const { output } = await taskOf(stack, id, 'M');
    expect(output).toHaveLength(3);
  });

  it('takes its workflow with it when its own is cancelled', async () => {
    const id = await begin(stack, oneChild('stopped'), { delayMs: 20_000 });
    await until(
      () => taskOf(stack, childOf(id), 'A'),
      ({ status }) => status === 'RUNNING',
    );
    expect((await post(`workflows/${id}/cancel`, {})).status).toBe(200);
    // The answer came after the last of them was cancelled.
    expect(await get(stack, childOf(id))).toMatchObject({
      status: 'CANCELLED',
      note: `workflow "${id}" ended CANCELLED`,
      tasks: [{ status: 'CANCELLED' }, { status: 'CANCELLED' }],
    });
    expect(await get(stack, id)).toMatchObject({ tasks: [{ status: 'CANCELLED' }] });
  });

  it('fails when its workflow alone is cancelled', async () => {
    const id = await begin(stack, oneChild('orphaned'), { delayMs: 20_000 });
    await until(
      () => taskOf(stack, childOf(id), 'A'),
      ({ status }) => status === 'RUNNING',
    );
    await post(`workflows/${childOf(id)}/cancel`, { note: 'wrong file' });
    expect(await ended(stack, id)).toMatchObject({ status: 'FAILED' });
    expect(await taskOf(stack, id, 'T')).toMatchObject({
      error: {
        type: 'ChildFailed',
        message: `workflow "${childOf(id)}" of "inner" was cancelled: wrong file`,
      },
    });
  });

  it('lets its workflow go on when its own is redriven: what had succeeded stays', async () => {
    const id = await begin(stack, oneChild('redriven'), { ...QUICK, failAttempts: { B: 1 } });
    await ended(stack, id);
    const refused = await post(`workflows/${childOf(id)}/redrive`, {});
    expect(refused).toMatchObject({
      status: 409,
      body: {
        detail: `it runs for task "T" of workflow "${id}": redrive that one, and this one goes on with it`,
      },
    });
    expect((await post(`workflows/${id}/redrive`, {})).status).toBe(202);
    expect(await ended(stack, id)).toMatchObject({ status: 'SUCCESS', epoch: 2 });
    expect(await get(stack, childOf(id))).toMatchObject({ status: 'SUCCESS', epoch: 2 });
    expect(executionsOf(stack, childOf(id))).toEqual(['A 1', 'B 1', 'B 2']);
    expect((await call(stack, `workflows/${childOf(id, 'T', 2)}`)).status).toBe(404);
  });

  it('starts another workflow when it is ordered to run again itself', async () => {
    const id = await begin(stack, oneChild('rerun'));
    await ended(stack, id);
    expect((await post(`workflows/${id}/tasks/T/rerun`, {})).status).toBe(202);
    await until(
      () => get(stack, id),
      (seen) => isOver(seen),
    );
    expect(executionsOf(stack, childOf(id))).toEqual(['A 1', 'B 1']);
    expect(executionsOf(stack, childOf(id, 'T', 2))).toEqual(['A 1', 'B 1']);
    expect(await taskOf(stack, id, 'T')).toMatchObject({ child: childOf(id, 'T', 2) });
  });

  it('fails where workflows would stand too many below each other', async () => {
    // The API would not take it: a definition that runs itself.
    const id = await begin(stack, {
      name: 'deep',
      tasks: [{ id: 'T', workflow: { name: 'deep' }, input: QUICK }],
    });
    expect(await ended(stack, id)).toMatchObject({ status: 'FAILED' });
    const { body } = await call(stack, 'workflows?definition=deep&limit=200');
    expect(body['workflows']).toHaveLength(9);
    let deepest = id;
    for (let depth = 0; depth < 8; depth += 1) deepest = childOf(deepest);
    expect(await taskOf(stack, deepest, 'T')).toMatchObject({
      error: {
        type: 'SubWorkflowTooDeep',
        message: '"deep" would have 9 workflows above it: the limit is 8',
      },
    });
  });

  it('fails when there is no such definition', async () => {
    const id = await begin(stack, {
      name: 'lost',
      tasks: [{ id: 'T', workflow: { name: 'nowhere' } }],
    });
    await ended(stack, id);
    expect(await taskOf(stack, id, 'T')).toMatchObject({
      error: { type: 'DefinitionNotFound', message: 'there is no definition "nowhere"' },
    });
  });

  it('is told of what is missing, or would run itself, when its definition is stored', async () => {
    const child = (name: string) => ({ tasks: [{ id: 'T', workflow: { name } }] });
    expect(await put('definitions/x', child('nowhere'))).toMatchObject({
      status: 400,
      body: {
        errors: [{ path: 'tasks[0].workflow', message: 'there is no definition "nowhere"' }],
      },
    });
    expect((await put('definitions/x', child('inner'))).status).toBe(201);
    expect((await put('definitions/y', child('x'))).status).toBe(201);
    expect(await put('definitions/x', child('y'))).toMatchObject({
      status: 400,
      body: {
        errors: [
          { path: 'tasks[0].workflow', message: 'a workflow would run itself: x -> y -> x' },
        ],
      },
    });
  });

  it('never shares its ids with workflows that people start', async () => {
    expect(await post('workflows', { workflowId: childOf('good') })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'workflowId' }] },
    });
  });

  it('runs them one after the other where their definition says so', async () => {
    await storeDefinition(
      stack,
      parseDefinition({ ...inner, name: 'lonely', concurrency: { limit: 1 } }),
    );
    const id = await begin(stack, {
      name: 'in-line',
      tasks: [{ id: 'M', forEach: [1, 2, 3], workflow: { name: 'lonely' }, input: QUICK }],
    });
    expect(await ended(stack, id)).toMatchObject({ status: 'SUCCESS' });
    const spans = await Promise.all(
      [0, 1, 2].map(async (n) => {
        const { startedAt, endedAt } = (await call(stack, `workflows/${childOf(id, `M[${n}]`)}`))
          .body;
        return { startedAt: String(startedAt), endedAt: String(endedAt) };
      }),
    );
    spans.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
    for (const [index, { startedAt }] of spans.entries())
      if (index > 0) expect(startedAt >= (spans[index - 1]?.endedAt ?? '')).toBe(true);
  });

  it('needed no repair in all of this', () => {
    expect(metricOf(stack, 'SweeperRepairs')).toBe(0);
  });
});

describe('a worker that is killed between a workflow and the task that is to name it', () => {
  let stack: RunningStack;
  let kills = 0;
  const call: CallHook = async (passing, apply) => {
    const text = passing.body.toString();
    if (kills > 0 || passing.caller === 'operator' || !text.includes('suspendedAt')) return apply();
    kills += 1;
    killSandboxes(stack.functions, {
      functionName: passing.caller,
      ...(passing.traceHeader ? { traceHeader: passing.traceHeader } : {}),
    });
    throw new ConnectionLostError('the caller was killed');
  };
  beforeAll(async () => {
    stack = await startStack({
      ephemeral: true,
      assemblyDirectory: ASSEMBLY,
      scheduleEverySeconds: 1,
      onNotice: () => {},
      functionEnvironment: {
        ...{ SWEEP_GRACE_SECONDS: '2', FIRST_CHECK_SECONDS: '1' },
        ...{ TASK_TIMEOUT_SECONDS: '1', LEASE_MARGIN_SECONDS: '1' },
      },
      interference: { call, invocation: (_fn, _payload, run) => run() },
    });
  });
  afterAll(() => stack.stop());

  it('leaves one workflow, which the next worker takes on', async () => {
    const id = await begin(stack, oneChild('killed'));
    expect(await ended(stack, id)).toMatchObject({ status: 'SUCCESS' });
    expect(kills).toBe(1);
    expect(executionsOf(stack, childOf(id))).toEqual(['A 1', 'B 1']);
    expect(await taskOf(stack, id, 'T')).toMatchObject({ attempt: 2, child: childOf(id) });
    const { body } = await callApi(stack);
    expect(body['workflows']).toHaveLength(1);
  });
});

const callApi = (stack: RunningStack) => call(stack, 'workflows?definition=inner&limit=200');

describe('what a child costs', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await startSample({ ephemeral: true }, { scheduleEverySeconds: 3_600 });
    await runOne('cold');
  });
  afterAll(() => stack.stop());

  async function runOne(workflowId: string): Promise<void> {
    const before = metricOf(stack, 'WorkflowsSucceeded');
    await begin(stack, oneChild('priced'), QUICK, workflowId);
    await until(
      async () => metricOf(stack, 'WorkflowsSucceeded'),
      (now) => now === before + 2,
    );
  }

  it('is a unit for the task that waits, and the units of a workflow and its settling', async () => {
    stack.meter.reset();
    await runOne('warm');
    const reading = stack.meter.read();
    // The task: READY, RUNNING, suspended, SUCCEEDED, and META twice; the child: two tasks, META inserted, ended and settled.
    expect(reading.tableWriteUnits).toBe(4 + 2 + 2 * 3 + 3);
    expect(reading.indexWriteUnitsByName).toEqual({ list: 4, filter: 6, due: 6 });
    expect(reading.statementErrors).toEqual({});
    expect(reading.requestErrors).toEqual({});
    expect(byCaller(reading, 'Orchestrator').requests['Query']).toBeUndefined();
    // Whether the parent wants it, and whom its end concerns: META and the task, each time; META and the end task of its own.
    expect(byCaller(reading, 'Orchestrator').readUnits).toBe(2 + 2 + 1 + 1);
    // META of both for three messages, and which revision is the newest.
    expect(byCaller(reading, 'Worker').readUnits).toBe(3 + 1);
  });

  it('is, for going on after a redrive, what the redrive of a workflow costs', async () => {
    const id = await begin(
      stack,
      oneChild('priced'),
      { ...QUICK, failAttempts: { B: 1 } },
      'again',
    );
    await until(
      async () => metricOf(stack, 'WorkflowsFailed'),
      (now) => now === 2,
    );
    const before = metricOf(stack, 'WorkflowsSucceeded');
    await until(
      () => repositoryOf(stack).getWorkflow(childOf(id)),
      (child) => child !== undefined && isSettled(child),
    );
    stack.meter.reset();
    await invokeFunction(stack, 'Orchestrator', {
      ...{ mode: 'redrive', workflowId: id, token: 't', selection: { kind: 'unfinished' } },
    });
    await until(
      async () => metricOf(stack, 'WorkflowsSucceeded'),
      (now) => now === before + 2,
    );
    const { tableWriteUnits, requests, statementErrors } = stack.meter.read();
    // The parent's META and the child's: redriven, ended, one settled; the task, and the child's that had failed. Their first attempts are put away.
    expect(tableWriteUnits - (requests['PutItem'] ?? 0)).toBe(2 + 3 + 4 + 3);
    expect(requests['PutItem']).toBeLessThanOrEqual(2);
    expect(statementErrors).toEqual({});
  });
});
