import { itemId, parseDefinition, type Definition, type Task } from '@orchestra/workflow-core';
import { createBench, messageOf, originOf, succeed } from './testing/bench.js';
import { work as workFor } from './work.js';
import type { WorkMessage } from '@orchestra/workflow-core';
import type { Ports } from './ports.js';

const work = (ports: Ports, given: WorkMessage) => workFor(ports, given, () => 900_000);

const mapOf = (more: object): Definition =>
  parseDefinition({
    name: 'mapped',
    tasks: [
      { id: 'A', function: 'A' },
      { id: 'B', function: 'F', dependsOn: ['A'], ...more },
      { id: 'C', function: 'F', dependsOn: ['B'] },
    ],
  });

/** A has succeeded with `output`, and B is expanded. */
async function expanded(definition: Definition, output: unknown) {
  const bench = await createBench(
    ({ taskId, input }) => succeed(taskId === 'A' ? output : { of: taskId, input }),
    definition,
  );
  await bench.ready('A');
  await work(bench.ports, messageOf(definition, 'A'));
  await bench.ready('B');
  await work(bench.ports, messageOf(definition, 'B'));
  return bench;
}

const LIST = { forEach: '{% tasks.A.output %}' };

describe('expanding a map', () => {
  it('keeps its list and lets go of it: nobody holds it until its items have ended', async () => {
    const bench = await expanded(mapOf({ ...LIST, label: '{% item.name %}' }), [{ name: 'x' }, {}]);
    const map = await bench.taskOf('B');
    expect(map).toMatchObject({ status: 'RUNNING', version: 3, claimId: 'claim 2' });
    expect(map.suspendedAt).toBeDefined();
    expect(map.leaseUntil).toBeUndefined();
    expect(map.items).toMatchObject({ key: 'B#claim 2.items', count: 2, since: 1 });
    const range = { first: 0, last: 1 };
    expect(await bench.repository.getListRange('w', map.items!, range)).toEqual([
      { item: { name: 'x' }, label: 'x' },
      { item: {} },
    ]);
    expect(bench.invoked.map(({ payload }) => payload.taskId)).toEqual(['A']);
  });

  it('over nothing succeeds at once', async () => {
    const bench = await expanded(mapOf(LIST), []);
    expect(await bench.taskOf('B')).toMatchObject({
      status: 'SUCCEEDED',
      version: 3,
      output: { kind: 'inline', json: '[]' },
    });
  });

  it.each([
    ['no list', 7, 'ExpressionFailed'],
    ['an item that is too large', ['x'.repeat(256 * 1024)], 'InputTooLarge'],
  ])('fails over %s', async (_, output, type) => {
    const bench = await expanded(mapOf(LIST), output);
    expect(await bench.taskOf('B')).toMatchObject({ status: 'FAILED', error: { type } });
  });

  it('is skipped when its condition is false, its list never asked for', async () => {
    const bench = await expanded(mapOf({ forEach: '{% 7 %}', when: '{% false %}' }), []);
    expect(await bench.taskOf('B')).toMatchObject({
      status: 'SKIPPED',
      reason: 'CONDITION_FALSE',
    });
  });

  it('keeps the list of an older epoch where it is the same', async () => {
    const definition = mapOf({ forEach: [1, 2] });
    const bench = await expanded(definition, 0);
    const { items } = await bench.taskOf('B');
    const again = async (same: boolean) => {
      const map = await bench.taskOf('B');
      const epoch = map.epoch + 1;
      await bench.repository.apply([{ kind: 'cancelTask', task: map, by: 'operator', at: 'now' }]);
      const over = { task: await bench.taskOf('B'), pastAttempts: { kind: 'inline', json: '[]' } };
      const origin = { ...originOf(definition), epoch };
      await bench.repository.apply([
        { kind: 'ready', origin, taskId: 'B', by: 'operator', at: 'now', over } as never,
      ]);
      const workflow = { ...(await bench.repository.getWorkflow('w'))!, epoch };
      const repository = new Proxy(bench.repository, {
        get: (target, name) =>
          name === 'getWorkflowAndTasks' || name === 'getWorkflowWithTasks'
            ? async () => ({ workflow, tasks: [] })
            : (target[name as never] as () => void),
      });
      const { version, attempt } = await bench.taskOf('B');
      const evaluate: Ports['evaluate'] = async () => ({
        kind: 'values',
        items: [{ item: 1 }, { item: same ? 2 : 3 }],
      });
      await work(
        { ...bench.ports, repository, evaluate },
        { ...messageOf(definition, 'B'), epoch, tasks: [{ taskId: 'B', version, attempt }] },
      );
      return (await bench.taskOf('B')).items;
    };
    expect(await again(true)).toEqual(items);
    expect(await again(false)).toMatchObject({ count: 2, since: 3 });
  });
});

