/** A stack that is stopped in the middle of a workflow and started again on the same data. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningStack } from '../stack.js';
import {
  ended,
  get,
  ledgerOf,
  start,
  startSample,
  until,
  type SeenWorkflow,
} from './sample-stack.fixture.js';

jest.setTimeout(240_000);

const statusOf = ({ tasks }: SeenWorkflow, taskId: string) =>
  tasks.find((task) => task.taskId === taskId)?.status;

const shortLeases = {
  TASK_TIMEOUT_SECONDS: '8',
  LEASE_MARGIN_SECONDS: '2',
  FIRST_CHECK_SECONDS: '5',
};

describe('a stack stopped in the middle of a workflow', () => {
  let directory: string;
  let stack: RunningStack | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'orchestra-restart-'));
  });
  afterEach(async () => {
    await stack?.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const startHere = () =>
    startSample({ dataDirectory: directory }, { functionEnvironment: shortLeases });

  it('goes on where it was after the next start, and executes no task twice', async () => {
    stack = await startHere();
    const id = await start(stack, { delayMs: 500 });
    await until(
      () => get(stack as RunningStack, id),
      (seen) => statusOf(seen, 'B1') === 'RUNNING',
    );
    await stack.stop();
    stack = await startHere();
    const workflow = await ended(stack, id);
    expect(workflow.status).toBe('SUCCESS');
    const executions = ledgerOf(stack).map(({ taskId, attempt }) => `${taskId} ${attempt}`);
    expect(executions.sort()).toEqual(['A 1', 'B1 1', 'B2 1', 'B3 1', 'C 1']);
  });

  it('runs a task again whose execution was cut off, under its next attempt', async () => {
    stack = await startHere();
    const id = await start(stack, { delayMs: 7_000 });
    await until(
      () => get(stack as RunningStack, id),
      (seen) => statusOf(seen, 'A') === 'RUNNING',
    );
    await stack.stop();
    stack = await startHere();
    expect(statusOf(await get(stack, id), 'A')).toBe('RUNNING');
    const again = await until(
      () => get(stack as RunningStack, id),
      ({ tasks }) => (tasks.find(({ taskId }) => taskId === 'A')?.attempt ?? 0) > 1,
      30_000,
    );
    expect(again.status).toBe('RUNNING');
  });
});
