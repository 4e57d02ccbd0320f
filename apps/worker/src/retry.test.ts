import {
  CorruptItemError,
  parseDefinition,
  readPastAttempts,
  type Definition,
  type TaskPayload,
} from '@orchestra/workflow-core';
import type { Outcome } from './ports.js';
import { START, createBench, messageOf, succeed } from './testing/bench.js';
import { work } from './work.js';

const LONG = 900_000;
const inSeconds = (seconds: number) => new Date(START + seconds * 1000).toISOString();

const withRetry = (retry: object, more: object = {}): Definition =>
  parseDefinition({ name: 'w', tasks: [{ id: 'A', function: 'A', retry, ...more }] });

const failure = (type = 'Flaky'): Outcome => ({
  kind: 'failed',
  error: { type, message: 'no', trace: [] },
  requestId: `request of ${type}`,
});

/** Fails so many times, then succeeds. */
const failing =
  (times: number, type?: string) =>
  ({ attempt }: TaskPayload): Outcome =>
    attempt <= times ? failure(type) : succeed(attempt);

describe('a task that fails and has a retry', () => {
  it('is tried again by its worker after growing delays, with the same idempotency key', async () => {
    const definition = withRetry({ intervalSeconds: 2, backoffRate: 3 });
    const { ports, invoked, pauses, counts, ready, taskOf } = await createBench(
      failing(2),
      definition,
    );
    await ready('A');
    expect(await work(ports, messageOf(definition, 'A'), () => LONG)).toEqual({
      ran: 1,
      ignored: 0,
    });
    expect(pauses).toEqual([2_000, 6_000]);
    expect(invoked.map(({ payload }) => [payload.attempt, payload.idempotencyKey])).toEqual([
      [1, 'w/A/1'],
      [2, 'w/A/1'],
      [3, 'w/A/1'],
    ]);
    expect(counts.get('TasksRetried')).toBe(2);
    expect(await taskOf('A')).toMatchObject({
      status: 'SUCCEEDED',
      attempt: 3,
      retries: 2,
      version: 7,
      output: { json: '3' },
    });
  });

  it('keeps every attempt with its times, its error and its request id', async () => {
    const definition = withRetry({ intervalSeconds: 10 });
    const { ports, repository, ready, taskOf } = await createBench(failing(2), definition);
    await ready('A');
    await work(ports, messageOf(definition, 'A'), () => LONG);
    const past = await readPastAttempts(repository, await taskOf('A'));
    expect(past).toMatchObject([
      { attempt: 1, startedAt: inSeconds(0), endedAt: inSeconds(0), error: { type: 'Flaky' } },
      {
        attempt: 2,
        startedAt: inSeconds(10),
        endedAt: inSeconds(10),
        requestId: 'request of Flaky',
      },
    ]);
  });

  it('fails once its tries are used up', async () => {
    const definition = withRetry({ maxAttempts: 1 });
    const { ports, invoked, ready, taskOf } = await createBench(failing(9), definition);
    await ready('A');
    await work(ports, messageOf(definition, 'A'), () => LONG);
    expect(invoked).toHaveLength(2);
    expect(await taskOf('A')).toMatchObject({ status: 'FAILED', attempt: 2, retries: 1 });
  });

  it.each([
    ['an error it names', { retryOn: ['Flaky'] }, 'Flaky', 2],
    ['no other error then', { retryOn: ['Flaky'] }, 'TypeError', 1],
    ['not what it excludes', { doNotRetryOn: ['Flaky'] }, 'Flaky', 1],
    ['a timeout', {}, 'TaskTimeout', 2],
    ['nothing that would only come again', {}, 'InvalidOutput', 1],
    ['that too when it is named', { retryOn: ['InvalidOutput'] }, 'InvalidOutput', 2],
  ])('retries %s', async (_, retry, type, invocations) => {
    const definition = withRetry(retry);
    const { ports, invoked, ready } = await createBench(failing(1, type), definition);
    await ready('A');
    await work(ports, messageOf(definition, 'A'), () => LONG);
    expect(invoked).toHaveLength(invocations);
  });

  it('spreads its retries over the delay where it asks for jitter', async () => {
    const definition = withRetry({ intervalSeconds: 8, jitter: 'FULL' });
    const { ports, pauses, ready } = await createBench(failing(1), definition);
    await ready('A');
    await work(ports, messageOf(definition, 'A'), () => LONG);
    expect(pauses).toEqual([4_000]);
  });
});

