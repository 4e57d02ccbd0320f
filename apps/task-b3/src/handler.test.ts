import { handler } from './handler.js';

const run = (dependencies: unknown) =>
  handler(
    {
      workflowId: 'w'.repeat(128),
      taskId: 'B3',
      attempt: 1,
      idempotencyKey: 'k',
      input: { delayMs: 0 },
      dependencies,
    },
    {
      functionName: 'f'.repeat(64),
      awsRequestId: '8f14e45f-ceea-4672-a1b5-0123456789ab',
      getRemainingTimeInMillis: () => 1_000,
    },
  );
const numbers = [412, 7, 999, 12, 305, 999, 88, 640];

describe('task B3', () => {
  it('finds the largest number of A and a checksum of them all', async () => {
    const { result } = await run({ A: { result: { numbers } } });
    expect(result).toEqual({ max: 999, checksum: '0f09e49e' });
  });

  it('stays under 450 bytes for the longest names and numbers', async () => {
    const output = JSON.stringify(await run({ A: { result: { numbers: Array(8).fill(999) } } }));
    expect(Buffer.byteLength(output)).toBeLessThan(450);
  });

  it.each([
    {},
    { A: null },
    { A: { result: { numbers: [] } } },
    { A: { result: { numbers: ['7'] } } },
  ])('names what it misses in %j', async (dependencies) => {
    await expect(run(dependencies)).rejects.toMatchObject({
      name: 'MissingUpstreamResultError',
      message: 'dependencies.A.result.numbers must be a list of numbers',
    });
  });
});
