import { handler } from './handler.js';

const run = (workflowId: string) =>
  handler(
    { workflowId, taskId: 'A', attempt: 1, idempotencyKey: 'k', input: { delayMs: 0 } },
    {
      functionName: 'f'.repeat(64),
      awsRequestId: '8f14e45f-ceea-4672-a1b5-0123456789ab',
      getRemainingTimeInMillis: () => 1_000,
    },
  );

describe('task A', () => {
  it('makes eight whole numbers from 1 to 999', async () => {
    const { numbers } = (await run('w-1')).result;
    expect(numbers).toHaveLength(8);
    for (const number of numbers)
      expect(Number.isInteger(number) && number >= 1 && number <= 999).toBe(true);
  });

  it('makes the same numbers for the same workflow and others for another', async () => {
    const first = (await run('w-1')).result;
    expect((await run('w-1')).result).toEqual(first);
    expect((await run('w-2')).result).not.toEqual(first);
  });

  it('stays under 450 bytes for the longest names', async () => {
    const output = JSON.stringify(await run('w'.repeat(128)));
    expect(Buffer.byteLength(output)).toBeLessThan(450);
  });
});
