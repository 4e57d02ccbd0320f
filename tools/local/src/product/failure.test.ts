/** A task that fails, seen through the API. */
import type { RunningStack } from '../stack.js';
import { call, ended, start, startSample } from './sample-stack.fixture.js';

jest.setTimeout(120_000);

describe('a workflow with a task that fails', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await startSample();
  });
  afterAll(() => stack.stop());

  it.each(['A', 'B1', 'B2', 'B3', 'C'])(
    '%s ends FAILED with its error, what depends on it SKIPPED',
    async (failing) => {
      const id = await start(stack, { delayMs: 0, failAttempts: { [failing]: 99 } });
      const { status, tasks } = await ended(stack, id);
      expect(status).toBe('FAILED');
      const failed = tasks.find(({ taskId }) => taskId === failing);
      expect(failed).toMatchObject({ status: 'FAILED', attempt: 1 });
      expect(failed?.error?.type).not.toBe('');
      expect(failed?.error?.message).toContain(failing);
      expect(failed?.error?.trace).not.toHaveLength(0);
      const below = failing === 'A' ? ['B1', 'B2', 'B3', 'C'] : failing === 'C' ? [] : ['C'];
      for (const task of tasks) {
        if (task.taskId === failing) continue;
        if (below.includes(task.taskId))
          expect(task).toMatchObject({ status: 'SKIPPED', reason: 'UPSTREAM_FAILED', attempt: 0 });
        else expect(task).toMatchObject({ status: 'SUCCEEDED' });
      }
    },
  );

  it('is listed under its status', async () => {
    const id = await start(stack, { delayMs: 0, failAttempts: { B2: 99 } });
    await ended(stack, id);
    const { body } = await call(stack, 'workflows?status=FAILED');
    expect(body['workflows']).toContainEqual(
      expect.objectContaining({ workflowId: id, status: 'FAILED' }),
    );
  });
});
