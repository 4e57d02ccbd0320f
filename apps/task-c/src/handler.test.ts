import { handler } from './handler.js';

const run = (dependencies: unknown) =>
  handler(
    {
      workflowId: 'w'.repeat(128),
      taskId: 'C',
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
const upstream = {
  B1: { result: { count: 8, sum: 3463 } },
  B2: { result: { median: 358.5, sorted: [1] } },
  B3: { result: { max: 999, checksum: '0badcafe' } },
};

describe('task C', () => {
  it('brings together what the three before it found', async () => {
    expect((await run(upstream)).result).toEqual({
      count: 8,
      sum: 3463,
      mean: 432.88,
      median: 358.5,
      max: 999,
      checksum: '0badcafe',
    });
  });

  it('stays under 450 bytes for the longest names and numbers', async () => {
    expect(Buffer.byteLength(JSON.stringify(await run(upstream)))).toBeLessThan(450);
  });

  it.each(['B1', 'B2', 'B3'])('does not run without %s', async (missing) => {
    await expect(run({ ...upstream, [missing]: undefined })).rejects.toMatchObject({
      name: 'MissingUpstreamResultError',
      message: expect.stringContaining(`dependencies.${missing}.result`),
    });
  });
});
