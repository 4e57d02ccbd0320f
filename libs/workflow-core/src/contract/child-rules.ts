/** Workflows that a task of another runs: what of them is kept, through their ends and redrives. */
import type { Redrive, Task, Workflow } from '../workflow.js';
import { AT, LATER, finish, type Workbench } from './workbench.js';

const CHILD: Partial<Workflow> = {
  startBy: 'table',
  parent: { workflowId: 'above', taskId: 'B[3]', epoch: 1 },
  depth: 2,
  duties: ['parent', 'place'],
  concurrencyKey: 'k',
};
const REDRIVE: Redrive = {
  epoch: 2,
  at: LATER,
  token: 'of its parent',
  selection: { kind: 'unfinished' },
  fromRevision: 1,
  from: { status: 'FAILED', endedAt: LATER },
};

export function describeChildren(bench: Workbench): void {
  describe('a workflow that a task of another runs', () => {
    it('is kept with what it runs for, how far below it stands and what it has to do at its end', async () => {
      const { workflow } = await bench.started(CHILD);
      expect(await bench.repository.getWorkflow(workflow.workflowId)).toEqual(workflow);
    });

    it('stays due when it ends, until it is settled', async () => {
      const { workflow } = await bench.started(CHILD);
      const { workflowId } = workflow;
      await bench.repository.apply([{ ...finish(workflow, 'SUCCESS'), staysDue: true }]);
      const ended = await bench.repository.getWorkflow(workflowId);
      expect(ended).toMatchObject({ status: 'SUCCESS', nextCheckAt: LATER, duties: CHILD.duties });
      await bench.repository.apply([{ kind: 'settle', workflowId, epoch: 1, version: 2 }]);
      expect((await bench.repository.getWorkflow(workflowId))?.nextCheckAt).toBeUndefined();
    });

    it('names the epoch for which it is redriven, in the same write', async () => {
      const { concurrencyKey, ...child } = CHILD;
      expect(concurrencyKey).toBeDefined();
      const { workflow } = await bench.started(child);
      await bench.repository.apply([finish(workflow, 'FAILED')]);
      const ended = (await bench.repository.getWorkflow(workflow.workflowId)) as Workflow;
      const parent = { workflowId: 'above', taskId: 'B[3]', epoch: 5 };
      const { definition } = workflow;
      const order = { kind: 'redrive', workflow: ended, definition, redrive: REDRIVE } as const;
      await bench.repository.apply([{ ...order, nextCheckAt: LATER, parent }]);
      expect(await bench.repository.getWorkflow(workflow.workflowId)).toMatchObject({
        ...{ status: 'RUNNING', epoch: 2, parent, redrives: [REDRIVE] },
        ...{ startBy: 'table', depth: 2, duties: CHILD.duties },
      });
    });
  });

  describe('a task that runs a workflow', () => {
    it('names it from its suspension on, and in the next epoch still', async () => {
      const { workflowId, origin } = await bench.running();
      const own = { workflowId, taskId: 'A', claimId: 'mine', at: LATER } as const;
      const error = { type: 'ChildFailed', message: '', trace: [] };
      const input = { kind: 'inline', json: '{}' } as const;
      await bench.repository.apply([{ ...own, kind: 'suspend', child: 'sub-1', input }]);
      expect(await bench.taskOf(workflowId)).toMatchObject({
        child: 'sub-1',
        input,
        suspendedAt: LATER,
      });
      await bench.repository.apply([{ ...own, kind: 'fail', error, by: 'stream' }]);
      const task: Task = await bench.taskOf(workflowId);
      const over = { task, pastAttempts: { kind: 'inline', json: '[]' } } as const;
      const ready = { kind: 'ready', taskId: 'A', by: 'operator', at: LATER } as const;
      await bench.repository.apply([{ ...ready, origin: { ...origin, epoch: 2 }, over }]);
      const again = await bench.taskOf(workflowId);
      expect(again).toMatchObject({ status: 'READY', epoch: 2, child: 'sub-1' });
      expect(again.suspendedAt).toBeUndefined();
      expect(again.input).toBeUndefined();
    });
  });

  describe('stopping a workflow that sleeps', () => {
    it('makes it due, where that is asked for', async () => {
      const { workflow } = await bench.started({ nextCheckAt: '2027-01-01T00:00:00.000Z' });
      const { workflowId, definition } = workflow;
      const stop = { kind: 'stop', workflowId, epoch: 1, definition, status: 'CANCELLED' } as const;
      await bench.repository.apply([{ ...stop, by: 'operator', at: AT, nextCheckAt: LATER }]);
      const stopped = await bench.repository.getWorkflow(workflowId);
      expect(stopped).toMatchObject({ status: 'CANCELLED', nextCheckAt: LATER });
    });
  });
}