describe('a retry that does not fit what is left of the worker', () => {
  it('is left to the sweep, which is told to look in time', async () => {
    const definition = withRetry({ intervalSeconds: 300 });
    const { ports, repository, invoked, pauses, ready, taskOf } = await createBench(
      failing(1),
      definition,
    );
    await repository.apply([
      { kind: 'check', workflowId: 'w', epoch: 1, version: 1, nextCheckAt: inSeconds(900) },
    ]);
    await ready('A');
    await work(ports, messageOf(definition, 'A'), () => 300_000);
    expect([invoked.length, pauses]).toEqual([1, []]);
    const task = await taskOf('A');
    expect(task).toMatchObject({ status: 'READY', attempt: 2, notBefore: inSeconds(300) });
    expect(task.leaseUntil).toBeUndefined();
    expect(await repository.getWorkflow('w')).toMatchObject({ nextCheckAt: inSeconds(300) });
  });

  it('leaves a check that comes earlier as it is', async () => {
    const definition = withRetry({ intervalSeconds: 300 });
    const { ports, repository, ready } = await createBench(failing(1), definition);
    await ready('A');
    await work(ports, messageOf(definition, 'A'), () => 1_000);
    expect(await repository.getWorkflow('w')).toMatchObject({
      version: 1,
      nextCheckAt: inSeconds(0),
    });
  });
});

describe('a worker that waits with a retry', () => {
  const definition = withRetry({ intervalSeconds: 20 });

  it('holds a lease until shortly after', async () => {
    const { ports, ready, taskOf } = await createBench(failing(1), definition);
    const seen: unknown[] = [];
    await ready('A');
    const pause = async () => {
      seen.push(await taskOf('A'));
    };
    await work({ ...ports, pause }, messageOf(definition, 'A'), () => LONG);
    expect(seen).toMatchObject([
      { status: 'READY', notBefore: inSeconds(20), leaseUntil: inSeconds(35) },
    ]);
  });

  it('starts nothing when the workflow was cancelled meanwhile', async () => {
    const { ports, repository, invoked, ready, taskOf } = await createBench(failing(1), definition);
    await ready('A');
    const pause = async () => {
      await repository.apply([
        {
          kind: 'stop',
          workflowId: 'w',
          epoch: 1,
          definition: { name: 'w', revision: 1 },
          status: 'CANCELLED',
          by: 'operator',
          at: inSeconds(5),
        },
      ]);
    };
    await work({ ...ports, pause }, messageOf(definition, 'A'), () => LONG);
    expect(invoked).toHaveLength(1);
    expect(await taskOf('A')).toMatchObject({ status: 'READY' });
  });

  it('does not retry what was taken from it while it ran', async () => {
    const { ports, repository, invoked, ready, taskOf } = await createBench(async () => {
      const task = await taskOf('A');
      await repository.apply([{ kind: 'cancelTask', task, by: 'operator', at: inSeconds(1) }]);
      return failure();
    }, definition);
    await ready('A');
    await work(ports, messageOf(definition, 'A'), () => LONG);
    expect(invoked).toHaveLength(1);
    expect(await taskOf('A')).toMatchObject({ status: 'CANCELLED', attempt: 1 });
  });
});

describe('what a task works on', () => {
  it('that can never be read fails the task instead of holding it for ever', async () => {
    const definition = withRetry({});
    const bench = await createBench(() => succeed(1), definition);
    await bench.ready('A');
    const { repository } = bench.ports;
    const broken = new Proxy(repository, {
      get: (target, name: keyof typeof repository) =>
        name === 'getPayload'
          ? async () => {
              throw new CorruptItemError('a part is missing');
            }
          : target[name],
    });
    await work({ ...bench.ports, repository: broken }, messageOf(definition, 'A'), () => LONG);
    expect(bench.invoked).toEqual([]);
    expect(await bench.taskOf('A')).toMatchObject({
      status: 'FAILED',
      error: { type: 'InputUnreadable', message: 'the input: a part is missing' },
    });
  });
});
