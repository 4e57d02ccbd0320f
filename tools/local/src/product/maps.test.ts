/** Maps and hooks on the running product, and what they cost in the engine's own figures. */
import { parseDefinition, type Task } from '@orchestra/workflow-core';
import type { RunningStack } from '../stack.js';
import { invokeFunction, repositoryOf, runGraph, storeDefinition } from './graphs.fixture.js';
import { call, ended, metricOf, startSample } from './sample-stack.fixture.js';

jest.setTimeout(180_000);

let stack: RunningStack;
beforeAll(async () => {
  stack = await startSample();
});
afterAll(() => stack.stop());

const QUICK = { delayMs: 0 };
const ITEM = { id: 'B', function: 'A', input: { delayMs: 0, n: '{% item %}' } };

async function run(
  name: string,
  tasks: readonly object[],
  more: { readonly input?: unknown; readonly definition?: object } = {},
) {
  const { revision } = await storeDefinition(
    stack,
    parseDefinition({ name, tasks, ...more.definition }),
  );
  await invokeFunction(stack, 'Orchestrator', {
    mode: 'start',
    workflowId: name,
    definition: { name, revision },
    input: more.input ?? QUICK,
  });
  const { status } = await ended(stack, name);
  return { status, tasks: await tasksOf(name) };
}

async function tasksOf(workflowId: string): Promise<Record<string, Task>> {
  const read = await repositoryOf(stack).getWorkflowWithTasks(workflowId);
  return Object.fromEntries((read?.tasks ?? []).map((task) => [task.taskId, task]));
}

const statuses = (tasks: Record<string, Task>) =>
  Object.fromEntries(Object.values(tasks).map(({ taskId, status }) => [taskId, status]));

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

/** The most that ran at the same moment. */
function mostAtOnce(tasks: readonly Task[]): number {
  const moments = tasks.flatMap(({ startedAt = '', endedAt = '' }) => [
    { at: endedAt, change: -1 },
    { at: startedAt, change: 1 },
  ]);
  moments.sort((a, b) => (a.at === b.at ? a.change - b.change : a.at < b.at ? -1 : 1));
  let [now, most] = [0, 0];
  for (const { change } of moments) most = Math.max(most, (now += change));
  return most;
}

