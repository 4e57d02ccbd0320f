import { defineSampleTask, type SampleSystem } from './index.js';

const context = {
  functionName: 'f'.repeat(64),
  awsRequestId: '8f14e45f-ceea-4672-a1b5-0123456789ab',
  getRemainingTimeInMillis: () => 1_000,
};

/** A world whose only clock is the sleeping of its tasks. */
class SettableSystem implements SampleSystem {
  time = Date.UTC(2030, 0, 1);
  randomValue = 0;
  nodeVersion = 'v24.3.1';
  executionEnvironment: string | undefined = undefined;
  isContainer = false;
  now = () => new Date(this.time);
  random = () => this.randomValue;
  sleep = async (milliseconds: number) => void (this.time += milliseconds);
}

const payload = (input?: unknown, attempt = 1) => ({
  workflowId: 'w',
  taskId: 'B2',
  attempt,
  idempotencyKey: 'w/B2',
  input,
  dependencies: {},
});

const run = (system: SampleSystem, event: unknown) =>
  defineSampleTask({ name: 'B2', compute: () => ({ answer: 42 }) }, system)(event, context);

describe('a sample task', () => {
  it('tells who ran it, where, and for how long', async () => {
    expect(await run(new SettableSystem(), payload({ delayMs: 250 }))).toEqual({
      functionName: context.functionName,
      requestId: context.awsRequestId,
      runtime: 'nodejs24.x',
      task: 'B2',
      startTime: '2030-01-01T00:00:00.000Z',
      endTime: '2030-01-01T00:00:00.250Z',
      durationMs: 250,
      result: { answer: 42 },
    });
  });

  it.each([
    [0, 300],
    [0.999999, 1_500],
  ])('takes 300 to 1,500 ms when the input names no delay', async (randomValue, durationMs) => {
    const system = Object.assign(new SettableSystem(), { randomValue });
    expect(await run(system, payload())).toMatchObject({ durationMs });
  });

  it('names the runtime Lambda names', async () => {
    const system = Object.assign(new SettableSystem(), {
      executionEnvironment: 'AWS_Lambda_nodejs22.x',
    });
    expect(await run(system, payload({ delayMs: 0 }))).toMatchObject({ runtime: 'nodejs22.x' });
  });

  it('says when it is a container', async () => {
    const system = Object.assign(new SettableSystem(), { isContainer: true });
    expect(await run(system, payload({ delayMs: 0 }))).toMatchObject({
      runtime: 'nodejs24.x (container)',
    });
  });

  it.each([null, 'text', 7, [1], {}, { delayMs: null, failAttempts: null }])(
    'is not steered by the input %j',
    async (input) => {
      expect(await run(new SettableSystem(), payload(input))).toMatchObject({ durationMs: 300 });
    },
  );

  it.each(['5', -1, 840_001, true])('refuses the delay %j', async (delayMs) => {
    await expect(run(new SettableSystem(), payload({ delayMs }))).rejects.toMatchObject({
      name: 'InvalidSampleInputError',
      message: expect.stringContaining('delayMs'),
    });
  });
});

describe('failing on demand', () => {
  it('fails the first attempts and then succeeds', async () => {
    const input = { delayMs: 0, failAttempts: { B2: 2 } };
    for (const attempt of [1, 2])
      await expect(run(new SettableSystem(), payload(input, attempt))).rejects.toMatchObject({
        name: 'SampleFailure',
        message: expect.stringContaining(`attempt ${attempt}`),
      });
    expect(await run(new SettableSystem(), payload(input, 3))).toMatchObject({ task: 'B2' });
  });

  it('leaves other tasks alone', async () => {
    const input = { delayMs: 0, failAttempts: { B1: 9 } };
    expect(await run(new SettableSystem(), payload(input))).toMatchObject({ task: 'B2' });
  });

  it('takes its time before it fails', async () => {
    const system = new SettableSystem();
    const before = system.time;
    const input = { delayMs: 700, failAttempts: { B2: 1 } };
    await expect(run(system, payload(input))).rejects.toThrow();
    expect(system.time - before).toBe(700);
  });

  it.each([[[]], ['B2'], [{ B2: '2' }], [{ B2: -1 }], [{ C: 1.5 }]])(
    'refuses the numbers of attempts %j',
    async (failAttempts) => {
      const input = { delayMs: 0, failAttempts };
      await expect(run(new SettableSystem(), payload(input))).rejects.toMatchObject({
        name: 'InvalidSampleInputError',
      });
    },
  );
});

describe('large outputs on demand', () => {
  it('are padded for the task that is named, and for no other', async () => {
    const ask = (outputBytes: unknown) =>
      run(new SettableSystem(), payload({ delayMs: 0, outputBytes }));
    expect(await ask({ B2: 1_000 })).toMatchObject({ padding: 'x'.repeat(1_000) });
    expect(await ask({ B1: 1_000 })).not.toHaveProperty('padding');
    await expect(ask({ B2: -1 })).rejects.toMatchObject({
      message: expect.stringContaining('outputBytes'),
    });
  });
});
