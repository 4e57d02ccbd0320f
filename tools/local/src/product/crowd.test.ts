/** Two hundred diamonds at once, and what became of each of their tasks. */
import { childrenOf } from '../processes.fixture.js';
import type { RunningStack } from '../stack.js';
import {
  ended,
  isOver,
  ledgerOf,
  metricOf,
  start,
  startSample,
  until,
  call,
} from './sample-stack.fixture.js';

jest.setTimeout(180_000);

const WORKFLOWS = 200;

describe(`${WORKFLOWS} diamonds started at once`, () => {
  let stack: RunningStack;
  let ids: string[];
  beforeAll(async () => {
    stack = await startSample();
    ids = await Promise.all(
      Array.from({ length: WORKFLOWS }, (_, n) => start(stack, { delayMs: 20 }, `crowd-${n}`)),
    );
    await until(
      async () => metricOf(stack, 'WorkflowsSucceeded'),
      (sum) => sum >= WORKFLOWS,
      150_000,
    );
  });
  afterAll(() => stack.stop());

  it('all end in SUCCESS', async () => {
    const statuses = new Set<string>();
    for (const id of ids) {
      const workflow = await ended(stack, id);
      expect(isOver(workflow)).toBe(true);
      statuses.add(workflow.status);
    }
    expect([...statuses]).toEqual(['SUCCESS']);
  });

  it('executed every task exactly once, as the tasks themselves noted', () => {
    const lines = ledgerOf(stack);
    expect(lines).toHaveLength(WORKFLOWS * 5);
    const distinct = new Set(
      lines.map(({ workflowId, taskId, attempt }) => `${workflowId} ${taskId} ${attempt}`),
    );
    expect(distinct.size).toBe(WORKFLOWS * 5);
    expect(new Set(lines.map(({ attempt }) => attempt))).toEqual(new Set([1]));
  });

  it('needed no repair by the sweep', () => {
    expect(metricOf(stack, 'SweeperRepairs')).toBe(0);
  });

  it('are all in the listing, once each', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await call(stack, `workflows?limit=70${cursor}`);
      seen.push(
        ...(body['workflows'] as { workflowId: string }[]).map(({ workflowId }) => workflowId),
      );
      cursor = body['nextCursor']
        ? `&cursor=${encodeURIComponent(String(body['nextCursor']))}`
        : '';
    } while (cursor !== '');
    expect(seen.sort()).toEqual([...ids].sort());
  });

  it('leave no process behind once the stack is stopped', async () => {
    await stack.stop();
    expect(childrenOf(process.pid)).toEqual([]);
  });
});