describe('a map', () => {
  it('runs once for each item, and gives what depends on it their outputs in order', async () => {
    const { status, tasks } = await run(
      'squares',
      [
        {
          ...ITEM,
          forEach: '{% workflow.input.list %}',
          // The last ends first.
          input: {
            delayMs: '{% item.n * 20 %}',
            outputBytes: '{% { "B[" & $string(index) & "]": item.n } %}',
          },
        },
        {
          id: 'C',
          function: 'A',
          dependsOn: ['B'],
          input: QUICK,
          when: '{% $join(tasks.B.output.$string($length(padding)), " ") = "3 2 1" %}',
        },
      ],
      { input: { list: [3, 2, 1].map((n) => ({ n })) } },
    );
    expect(status).toBe('SUCCESS');
    expect(statuses(tasks)).toEqual({
      B: 'SUCCEEDED',
      'B[0]': 'SUCCEEDED',
      'B[1]': 'SUCCEEDED',
      'B[2]': 'SUCCEEDED',
      C: 'SUCCEEDED',
    });
  });

  it('over nothing has succeeded with an empty list', async () => {
    const { status, tasks } = await run('nothing', [
      { ...ITEM, forEach: [] },
      {
        id: 'C',
        function: 'A',
        dependsOn: ['B'],
        input: QUICK,
        when: '{% $count(tasks.B.output) = 0 and $type(tasks.B.output) = "array" %}',
      },
    ]);
    expect(status).toBe('SUCCESS');
    expect(statuses(tasks)).toEqual({ B: 'SUCCEEDED', C: 'SUCCEEDED' });
  });

  it('never runs more items at once than maxConcurrency', async () => {
    const { status, tasks } = await run('narrow', [
      { ...ITEM, forEach: numbers(12), maxConcurrency: 3, input: { delayMs: 30 } },
    ]);
    expect(status).toBe('SUCCESS');
    const items = Object.values(tasks).filter(({ taskId }) => taskId !== 'B');
    expect(items).toHaveLength(12);
    expect(mostAtOnce(items)).toBeLessThanOrEqual(3);
  });

  it.each([
    ['fails with its items', {}, 'FAILED'],
    ['tolerates so many failures', { toleratedFailures: { count: 1 } }, 'SUCCESS'],
    ['tolerates such a part of them', { toleratedFailures: { percent: 25 } }, 'SUCCESS'],
    ['fails beyond what it tolerates', { toleratedFailures: { percent: 24 } }, 'FAILED'],
  ])('%s', async (name, more, expected) => {
    const { status, tasks } = await run(name.replaceAll(/\W/g, '-'), [
      {
        ...ITEM,
        ...more,
        forEach: numbers(4),
        input: { delayMs: 0, failAttempts: '{% item = 2 ? {"B[2]": 9} : {} %}' },
      },
    ]);
    expect(status).toBe(expected);
    expect(tasks['B[2]']?.status).toBe('FAILED');
    if (expected === 'FAILED')
      expect(tasks['B']?.error).toMatchObject({
        type: 'ItemsFailed',
        message: '1 of 4 items failed: B[2]',
      });
  });

  it('retries an item by itself, and a redrive runs only those that failed', async () => {
    const failAttempts = '{% item = 1 ? {"B[1]": 1} : item = 2 ? {"B[2]": 2} : {} %}';
    const { status, tasks } = await run('mended', [
      {
        ...ITEM,
        forEach: numbers(4),
        retry: { maxAttempts: 1, intervalSeconds: 0 },
        input: { delayMs: 0, failAttempts },
      },
      { id: 'C', function: 'A', dependsOn: ['B'], input: QUICK },
    ]);
    expect(status).toBe('FAILED');
    expect(tasks['B[1]']).toMatchObject({ status: 'SUCCEEDED', attempt: 2 });
    expect(tasks['B[2]']).toMatchObject({ status: 'FAILED', attempt: 2 });
    await call(stack, 'workflows/mended/redrive', { method: 'POST' });
    expect(await ended(stack, 'mended')).toMatchObject({ status: 'SUCCESS' });
    const after = await tasksOf('mended');
    expect(after['B[0]']).toEqual(tasks['B[0]']);
    expect(after['B[2]']).toMatchObject({ status: 'SUCCEEDED', attempt: 3, epoch: 2 });
    expect(after['C']).toMatchObject({ status: 'SUCCEEDED' });
  });

  it.each([
    ['gives no list', '{% workflow.input.delayMs %}', 'must give a list, and gave 0'],
    ['gives nothing', '{% workflow.input.missing %}', 'forEach'],
    ['gives too many', '{% [1..10001] %}', 'gave 10001 items, and a map takes at most 10000'],
  ])('whose expression %s fails by name', async (what, forEach, message) => {
    const { status, tasks } = await run(`bad-${what.replaceAll(/\W/g, '-')}`, [
      { ...ITEM, forEach },
    ]);
    expect(status).toBe('FAILED');
    expect(tasks['B']?.error).toMatchObject({ type: 'ExpressionFailed' });
    expect(tasks['B']?.error?.message).toContain(message);
    expect(Object.keys(tasks)).toEqual(['B']);
  });

  it('starts no more items once its workflow has failed fast', async () => {
    const { status, tasks } = await run(
      'fast-map',
      [
        { ...ITEM, forEach: numbers(30), maxConcurrency: 1, input: { delayMs: 40 } },
        { id: 'X', function: 'A', input: { delayMs: 60, failAttempts: { X: 1 } } },
      ],
      { definition: { failFast: true } },
    );
    expect(status).toBe('FAILED');
    expect(tasks['B']).toMatchObject({ status: 'FAILED' });
    expect(Object.values(tasks).filter(({ reason }) => reason === 'FAIL_FAST')).not.toHaveLength(0);
  });

  it('costs three units an item, as a task does, and eight for itself', async () => {
    const cost = async (items: number) => {
      const definition = parseDefinition({
        name: `cost-${items}`,
        tasks: [{ ...ITEM, forEach: numbers(items) }],
      });
      const { reading } = await runGraph(stack, definition);
      return reading.tableWriteUnits;
    };
    const [few, many] = [await cost(10), await cost(60)];
    expect(many - few).toBe(3 * 50);
    expect(few).toBe(2 + 3 * 10 + 5);
  });
});