describe('an item of a map', () => {
  const begin = async (more: object, output: unknown, ...indices: number[]) => {
    const definition = mapOf({ ...LIST, ...more });
    const bench = await expanded(definition, output);
    const ids = indices.map((index) => itemId('B', index));
    await bench.ready(...ids);
    await work(bench.ports, messageOf(definition, ...ids));
    const inputs = bench.invoked.slice(1).map(({ payload }) => payload);
    return { bench, definition, inputs };
  };

  it('is given its entry of the list', async () => {
    const { inputs } = await begin({}, ['x', 'y', 'z'], 1, 2);
    expect(inputs).toMatchObject([
      { taskId: 'B[1]', input: { item: 'y' }, dependencies: {}, idempotencyKey: 'w/B[1]/1' },
      { taskId: 'B[2]', input: { item: 'z' }, dependencies: {} },
    ]);
  });

  it('is given what its input says of it, and of the tasks upstream', async () => {
    const input = { n: '{% item.n * 2 %}', at: '{% index %}', of: '{% $count(tasks.A.output) %}' };
    const { inputs } = await begin({ input }, [{ n: 4 }, { n: 5 }], 1);
    expect(inputs).toMatchObject([{ input: { n: 10, at: 1, of: 2 } }]);
  });

  it('reads only its part of the list', async () => {
    const { bench } = await begin(
      {},
      Array.from({ length: 500 }, (_, n) => n),
      499,
    );
    expect(bench.reads).not.toContain('getItems');
    expect(bench.invoked.at(-1)?.payload.input).toEqual({ item: 499 });
  });

  it('has its output in its place in the list that what depends on the map is given', async () => {
    const { bench, definition } = await begin({ input: '{% item %}' }, ['x', 'y'], 1);
    await bench.ready('B[0]');
    await work(bench.ports, messageOf(definition, 'B[0]'));
    const { claimId = '' } = await bench.taskOf('B');
    const ended = { workflowId: 'w', taskId: 'B', claimId, by: 'stream', at: 'now' } as const;
    await bench.repository.apply([{ kind: 'succeed', ...ended }]);
    await bench.ready('C');
    await work(bench.ports, messageOf(definition, 'C'));
    expect(bench.invoked.at(-1)?.payload.dependencies).toEqual({
      B: [
        { of: 'B[0]', input: 'x' },
        { of: 'B[1]', input: 'y' },
      ],
    });
  });
});

describe('a hook', () => {
  const hooked = (input?: object) =>
    parseDefinition({
      name: 'hooked',
      tasks: [
        { id: 'A', function: 'F' },
        { id: 'B', function: 'F', continueOnFailure: true },
      ],
      onFailure: [{ id: 'tell', function: 'F', ...(input ? { input } : {}) }],
    });
  const told = async (definition: Definition) => {
    const error = { type: 'Boom', message: 'no', trace: [] };
    const bench = await createBench(
      ({ taskId }) => (taskId === 'tell' ? succeed(1) : { kind: 'failed', error }),
      definition,
    );
    await bench.ready('A', 'B');
    await work(bench.ports, messageOf(definition, 'A', 'B'));
    await bench.ready('tell');
    await work(bench.ports, messageOf(definition, 'tell'));
    return { error, input: bench.invoked.at(-1)?.payload.input };
  };

  it('is told how the tasks ended, which failed, and what the workflow was given', async () => {
    const { error, input } = await told(hooked());
    expect(input).toEqual({
      status: 'FAILED',
      failedTasks: [{ taskId: 'A', error }],
      input: { n: 7 },
    });
  });

  it('sees every task in its expressions', async () => {
    const input = { why: '{% workflow.status %}', type: '{% tasks.B.error.type %}' };
    expect((await told(hooked(input))).input).toEqual({ why: 'FAILED', type: 'Boom' });
  });
});

it('holds an item no longer than its own timeout', async () => {
  const definition = mapOf({ ...LIST, timeoutSeconds: 5 });
  const bench = await expanded(definition, [1]);
  await bench.ready('B[0]');
  await work(bench.ports, messageOf(definition, 'B[0]'));
  const item: Task = await bench.taskOf('B[0]');
  expect(Date.parse(item.leaseUntil ?? '') - Date.parse(item.startedAt ?? '')).toBe(20_000);
});
