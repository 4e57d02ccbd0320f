import {
  LIMITS,
  StoreUnavailableError,
  diamond,
  parseDefinition,
  type Definition,
  type Transition,
} from '@orchestra/workflow-core';
import { createBench, message, messageOf, succeed } from './testing/bench.js';
import { work as workFor } from './work.js';
import type { WorkMessage } from '@orchestra/workflow-core';
import type { Ports } from './ports.js';

const work = (ports: Ports, given: WorkMessage) => workFor(ports, given, () => 900_000);

describe('running a task', () => {
  it('invokes its function once with what it is to work on, and records the output', async () => {
    const { ports, invoked, ready, taskOf } = await createBench(() => succeed({ sum: 3 }));
    await ready('A');
    expect(await work(ports, message('A'))).toEqual({ ran: 1, ignored: 0 });
    expect(invoked).toEqual([
      {
        name: 'A',
        timeoutMs: 60_000,
        payload: {
          workflowId: 'w',
          taskId: 'A',
          attempt: 1,
          idempotencyKey: 'w/A/1',
          input: { n: 7 },
          dependencies: {},
        },
      },
    ]);
    expect(await taskOf('A')).toMatchObject({
      status: 'SUCCEEDED',
      version: 3,
      claimId: 'claim 1',
      leaseUntil: '2026-01-02T03:05:20.000Z',
      startedAt: '2026-01-02T03:04:05.000Z',
      endedAt: '2026-01-02T03:04:05.000Z',
      output: { kind: 'inline', json: '{"sum":3}' },
      requestId: 'r',
    });
  });

  it('hands it the outputs of the tasks it depends on', async () => {
    const { ports, invoked, ready } = await createBench(({ taskId }) => succeed({ of: taskId }));
    for (const tasks of [['A'], ['B1', 'B2', 'B3'], ['C']]) {
      await ready(...tasks);
      await work(ports, message(...tasks));
    }
    expect(invoked.at(-1)?.payload.dependencies).toEqual({
      B1: { of: 'B1' },
      B2: { of: 'B2' },
      B3: { of: 'B3' },
    });
  });

  it('reads META and every output it needs in one request per message', async () => {
    const { ports, reads, ready } = await createBench(() => succeed(1));
    await ready('A');
    await work(ports, message('A'));
    await ready('B1', 'B2', 'B3');
    await work(ports, message('B1', 'B2', 'B3'));
    expect(reads).toEqual(['getWorkflowAndTasks', 'getWorkflowWithTasks']);
  });

  it('records a failure with its error and reason', async () => {
    const error = { type: 'TypeError', message: 'no', trace: ['at A'] };
    const { ports, ready, taskOf } = await createBench(() => ({
      kind: 'failed',
      error,
      reason: 'TIMEOUT',
    }));
    await ready('A');
    await work(ports, message('A'));
    expect(await taskOf('A')).toMatchObject({ status: 'FAILED', error, reason: 'TIMEOUT' });
  });

  it('fails a task whose output is above the limit, and nothing else', async () => {
    const large = 'x'.repeat(LIMITS.payloadBytes + 1);
    const { ports, ready, taskOf } = await createBench(({ taskId }) =>
      succeed(taskId === 'B1' ? large : 1),
    );
    await ready('B1', 'B2');
    await work(ports, message('B1', 'B2'));
    expect(await taskOf('B1')).toMatchObject({
      status: 'FAILED',
      error: { type: 'OutputTooLarge' },
    });
    expect(await taskOf('B2')).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('keeps a large output beside the item', async () => {
    const output = { text: 'x'.repeat(50_000) };
    const { ports, repository, ready, taskOf } = await createBench(() => succeed(output));
    await ready('A');
    await work(ports, message('A'));
    const { output: payload } = await taskOf('A');
    expect(payload?.kind).toBe('parts');
    expect(payload && (await repository.getPayload('w', payload))).toEqual(output);
  });
});

describe('an outcome that cannot be written', () => {
  it('fails the message only after its other tasks have been recorded', async () => {
    const gates = new Map<string, () => void>();
    const { ports, ready, taskOf } = await createBench(
      ({ taskId }) => new Promise((resolve) => gates.set(taskId, () => resolve(succeed(1)))),
    );
    await ready('B1', 'B2');
    let refusals = 1;
    const failing = new Proxy(ports.repository, {
      get: (target, name: keyof Ports['repository']) =>
        name === 'apply'
          ? async (transitions: Parameters<Ports['repository']['apply']>[0]) => {
              if (transitions[0]?.kind === 'succeed' && refusals-- > 0)
                throw new StoreUnavailableError('gone');
              return target.apply(transitions);
            }
          : target[name],
    });
    const working = work({ ...ports, repository: failing }, message('B1', 'B2'));
    while (gates.size < 2) await new Promise((resolve) => setImmediate(resolve));
    gates.get('B1')?.();
    let isOver = false;
    working.then(
      () => undefined,
      () => (isOver = true),
    );
    while (refusals > 0) await new Promise((resolve) => setImmediate(resolve));
    for (let turns = 0; turns < 10; turns += 1)
      await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    gates.get('B2')?.();
    await expect(working).rejects.toThrow(StoreUnavailableError);
    expect((await taskOf('B1')).status).toBe('RUNNING');
    expect((await taskOf('B2')).status).toBe('SUCCEEDED');
  });
});

describe('claiming', () => {
  it('happens before the function is invoked', async () => {
    const seen: string[] = [];
    const bench = await createBench(async ({ taskId }) => {
      seen.push((await bench.taskOf(taskId)).status);
      return succeed(1);
    });
    await bench.ready('A');
    await work(bench.ports, message('A'));
    expect(seen).toEqual(['RUNNING']);
  });

  it('lets one of two workers with the same message invoke', async () => {
    const { ports, invoked, ready } = await createBench(() => succeed(1));
    await ready('A');
    const reports = await Promise.all([work(ports, message('A')), work(ports, message('A'))]);
    expect(reports.map(({ ran }) => ran).sort()).toEqual([0, 1]);
    expect(invoked).toHaveLength(1);
  });

  it.each([
    ['an older version of the task', { tasks: [{ taskId: 'A', version: 9, attempt: 1 }] }],
    ['another epoch', { epoch: 2 }],
    ['a workflow that is not there', { workflowId: 'gone' }],
  ])('ignores a message for %s', async (_, change) => {
    const { ports, invoked, ready } = await createBench(() => succeed(1));
    await ready('A');
    expect(await work(ports, { ...message('A'), ...change })).toEqual({ ran: 0, ignored: 1 });
    expect(invoked).toEqual([]);
  });

  it('starts nothing of a workflow that is over', async () => {
    const { ports, repository, invoked, ready } = await createBench(() => succeed(1));
    await ready('A');
    await repository.apply([
      {
        kind: 'finish',
        workflowId: 'w',
        epoch: 1,
        definition: { name: 'diamond', revision: 1 },
        status: 'FAILED',
        by: 'stream',
        at: '2026-01-02T03:04:06.000Z',
      },
    ]);
    expect(await work(ports, message('A'))).toEqual({ ran: 0, ignored: 1 });
    expect(invoked).toEqual([]);
  });
});

describe('an outcome', () => {
  it('names a task as witness only while that one has not begun to write its own', async () => {
    const gates = new Map<string, () => void>();
    const { ports, ready, taskOf } = await createBench(
      ({ taskId }) => new Promise((resolve) => gates.set(taskId, () => resolve(succeed(1)))),
    );
    await ready('B1', 'B2', 'B3');
    const working = work(ports, message('B1', 'B2', 'B3'));
    while (gates.size < 3) await new Promise((resolve) => setImmediate(resolve));
    for (const taskId of ['B2', 'B3', 'B1']) {
      gates.get(taskId)?.();
      while ((await taskOf(taskId)).status === 'RUNNING')
        await new Promise((resolve) => setImmediate(resolve));
    }
    await working;
    expect((await taskOf('B2')).witnesses).toEqual(['B1']);
    expect((await taskOf('B3')).witnesses).toEqual(['B1']);
    expect((await taskOf('B1')).witnesses).toBeUndefined();
  });

  it('names no witness whose lease is over', async () => {
    const gates = new Map<string, () => void>();
    const bench = await createBench(
      ({ taskId }) => new Promise((resolve) => gates.set(taskId, () => resolve(succeed(1)))),
    );
    await bench.ready('B1', 'B2');
    const working = work(bench.ports, message('B1', 'B2'));
    while (gates.size < 2) await new Promise((resolve) => setImmediate(resolve));
    bench.advanceTime(76_000);
    for (const taskId of ['B2', 'B1']) gates.get(taskId)?.();
    await working;
    expect((await bench.taskOf('B2')).witnesses).toBeUndefined();
  });

  it('that comes after the lease was taken away changes nothing', async () => {
    const bench = await createBench(async () => {
      const [task] = await bench.repository.getTasks('w', ['A']);
      await bench.repository.apply([
        {
          kind: 'rerun',
          workflowId: 'w',
          taskId: 'A',
          claimId: task?.claimId ?? '',
          attempt: 2,
          pastAttempts: { kind: 'inline', json: '[]' },
          retries: 0,
          lost: 1,
          by: 'sweep',
          at: '2026-01-02T03:06:00.000Z',
        },
      ]);
      return succeed('late');
    });
    await bench.ready('A');
    await work(bench.ports, message('A'));
    expect(await bench.taskOf('A')).toMatchObject({ status: 'READY', attempt: 2 });
    expect((await bench.taskOf('A')).output).toBeUndefined();
  });
});

describe('outcomes of quick tasks', () => {
  async function applied(definition: Definition, taskIds: readonly string[]) {
    const bench = await createBench(() => succeed(1), definition);
    await bench.ready(...taskIds);
    const writes: string[][] = [];
    const { repository } = bench.ports;
    const noting = new Proxy(repository, {
      get: (target, name: keyof typeof repository) =>
        name === 'apply'
          ? (transitions: readonly Transition[]) => {
              const outcomes = transitions.filter(({ kind }) => kind === 'succeed');
              if (outcomes.length > 0)
                writes.push(outcomes.map((each) => ('taskId' in each ? each.taskId : '')));
              return repository.apply(transitions);
            }
          : ((target[name] as () => unknown).bind?.(target) ?? target[name]),
    });
    await work({ ...bench.ports, repository: noting }, messageOf(definition, ...taskIds));
    return { writes, pauses: bench.pauses };
  }

  it('travel in one write when nothing can follow before the last of them', async () => {
    const { writes } = await applied(diamond, ['B1', 'B2', 'B3']);
    expect(writes).toEqual([['B1', 'B2', 'B3']]);
  });

  it('do not wait for each other when something can', async () => {
    const pairs = parseDefinition({
      name: 'pairs',
      tasks: [
        { id: 'A1', function: 'F' },
        { id: 'A2', function: 'F' },
        { id: 'B1', function: 'F', dependsOn: ['A1'] },
        { id: 'B2', function: 'F', dependsOn: ['A2'] },
      ],
    });
    expect((await applied(pairs, ['A1', 'A2'])).pauses).toEqual([]);
  });
});
