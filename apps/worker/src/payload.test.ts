import { CorruptItemError, parseDefinition, type TaskDefinition } from '@orchestra/workflow-core';
import { createBench, messageOf, succeed } from './testing/bench.js';
import { work } from './work.js';

const plenty = () => 900_000;
const RETRY = parseDefinition({
  name: 'retrying',
  tasks: [{ id: 'T', function: 'T', retry: {} }],
}).tasks[0]?.retry;

const definitionWith = (task: Partial<TaskDefinition>) =>
  parseDefinition({
    name: 'data',
    tasks: [
      { id: 'A', function: 'A' },
      { id: 'B', function: 'B', dependsOn: ['A'], ...task },
      { id: 'Z', function: 'Z', dependsOn: ['B'] },
    ],
  });

/** Runs A, whose output is `a`, then B as `task` says. */
async function ranBelow(a: unknown, task: Partial<TaskDefinition>) {
  const definition = definitionWith(task);
  const bench = await createBench(
    ({ taskId }) => succeed(taskId === 'A' ? a : { by: taskId }),
    definition,
  );
  await bench.ready('A');
  await work(bench.ports, messageOf(definition, 'A'), plenty);
  await bench.ready('B');
  bench.invoked.length = 0;
  bench.reads.length = 0;
  await work(bench.ports, messageOf(definition, 'B'), plenty);
  return { ...bench, payload: bench.invoked[0]?.payload, task: await bench.taskOf('B') };
}

describe('the input of a task', () => {
  it('is that of the workflow, beside the outputs it depends on, when its definition says nothing', async () => {
    const { payload } = await ranBelow({ n: 1 }, {});
    expect(payload).toMatchObject({ input: { n: 7 }, dependencies: { A: { n: 1 } } });
  });

  it('is what its definition says, each expression by what it gives', async () => {
    const { payload } = await ranBelow(
      { items: [3, 4] },
      {
        input: {
          fixed: 'text',
          total: '{% $sum(tasks.A.output.items) %}',
          deep: [{ from: '{% workflow.input.n %}', id: '{% workflow.id %}' }],
          status: '{% tasks.A.status %}',
        },
      },
    );
    expect(payload?.input).toEqual({
      fixed: 'text',
      total: 7,
      deep: [{ from: 7, id: 'w' }],
      status: 'SUCCEEDED',
    });
    expect(payload?.dependencies).toEqual({});
  });

  it('is a literal whatever became of the input of the workflow, which nobody reads', async () => {
    const definition = definitionWith({ dependsOn: [], input: [1, 2] });
    const bench = await createBench(() => succeed(1), definition);
    let reads = 0;
    bench.repository.getPayload = async () => {
      reads += 1;
      throw new CorruptItemError('a part is missing');
    };
    await bench.ready('B');
    await work(bench.ports, messageOf(definition, 'B'), plenty);
    expect(bench.invoked[0]?.payload.input).toEqual([1, 2]);
    expect(reads).toBe(0);
  });

  it('reads no output for a literal', async () => {
    const { payload, reads } = await ranBelow({ n: 1 }, { input: [1, 2] });
    expect(payload?.input).toEqual([1, 2]);
    expect(reads).not.toContain('getTasks');
  });

  it.each([
    ['does not find what it names', '{% tasks.A.output.nothing %}', 'ExpressionFailed'],
    ['throws', '{% $error("no") %}', 'ExpressionFailed'],
    ['never ends', '{% ($f := function($n) { $f($n + 1) }; $f(0)) %}', 'ExpressionLimitExceeded'],
  ])(
    'fails the task with its place when an expression %s, and invokes nothing',
    async (_, text, type) => {
      const { invoked, task } = await ranBelow({}, { input: { list: [text] } });
      expect(task).toMatchObject({
        status: 'FAILED',
        error: { type, message: expect.stringContaining('input.list[0]') },
      });
      expect(invoked).toEqual([]);
    },
  );

  it('does not try again an expression that can only fail again', async () => {
    const { task } = await ranBelow({}, { input: ['{% $error("no") %}'], retry: RETRY });
    expect(task).toMatchObject({ status: 'FAILED', attempt: 1 });
  });
});

describe('the time of a task', () => {
  it('passes while its expressions are evaluated, and nothing is invoked when it is over', async () => {
    const input = ['{% workflow.id %}'];
    const definition = parseDefinition({
      name: 'data',
      tasks: ['B', 'C'].map((id) => ({ id, function: id, input })),
    });
    const bench = await createBench(() => succeed(1), definition);
    const evaluateFor = (seconds: number) => ({
      ...bench.ports,
      evaluate: async () => {
        bench.advanceTime(seconds * 1_000);
        return { kind: 'values' as const, input: [1] };
      },
    });
    await bench.ready('B');
    await work(evaluateFor(20), messageOf(definition, 'B'), plenty);
    expect(bench.invoked).toMatchObject([{ timeoutMs: 40_000 }]);
    await bench.ready('C');
    await work(evaluateFor(61), messageOf(definition, 'C'), plenty);
    expect(bench.invoked).toHaveLength(1);
    expect(await bench.taskOf('C')).toMatchObject({
      status: 'FAILED',
      reason: 'TIMEOUT',
      error: { type: 'TaskTimeout' },
    });
  });
});

describe('the condition of a task', () => {
  it('lets it run when it gives true', async () => {
    const { invoked, task } = await ranBelow({ n: 1 }, { when: '{% tasks.A.output.n > 0 %}' });
    expect(invoked).toHaveLength(1);
    expect(task.status).toBe('SUCCEEDED');
  });

  it('skips it when it gives false, and invokes nothing', async () => {
    const { invoked, task } = await ranBelow({ n: 0 }, { when: '{% tasks.A.output.n > 0 %}' });
    expect(invoked).toEqual([]);
    expect(task).toMatchObject({
      status: 'SKIPPED',
      reason: 'CONDITION_FALSE',
      attempt: 1,
      version: 3,
      endedBy: 'worker',
    });
  });

  it('fails it when it gives neither', async () => {
    const { task } = await ranBelow({ n: 0 }, { when: '{% tasks.A.output.n %}' });
    expect(task).toMatchObject({ status: 'FAILED', error: { type: 'ExpressionFailed' } });
  });
});

describe('what is upstream and has not succeeded', () => {
  it('has no output, but a status and an error', async () => {
    const definition = parseDefinition({
      name: 'data',
      tasks: [
        { id: 'A', function: 'A', continueOnFailure: true },
        {
          id: 'B',
          function: 'B',
          dependsOn: ['A'],
          input: {
            output: '{% tasks.A.output %}',
            status: '{% tasks.A.status %}',
            why: '{% tasks.A.error.type %}',
          },
        },
      ],
    });
    const error = { type: 'NoSuchOrder', message: 'no', trace: [] };
    const bench = await createBench(
      ({ taskId }) => (taskId === 'A' ? { kind: 'failed', error } : succeed(1)),
      definition,
    );
    for (const taskId of ['A', 'B']) {
      await bench.ready(taskId);
      await work(bench.ports, messageOf(definition, taskId), plenty);
    }
    expect(bench.invoked.at(-1)?.payload.input).toEqual({
      output: null,
      status: 'FAILED',
      why: 'NoSuchOrder',
    });
  });
});
