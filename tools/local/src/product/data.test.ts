/** What tasks are given and what becomes of data that cannot be given: nothing else is harmed, and the workflow can be repaired. */
import { LIMITS, parseDefinition } from '@orchestra/workflow-core';
import type { RunningStack } from '../stack.js';
import { invokeFunction, storeDefinition } from './graphs.fixture.js';
import { call, ended, ledgerOf, startSample } from './sample-stack.fixture.js';

jest.setTimeout(120_000);

let stack: RunningStack;
beforeAll(async () => {
  stack = await startSample();
});
afterAll(() => stack.stop());

const order = (path: string, body: unknown) =>
  call(stack, `workflows/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const store = async (name: string, tasks: readonly object[], more: object = {}) =>
  storeDefinition(
    stack,
    parseDefinition({ name, ...more, tasks: tasks.map((task) => ({ function: 'A', ...task })) }),
  );

const start = (workflowId: string, revision: number, input: unknown = { delayMs: 0 }) =>
  invokeFunction(stack, 'Orchestrator', {
    mode: 'start',
    workflowId,
    definition: { name: workflowId, revision },
    input,
  });

const QUICK = { delayMs: 0 };
const SAFE = { id: 'beside', input: QUICK };
const below = (input: unknown) => ({ id: 'T', dependsOn: ['first'], input });

describe('an expression', () => {
  it('takes data from the workflow and from task to task', async () => {
    const { revision } = await store('flow', [
      { id: 'first', input: { delayMs: '{% workflow.input.pace %}' } },
      {
        id: 'T',
        dependsOn: ['first'],
        input: {
          delayMs: '{% $min([tasks.first.output.result.numbers, 1]) %}',
          failAttempts: { T: '{% tasks.first.status = "SUCCEEDED" ? 1 : 0 %}' },
        },
        retry: { intervalSeconds: 0 },
      },
    ]);
    await start('flow', revision, { pace: 2 });
    expect(await ended(stack, 'flow')).toMatchObject({
      status: 'SUCCESS',
      tasks: [{ attempt: 1 }, { attempt: 2 }],
    });
  });

  it.each<[string, string, string]>([
    ['loops', '{% ($f := function($n) { $f($n + 1) }; $f(0)) %}', 'steps|milliseconds|ms'],
    ['recurses', '{% ($f := function($n) { 1 + $f($n + 1) }; $f(0)) %}', 'deep|depth|milliseconds'],
    ['makes 10 MB', '{% $pad("", 10000000, "x") %}', String(LIMITS.payloadBytes)],
    [
      'never ends a match',
      '{% $match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(a+)+$/) %}',
      'ms|s',
    ],
  ])(
    'that %s fails its task by name, harms nothing else, and is mended by a redrive',
    async (what, text, limit) => {
      const name = `bad-${what.replaceAll(/\W/g, '-')}`;
      const { revision } = await store(name, [
        { id: 'first', input: QUICK },
        SAFE,
        below({ ...QUICK, deep: [text] }),
      ]);
      await start(name, revision);
      const workflow = await ended(stack, name);
      expect(workflow.status).toBe('FAILED');
      const byId = Object.fromEntries(workflow.tasks.map((task) => [task.taskId, task]));
      expect(byId['beside']?.status).toBe('SUCCEEDED');
      expect(byId['T']?.error).toMatchObject({
        type: 'ExpressionLimitExceeded',
        message: expect.stringMatching(new RegExp(`^input\\.deep\\[0\\].*(?:${limit})`)),
      });
      const mended = await store(name, [{ id: 'first', input: QUICK }, SAFE, below(QUICK)]);
      expect((await order(`${name}/redrive`, { revision: mended.revision })).status).toBe(202);
      expect(await ended(stack, name)).toMatchObject({ status: 'SUCCESS' });
      const ran = ledgerOf(stack).filter(({ workflowId }) => workflowId === name);
      expect(ran.map(({ taskId }) => taskId).toSorted()).toEqual(['T', 'beside', 'first']);
    },
  );
});

describe('a condition', () => {
  it('that gives false skips the task and what follows from it, and the workflow succeeds', async () => {
    const { revision } = await store('branch', [
      { id: 'first', input: QUICK },
      {
        id: 'left',
        dependsOn: ['first'],
        input: QUICK,
        when: '{% workflow.input.side = "left" %}',
      },
      {
        id: 'right',
        dependsOn: ['first'],
        input: QUICK,
        when: '{% workflow.input.side = "right" %}',
      },
      {
        id: 'join',
        dependsOn: ['left', 'right'],
        input: QUICK,
        triggerRule: 'none_failed_min_one_success',
      },
      { id: 'never', dependsOn: ['right'], input: QUICK },
    ]);
    await start('branch', revision, { side: 'left' });
    const { status, tasks } = await ended(stack, 'branch');
    expect(status).toBe('SUCCESS');
    expect(
      Object.fromEntries(tasks.map((task) => [task.taskId, task.reason ?? task.status])),
    ).toEqual({
      first: 'SUCCEEDED',
      left: 'SUCCEEDED',
      right: 'CONDITION_FALSE',
      join: 'SUCCEEDED',
      never: 'UPSTREAM_SKIPPED',
    });
    const { body } = await call(stack, 'workflows/branch/tasks/right/explain');
    expect(body['text']).toContain('workflow.input.side = "right"');
  });
});

describe('an input that breaks its schema', () => {
  it('starts nothing, and says where', async () => {
    const inputSchema = { type: 'object', properties: { size: { type: 'integer' } } };
    const { revision } = await store('strict', [{ id: 'first', input: QUICK }], { inputSchema });
    expect(await start('strict', revision, { size: 'large' })).toEqual({
      kind: 'invalid',
      issues: [{ path: 'input.size', message: expect.any(String) }],
    });
    expect((await call(stack, 'workflows/strict')).status).toBe(404);
  });
});

describe('large data', () => {
  const MIB = 1024 * 1024;
  const mended = [
    { id: 'first', input: QUICK },
    { id: 'T', dependsOn: ['first'], input: QUICK },
  ];
  const padded = (bytes: number) => ({ ...QUICK, outputBytes: { first: bytes } });

  async function runOn(name: string, tasks: readonly object[]) {
    const { revision } = await store(name, tasks);
    await start(name, revision);
    const { status, tasks: seen } = await ended(stack, name);
    return { status, byId: Object.fromEntries(seen.map((task) => [task.taskId, task])) };
  }

  it('travels from task to task, and is shown', async () => {
    const { status } = await runOn('large', [
      { id: 'first', input: padded(2 * MIB) },
      { id: 'T', dependsOn: ['first'] },
    ]);
    expect(status).toBe('SUCCESS');
    const { body } = await call(stack, 'workflows/large/tasks/first');
    expect((body['output'] as { padding: string }).padding).toHaveLength(2 * MIB);
  });

  it.each([
    ['above ours', 5.5 * MIB, String(LIMITS.payloadBytes)],
    ["above Lambda's", 7 * MIB, '6291556'],
  ])(
    '%s fails the task whose output it is, names the limit, and is mended by a redrive',
    async (what, bytes, limit) => {
      const name = `output-${what.replaceAll(/\W/g, '-')}`;
      const { status, byId } = await runOn(name, [
        SAFE,
        { id: 'first', input: padded(bytes) },
        { id: 'T', dependsOn: ['first'] },
      ]);
      expect(status).toBe('FAILED');
      expect(byId['beside']?.status).toBe('SUCCEEDED');
      expect(byId['first']?.error).toMatchObject({
        type: 'OutputTooLarge',
        message: expect.stringContaining(limit),
      });
      const { revision } = await store(name, [SAFE, ...mended]);
      expect((await order(`${name}/redrive`, { revision })).status).toBe(202);
      expect((await ended(stack, name)).status).toBe('SUCCESS');
    },
  );

  it('that is too much together fails the task it is given to, and an input that takes less mends it', async () => {
    const many = ['first', 'second', 'third'].map((id) => ({
      id,
      input: { ...QUICK, outputBytes: { [id]: 2.5 * MIB } },
    }));
    const below = { id: 'T', dependsOn: many.map(({ id }) => id) };
    const { byId } = await runOn('together', [...many, below]);
    expect(byId['T']?.error).toMatchObject({
      type: 'InputTooLarge',
      message: expect.stringContaining(String(LIMITS.invocationBytes)),
    });
    const less = { ...below, input: { ...QUICK, of: '{% tasks.first.output.task %}' } };
    const { revision } = await store('together', [...many, less]);
    expect((await order('together/redrive', { revision })).status).toBe(202);
    expect((await ended(stack, 'together')).status).toBe('SUCCESS');
  });
});
