/** A suspension, and those who come too late for it: its own repeat, and whoever took its worker for lost. */
import type { SuspendTransition, Transition } from '../repository.js';
import { AT, LATER, type Workbench } from './workbench.js';

export function describeSuspension(bench: Workbench): void {
  const suspend = (workflowId: string, leaseUntil: string): SuspendTransition => ({
    ...{ kind: 'suspend', workflowId, taskId: 'A', claimId: 'mine', leaseUntil },
    ...{ wakeAt: '2026-01-03T03:04:05.006Z', at: LATER },
  });

  describe('suspending a task', () => {
    it('is one write, however often it is repeated after a lost reply', async () => {
      const { workflowId } = await bench.running();
      const { leaseUntil = '' } = await bench.taskOf(workflowId);
      const transition = suspend(workflowId, leaseUntil);
      expect(await bench.repository.apply([transition])).toEqual([{ kind: 'applied' }]);
      const suspended = await bench.taskOf(workflowId);
      expect(await bench.repository.apply([transition])).toEqual([{ kind: 'applied' }]);
      expect(await bench.taskOf(workflowId)).toEqual(suspended);
    });

    it('is not undone by one who read it before and took its worker for lost', async () => {
      const { workflowId } = await bench.running();
      const { leaseUntil = '', version } = await bench.taskOf(workflowId);
      await bench.repository.apply([suspend(workflowId, leaseUntil)]);
      const common = {
        workflowId,
        taskId: 'A',
        claimId: 'mine',
        version,
        by: 'sweep',
        at: AT,
      } as const;
      const rerun: Transition = {
        ...{ ...common, kind: 'rerun', attempt: 2, retries: 0, lost: 1 },
        pastAttempts: { kind: 'inline', json: '[]' },
      };
      const error = { type: 'WorkerLost', message: '', trace: [] };
      for (const late of [rerun, { ...common, kind: 'fail', error } as const]) {
        const [result] = await bench.repository.apply([late]);
        expect(result?.kind).toBe('lost');
      }
      expect(await bench.taskOf(workflowId)).toMatchObject({
        status: 'RUNNING',
        suspendedAt: LATER,
      });
    });
  });
}
