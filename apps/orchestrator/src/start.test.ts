import { StoreUnavailableError, parseDefinition } from '@orchestra/workflow-core';
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

describe('starting a workflow of a definition', () => {
  const AT = '2026-01-02T03:04:05.000Z';
  const definition = (description: string) =>
    parseDefinition({
      name: 'orders',
      description,
      inputSchema: {
        type: 'object',
        required: ['order'],
        properties: { order: { type: 'integer' } },
      },
      tasks: [{ id: 'T', function: 'A' }],
    });

  async function stored(...descriptions: string[]) {
    const bench = createBench();
    for (const description of descriptions)
      await bench.repository.putDefinition(definition(description), AT);
    return bench;
  }
  const ask = (more: object) =>
    ({ mode: 'start', workflowId: 'w', input: { order: 1 }, ...more }) as Parameters<
      typeof startWorkflow
    >[1];

  it('pins it to the newest revision, or to the one that is asked for', async () => {
    const { ports, repository } = await stored('first', 'second');
    await startWorkflow(ports, ask({ definition: { name: 'orders' } }));
    await startWorkflow(
      ports,
      ask({ workflowId: 'v', definition: { name: 'orders', revision: 1 } }),
    );
    expect((await repository.getWorkflow('w'))?.definition).toEqual({
      name: 'orders',
      revision: 2,
    });
    expect((await repository.getWorkflow('v'))?.definition).toEqual({
      name: 'orders',
      revision: 1,
    });
  });

  it.each([
    ['a name', { name: 'nothing' }],
    ['a revision', { name: 'orders', revision: 2 }],
  ])('knows no %s that is not stored, and writes nothing', async (_, asked) => {
    const { ports, repository, messages } = await stored('first');
    const answer = await startWorkflow(ports, ask({ definition: asked, tags: ['t'] }));
    expect(answer).toEqual({
      kind: 'unknownDefinition',
      detail: expect.stringContaining(asked.name),
    });
    expect(await repository.getWorkflow('w')).toBeUndefined();
    expect(messages).toEqual([]);
  });

  it('refuses an input that breaks its schema, names the place, and writes nothing', async () => {
    const { ports, repository } = await stored('first');
    const answer = await startWorkflow(
      ports,
      ask({ definition: { name: 'orders' }, input: { order: 'one' } }),
    );
    expect(answer).toEqual({
      kind: 'invalid',
      issues: [{ path: 'input.order', message: expect.any(String) }],
    });
    expect(await repository.getWorkflow('w')).toBeUndefined();
  });

  it('is the same workflow for the same request, even when a newer revision would refuse it', async () => {
    const { ports, repository } = await stored('first');
    await startWorkflow(ports, ask({ definition: { name: 'orders' } }));
    const stricter = {
      ...definition('second'),
      inputSchema: { type: 'object', required: ['more'] },
    };
    await repository.putDefinition(parseDefinition(stricter), AT);
    const again = await startWorkflow(ports, ask({ definition: { name: 'orders' } }));
    expect(again).toMatchObject({ kind: 'existing' });
    expect((await repository.getWorkflow('w'))?.definition.revision).toBe(1);
  });

  it('keeps its tags, and is another workflow with others', async () => {
    const { ports, repository } = await stored('first');
    const tagged = (...tags: string[]) => ask({ definition: { name: 'orders' }, tags });
    await startWorkflow(ports, tagged('nightly', 'team=data'));
    expect((await repository.getWorkflow('w'))?.tags).toEqual(['nightly', 'team=data']);
    expect((await startWorkflow(ports, tagged('nightly'))).kind).toBe('conflict');
    expect((await startWorkflow(ports, tagged('nightly', 'team=data'))).kind).toBe('existing');
  });
});
