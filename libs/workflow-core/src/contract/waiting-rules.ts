/** Workflows and tasks that wait for a place. */
import { randomUUID } from 'node:crypto';
import type { AdmitTransition, PostponeTransition } from '../repository.js';
import type { Task, Workflow } from '../workflow.js';
import { AT, LATER, type Workbench } from './workbench.js';

const IN_A_WHILE = '2026-01-02T03:09:05.006Z';

export function describeWaiting(bench: Workbench): void {
  const { started, ready, claim, taskOf } = bench;

  describe('letting a workflow in', () => {
    async function waiting(epoch = 1): Promise<Workflow> {
      const meta = bench.newWorkflow({
        ...{ status: 'PENDING', concurrencyKey: '', duties: ['place'], epoch },
        definition: { name: `limited-${randomUUID()}`, revision: 1 },
      });
      await bench.repository.createWorkflow(meta);
      return meta;
    }
    const admit = ({ workflowId, definition }: Workflow, at = LATER): AdmitTransition => ({
      ...{ kind: 'admit', workflowId, epoch: 1, definition },
      ...{ nextCheckAt: IN_A_WHILE, at },
    });

    it('makes it RUNNING from then on, and it is listed so', async () => {
      const workflow = await waiting();
      expect(await bench.repository.apply([admit(workflow)])).toEqual([{ kind: 'applied' }]);
      expect(await bench.repository.getWorkflow(workflow.workflowId)).toEqual({
        ...workflow,
        ...{ status: 'RUNNING', startedAt: LATER, version: 2, nextCheckAt: IN_A_WHILE },
      });
      const { name } = workflow.definition;
      const query = { definition: name, limit: 5 } as const;
      const { items } = await bench.repository.listWorkflows({ ...query, status: 'RUNNING' });
      expect(items.map(({ workflowId }) => workflowId)).toEqual([workflow.workflowId]);
      const pending = await bench.repository.listWorkflows({ ...query, status: 'PENDING' });
      expect(pending.items).toEqual([]);
    });

    it('happens once, and not in another epoch', async () => {
      const workflow = await waiting();
      const moments = ['2026-01-02T03:05:01.000Z', '2026-01-02T03:05:02.000Z'];
      const results = await Promise.all(
        moments.map((at) => bench.repository.apply([admit(workflow, at)])),
      );
      expect(results.map(([result]) => result?.kind).sort()).toEqual(['applied', 'lost']);
      const later = await waiting(2);
      expect(await bench.repository.apply([admit(later)])).toMatchObject([{ kind: 'lost' }]);
    });
  });

  describe('postponing a task', () => {
    async function pending(): Promise<Task> {
      const { origin } = await started();
      await bench.repository.apply([ready(origin, 'A')]);
      return taskOf(origin.workflowId);
    }
    const postpone = (
      task: Task,
      changes: Partial<PostponeTransition> = {},
    ): PostponeTransition => ({
      ...{ kind: 'postpone', task, notBefore: AT, leaseUntil: LATER, at: AT },
      ...changes,
    });

    it("leaves it READY, one worker's to wait with, and claimed at its new version only", async () => {
      const task = await pending();
      expect(await bench.repository.apply([postpone(task)])).toEqual([{ kind: 'applied' }]);
      const now = await taskOf(task.workflowId);
      expect(now).toEqual({
        ...task,
        ...{ version: 2, notBefore: AT, leaseUntil: LATER, postponed: 1, postponedAt: AT },
      });
      const stale = claim({ ...task, expiresAt: 1 }, 'A', 'mine');
      expect(await bench.repository.apply([stale])).toMatchObject([{ kind: 'lost' }]);
      expect(await bench.repository.apply([{ ...stale, version: 2 }])).toEqual([
        { kind: 'applied' },
      ]);
    });

    it("is done by one of two, and then the sweep's without a lease", async () => {
      const task = await pending();
      const results = await Promise.all(
        [LATER, IN_A_WHILE].map((leaseUntil) =>
          bench.repository.apply([postpone(task, { leaseUntil })]),
        ),
      );
      expect(results.map(([result]) => result?.kind).sort()).toEqual(['applied', 'lost']);
      const held = await taskOf(task.workflowId);
      const handedOver = { kind: 'postpone', task: held, notBefore: AT, at: LATER } as const;
      await bench.repository.apply([handedOver]);
      const now = await taskOf(task.workflowId);
      expect(now).toMatchObject({ status: 'READY', version: 3, postponed: 2, postponedAt: LATER });
      expect(now.leaseUntil).toBeUndefined();
    });

    it('counts for its attempt: the next begins without', async () => {
      const task = await pending();
      const { workflowId } = task;
      await bench.repository.apply([postpone(task)]);
      await bench.repository.apply([
        { ...claim({ ...task, expiresAt: 1 }, 'A', 'mine'), version: 2 },
      ]);
      await bench.repository.apply([
        {
          ...{ kind: 'rerun', workflowId, taskId: 'A', claimId: 'mine', attempt: 2 },
          ...{ retries: 1, lost: 0, pastAttempts: { kind: 'inline', json: '[]' } },
          ...{ wasPostponed: true, by: 'worker', at: LATER },
        },
      ]);
      const now = await taskOf(workflowId);
      expect([now.attempt, now.postponed, now.postponedAt]).toEqual([2, undefined, undefined]);
    });
  });
}
