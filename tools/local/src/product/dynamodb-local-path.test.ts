/**
 * The healthy path on each engine: on the one that runs here, and on AWS's own DynamoDB Local where this machine has Java and
 * the jar (bin/fetch-dynamodb-local.mjs brings it).
 */
import type { Stoppable } from '../runtime.js';
import { startStack, type RunningStack } from '../stack.js';
import { findDynamoDbLocal, startDynamoDbLocal } from './dynamodb-local.fixture.js';
import { ASSEMBLY, ended, ledgerOf, metricOf, start } from './sample-stack.fixture.js';

jest.setTimeout(180_000);

interface Engine extends Stoppable {
  readonly environment: Readonly<Record<string, string | undefined>>;
}

async function local(): Promise<Engine> {
  return { environment: { PATH: process.env['PATH'] }, stop: async () => undefined };
}

function describeHealthyPath(name: string, open: () => Promise<Engine>): void {
  describe(`the diamond on ${name}`, () => {
    let engine: Engine;
    let stack: RunningStack;
    beforeAll(async () => {
      engine = await open();
      stack = await startStack({
        ...{ ephemeral: true, assemblyDirectory: ASSEMBLY, scheduleEverySeconds: 1 },
        environment: engine.environment,
        onNotice: () => undefined,
      });
    });
    afterAll(async () => {
      await stack?.stop();
      await engine?.stop();
    });

    it('ends in SUCCESS, each task executed once in order, and nothing repaired', async () => {
      const id = await start(stack, { delayMs: 0 });
      const { status, tasks } = await ended(stack, id);
      expect(status).toBe('SUCCESS');
      expect(tasks.map((task) => `${task.taskId} ${task.status} ${task.attempt}`)).toEqual(
        ['A', 'B1', 'B2', 'B3', 'C'].map((taskId) => `${taskId} SUCCEEDED 1`),
      );
      const [first, ...others] = ledgerOf(stack).map(
        ({ taskId, attempt }) => `${taskId} ${attempt}`,
      );
      expect(first).toBe('A 1');
      expect(others.pop()).toBe('C 1');
      expect(others.sort()).toEqual(['B1 1', 'B2 1', 'B3 1']);
      expect(metricOf(stack, 'SweeperRepairs')).toBe(0);
    });

    it('ends in FAILED when a task does, and skips what depends on it', async () => {
      const id = await start(stack, { delayMs: 0, failAttempts: { B2: 99 } });
      const { status, tasks } = await ended(stack, id);
      expect(status).toBe('FAILED');
      expect(tasks.find(({ taskId }) => taskId === 'C')).toMatchObject({
        status: 'SKIPPED',
        reason: 'UPSTREAM_FAILED',
      });
    });
  });
}

describeHealthyPath('the local engine', local);

const found = findDynamoDbLocal();
if (found.kind === 'missing') console.log(`not run on DynamoDB Local: ${found.reason}`);
else
  describeHealthyPath("AWS's DynamoDB Local", async () => {
    const { url, stop } = await startDynamoDbLocal(found);
    return { environment: { PATH: process.env['PATH'], DYNAMODB_ENDPOINT: url }, stop };
  });
