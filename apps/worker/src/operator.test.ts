import {
  CorruptItemError,
  parseDefinition,
  type Control,
  type Definition,
  type Override,
  type TaskPayload,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Outcome } from './ports.js';
import { createBench, messageOf, originOf, succeed } from './testing/bench.js';
import { work } from './work.js';

const plenty = () => 900_000;
const AT = '2026-01-02T03:04:05.000Z';
const pause: Control = { kind: 'pause', at: AT, epoch: 1 };

const single = (task: object): Definition =>
  parseDefinition({ name: 'single', tasks: [{ id: 'A', function: 'A', ...task }] });

async function metaOf({ repository }: Awaited<ReturnType<typeof createBench>>): Promise<Workflow> {
  const workflow = await repository.getWorkflow('w');
  if (!workflow) throw new Error('there is no META');
  return workflow;
}

async function controlled(
  bench: Awaited<ReturnType<typeof createBench>>,
  kind: Control['kind'],
): Promise<void> {
  const workflow = await metaOf(bench);
  await bench.repository.apply([
    { kind: 'control', workflow, control: { ...pause, kind }, nextCheckAt: AT },
  ]);
}

describe('a paused workflow', () => {
  it('has nothing claimed, and everything once it is resumed', async () => {
    const definition = single({});
    const bench = await createBench(() => succeed(1), definition, { controls: [pause] });
    await bench.ready('A');
    expect(await work(bench.ports, messageOf(definition, 'A'), plenty)).toEqual({
      ran: 0,
      ignored: 1,
    });
    expect(await bench.taskOf('A')).toMatchObject({ status: 'READY', version: 1 });
    await controlled(bench, 'resume');
    await work(bench.ports, messageOf(definition, 'A'), plenty);
    expect(await bench.taskOf('A')).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('has what runs recorded, and its retry left READY', async () => {
    const definition = single({ retry: { intervalSeconds: 2 } });
    const bench = await createBench(async () => {
      await controlled(bench, 'pause');
      return { kind: 'failed', error: { type: 'Flaky', message: 'no', trace: [] } };
    }, definition);
    await bench.ready('A');
    await work(bench.ports, messageOf(definition, 'A'), plenty);
    expect(bench.invoked).toHaveLength(1);
    expect(await bench.taskOf('A')).toMatchObject({ status: 'READY', attempt: 2, retries: 1 });
  });
});

describe('an input that an operator gives', () => {
  const given = async (
    task: object,
    override: Override,
    answers: (payload: TaskPayload) => Outcome = () => succeed(1),
    meta: Partial<Workflow> = {},
  ) => {
    const definition = single(task);
    const bench = await createBench(answers, definition, {
      epoch: 2,
      redrives: [
        {
          ...{ epoch: 2, at: AT, token: 't', selection: { kind: 'unfinished' }, fromRevision: 1 },
          from: { status: 'FAILED' },
          overrides: [override],
        },
      ],
      ...meta,
    });
    const read = bench.repository.getPayload.bind(bench.repository);
    bench.repository.getPayload = (workflowId, payload) =>
      payload.kind === 'parts'
        ? Promise.reject(new CorruptItemError(`${payload.key} is gone`))
        : read(workflowId, payload);
    const epoch = (await metaOf(bench)).epoch;
    const origin = { ...originOf(definition), epoch };
    await bench.repository.apply([
      { kind: 'ready', origin, taskId: override.taskId, by: 'operator', at: AT },
    ]);
    const message = { ...messageOf(definition, override.taskId), epoch };
    await work(bench.ports, message, plenty);
    return bench;
  };
  const input = (taskId: string, value: unknown): Override => ({
    ...{ taskId, kind: 'input' },
    input: { kind: 'inline', json: JSON.stringify(value) },
  });

  it.each([
    ['says nothing', {}],
    ['says another', { input: { fixed: true } }],
    ['says what does not evaluate', { input: '{% $error("no") %}' }],
  ])('takes the place of the one the definition says, where it %s', async (_, task) => {
    const { invoked } = await given(task, input('A', { by: 'hand' }));
    expect(invoked.map(({ payload }) => payload.input)).toEqual([{ by: 'hand' }]);
  });

  it('may be null, and holds for every attempt of the epoch', async () => {
    const failing = ({ attempt }: TaskPayload): Outcome =>
      attempt === 1
        ? { kind: 'failed', error: { type: 'Flaky', message: 'no', trace: [] } }
        : succeed(1);
    const { invoked } = await given({ retry: { intervalSeconds: 0 } }, input('A', null), failing);
    expect(invoked.map(({ payload }) => payload.input)).toEqual([null, null]);
  });

  it('leaves the condition as it is', async () => {
    const { taskOf, invoked } = await given({ when: '{% false %}' }, input('A', 1));
    expect(await taskOf('A')).toMatchObject({ status: 'SKIPPED', reason: 'CONDITION_FALSE' });
    expect(invoked).toEqual([]);
  });

  it('means nothing in a later epoch', async () => {
    const { invoked } = await given({}, input('A', 'old'), () => succeed(1), { epoch: 3 });
    expect(invoked.map(({ payload }) => payload.input)).toEqual([{ n: 7 }]);
  });

  it('that cannot be read any more fails the task', async () => {
    const lost: Override = {
      ...{ taskId: 'A', kind: 'input' },
      input: { kind: 'parts', key: 'gone', parts: 1 },
    };
    const { taskOf, invoked } = await given({}, lost);
    expect(invoked).toEqual([]);
    expect(await taskOf('A')).toMatchObject({
      ...{ status: 'FAILED', error: { type: 'InputUnreadable' } },
    });
  });

  it('is that of an item of a map alone', async () => {
    const definition = single({ forEach: [1, 2] });
    const bench = await createBench(({ taskId }) => succeed(taskId), definition, {
      epoch: 2,
      redrives: [
        {
          ...{ epoch: 2, at: AT, token: 't', selection: { kind: 'unfinished' }, fromRevision: 1 },
          from: { status: 'FAILED' },
          overrides: [input('A[1]', 'by hand')],
        },
      ],
    });
    const origin = { ...originOf(definition), epoch: 2 };
    const begin = (taskId: string) =>
      bench.repository.apply([{ kind: 'ready', origin, taskId, by: 'operator', at: AT }]);
    await begin('A');
    await work(bench.ports, { ...messageOf(definition, 'A'), epoch: 2 }, plenty);
    await begin('A[0]');
    await begin('A[1]');
    await work(bench.ports, { ...messageOf(definition, 'A[0]', 'A[1]'), epoch: 2 }, plenty);
    expect(bench.invoked.map(({ payload }) => payload.input)).toEqual([{ item: 1 }, 'by hand']);
  });
});