describe('mapping as others have it', () => {
  const failing = (more: object = {}) => ({
    ...ITEM,
    ...more,
    forEach: numbers(3),
    input: { delayMs: 0, failAttempts: '{% item = 1 ? {"B[1]": 9} : {} %}' },
  });
  const reduce = (more: object = {}) => ({
    id: 'C',
    function: 'A',
    dependsOn: ['B'],
    input: QUICK,
    ...more,
  });

  it('Argo: nothing to do for an empty list is a skip, where the task says so, and the workflow succeeds', async () => {
    const { status, tasks } = await run('argo-empty', [
      { id: 'generate', function: 'A', input: QUICK },
      {
        ...ITEM,
        dependsOn: ['generate'],
        when: '{% $count(tasks.generate.output.nothing) > 0 %}',
        forEach: '{% [tasks.generate.output.nothing] %}',
      },
    ]);
    expect(status).toBe('SUCCESS');
    expect(tasks['B']).toMatchObject({ status: 'SKIPPED', reason: 'CONDITION_FALSE' });
  });

  it('Argo, Airflow: the other items go on after a failure, and what depends on them all does not run', async () => {
    const { status, tasks } = await run('one-fails', [failing(), reduce()]);
    expect(status).toBe('FAILED');
    expect(statuses(tasks)).toEqual({
      B: 'FAILED',
      'B[0]': 'SUCCEEDED',
      'B[1]': 'FAILED',
      'B[2]': 'SUCCEEDED',
      C: 'SKIPPED',
    });
    expect(tasks['C']?.reason).toBe('UPSTREAM_FAILED');
  });

  it('Airflow: a reduce with all_done runs after failed items', async () => {
    const { status, tasks } = await run('reduced', [
      failing(),
      reduce({ triggerRule: 'all_done' }),
    ]);
    expect(status).toBe('FAILED');
    expect(tasks['C']?.status).toBe('SUCCEEDED');
  });

  it('Argo: with continueOn failed the workflow succeeds', async () => {
    const { status, tasks } = await run('goes-on', [
      failing({ continueOnFailure: true }),
      reduce(),
    ]);
    expect(status).toBe('SUCCESS');
    expect(tasks['B']?.status).toBe('FAILED');
    expect(tasks['C']?.status).toBe('SUCCEEDED');
  });

  it('Airflow: a map may run over the output of another', async () => {
    const { status, tasks } = await run('map-of-map', [
      { ...ITEM, forEach: numbers(3) },
      { ...ITEM, id: 'D', dependsOn: ['B'], forEach: '{% tasks.B.output.result.numbers[0] %}' },
    ]);
    expect(status).toBe('SUCCESS');
    expect(Object.keys(tasks).filter((id) => id.startsWith('D['))).toHaveLength(3);
  });
});

describe('hooks', () => {
  const hook = (id: string) => ({ id, function: 'A', input: QUICK });
  const hooks = {
    onSuccess: [hook('well')],
    onFailure: [hook('badly'), hook('worse')],
    finally: [hook('last')],
  };

  it('follow a success', async () => {
    const { status, tasks } = await run('went-well', [{ id: 'A', function: 'A', input: QUICK }], {
      definition: hooks,
    });
    expect(status).toBe('SUCCESS');
    expect(statuses(tasks)).toEqual({
      A: 'SUCCEEDED',
      well: 'SUCCEEDED',
      badly: 'SKIPPED',
      worse: 'SKIPPED',
      last: 'SUCCEEDED',
    });
    expect((tasks['last']?.startedAt ?? '') >= (tasks['well']?.endedAt ?? '')).toBe(true);
  });

  it('follow a failure, and are told of it', async () => {
    const fails = { id: 'A', function: 'A', input: { delayMs: 0, failAttempts: { A: 1 } } };
    const told = {
      ...hook('worse'),
      input: {
        delayMs: 0,
        status: '{% workflow.status %}',
        failAttempts: '{% workflow.failedTasks[0].taskId = "A" ? {} : {"worse": 9} %}',
      },
    };
    const { status, tasks } = await run('went-badly', [fails], {
      definition: { ...hooks, onFailure: [hook('badly'), told] },
    });
    expect(status).toBe('FAILED');
    expect(statuses(tasks)).toEqual({
      A: 'FAILED',
      well: 'SKIPPED',
      badly: 'SUCCEEDED',
      worse: 'SUCCEEDED',
      last: 'SUCCEEDED',
    });
  });
});

it('the sweep had nothing to repair in all of this', () => {
  expect(metricOf(stack, 'SweeperRepairs')).toBe(0);
});
