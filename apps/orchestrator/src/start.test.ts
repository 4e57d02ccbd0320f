import { StoreUnavailableError } from '@orchestra/workflow-core';
import { startWorkflow } from './start.js';
import { createBench, dispatched } from './testing/bench.js';

const start = (input?: unknown) =>
  ({ mode: 'start', workflowId: 'w', ...(input === undefined ? {} : { input }) }) as Parameters<
    typeof startWorkflow
  >[1];

describe('starting a workflow', () => {
  it('inserts it RUNNING, pinned to its revision and due in a minute, and dispatches its roots', async () => {
    const { ports, repository, messages, counts } = createBench();
    expect(await startWorkflow(ports, start({ n: 1 }))).toEqual({
      kind: 'created',
      workflowId: 'w',
      status: 'RUNNING',
    });
    expect(await repository.getWorkflow('w')).toMatchObject({
      status: 'RUNNING',
      version: 1,
      epoch: 1,
      definition: { name: 'diamond', revision: 1 },
      input: { kind: 'inline', json: '{"n":1}' },
      createdAt: '2026-01-02T03:04:05.000Z',
      startedAt: '2026-01-02T03:04:05.000Z',
      nextCheckAt: '2026-01-02T03:05:05.000Z',
    });
    expect(messages).toEqual([
      {
        workflowId: 'w',
        epoch: 1,
        definition: { name: 'diamond', revision: 1 },
        tasks: [{ taskId: 'A', version: 1, attempt: 1 }],
      },
    ]);
    expect(counts.get('WorkflowsStarted')).toBe(1);
  });

  it('is the same workflow for the same id and body, whatever the order of its keys', async () => {
    const { ports, messages } = createBench();
    await startWorkflow(ports, start({ a: 1, b: { c: 2, d: 3 } }));
    const again = await startWorkflow(ports, start({ b: { d: 3, c: 2 }, a: 1 }));
    expect(again.kind).toBe('existing');
    // A is READY still: nobody knows whether its message was sent.
    expect(dispatched(messages)).toEqual(['A', 'A']);
  });

  it.each([
    ['another input', { n: 2 }],
    ['no input', undefined],
    ['a large input', { text: 'x'.repeat(10_000) }],
  ])('is a conflict for the same id and %s, and changes nothing', async (_, other) => {
    const { ports, repository, messages } = createBench();
    await startWorkflow(ports, start({ n: 1 }));
    const before = await repository.getWorkflowWithTasks('w');
    expect((await startWorkflow(ports, start(other))).kind).toBe('conflict');
    expect(await repository.getWorkflowWithTasks('w')).toEqual(before);
    expect(messages).toHaveLength(1);
  });

  it('keeps a large input and gives it back', async () => {
    const { ports, repository } = createBench();
    const input = { text: 'x'.repeat(100_000) };
    await startWorkflow(ports, start(input));
    const workflow = await repository.getWorkflow('w');
    if (!workflow) throw new Error('not started');
    expect(await repository.getPayload('w', workflow.input)).toEqual(input);
  });

  it('gives an id to one of many that start it at once', async () => {
    const { ports, anotherContainer, messages } = createBench();
    const answers = await Promise.all(
      [ports, anotherContainer(), anotherContainer(), anotherContainer()].map((each, n) =>
        startWorkflow(each, start({ n })),
      ),
    );
    expect(answers.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === 'conflict')).toHaveLength(3);
    expect(dispatched(messages)).toEqual(['A']);
  });

  it('that died before its roots is finished by the retry', async () => {
    const { ports, failNext, messages } = createBench();
    failNext('apply', new StoreUnavailableError('gone'));
    await expect(startWorkflow(ports, start({}))).rejects.toThrow(StoreUnavailableError);
    expect(messages).toEqual([]);
    expect((await startWorkflow(ports, start({}))).kind).toBe('existing');
    expect(dispatched(messages)).toEqual(['A']);
  });

  it('that died before it told a worker of them is finished by the retry', async () => {
    const { ports, refuseDispatches, messages } = createBench();
    refuseDispatches(1);
    await expect(startWorkflow(ports, start({}))).rejects.toThrow();
    expect((await startWorkflow(ports, start({}))).kind).toBe('existing');
    expect(dispatched(messages)).toEqual(['A']);
  });

  it('repeated once its tasks run tells nobody of them', async () => {
    const { ports, end, messages } = createBench();
    await startWorkflow(ports, start({}));
    await end('A', 'succeed');
    await startWorkflow(ports, start({}));
    expect(dispatched(messages)).toEqual(['A']);
  });
});
