/** Tasks that wait: for a moment or an answer. */
import type { FailTransition, SucceedTransition, SuspendTransition } from '../repository.js';
import { AT, LATER, everyPage, type Workbench } from './workbench.js';

const output = (value: number) => ({ kind: 'inline', json: String(value) }) as const;
const later = (minutes: number) => new Date(Date.parse(LATER) + minutes * 60_000).toISOString();

export function describeCallbacks(bench: Workbench): void {
  const { running, taskOf } = bench;

  const suspension = (
    workflowId: string,
    changes: Partial<SuspendTransition> = {},
  ): SuspendTransition => ({
    kind: 'suspend',
    workflowId,
    taskId: 'A',
    claimId: 'mine',
    wakeAt: LATER,
    at: AT,
    ...changes,
  });
  const callback = (openedAt = AT) => ({ secret: 'secret', openedAt });
  async function asked(taskId = 'A', openedAt = AT) {
    const { workflowId } = await running(taskId);
    await bench.repository.apply([
      suspension(workflowId, { taskId, callback: callback(openedAt), input: output(7) }),
    ]);
    return { workflowId, task: await taskOf(workflowId, taskId) };
  }
  const answer = (workflowId: string, requestId: string): SucceedTransition => ({
    ...{ kind: 'succeed', workflowId, taskId: 'A', claimId: 'mine', output: output(1) },
    ...{ by: 'operator', answers: true, requestId, at: LATER },
  });
  const expiry = (workflowId: string, version: number): FailTransition => ({
    ...{ kind: 'fail', workflowId, taskId: 'A', claimId: 'mine', answers: true, version },
    ...{ error: { type: 'CallbackTimeout', message: 'late', trace: [] }, reason: 'TIMEOUT' },
    ...{ by: 'sweep', at: LATER },
  });
  const inbox = async (limit: number, ...workflowIds: string[]) => {
    const tasks = await everyPage((cursor) => bench.repository.listCallbacks({ limit, ...cursor }));
    return tasks.map(({ workflowId }) => workflowId).filter((id) => workflowIds.includes(id));
  };

  describe('suspending a task', () => {
    it('leaves it to nobody until its moment', async () => {
      const { workflowId, origin } = await running();
      const [result] = await bench.repository.apply([suspension(workflowId)]);
      expect(result).toEqual({ kind: 'applied' });
      expect(await taskOf(workflowId)).toEqual({
        ...origin,
        ...{ taskId: 'A', status: 'RUNNING', version: 3, attempt: 1, claimId: 'mine' },
        ...{ readyAt: AT, readyBy: 'start', startedAt: AT, suspendedAt: AT, wakeAt: LATER },
      });
    });

    it('is for whoever holds it, and counts as done when its reply was lost', async () => {
      const { workflowId } = await running();
      const [lost] = await bench.repository.apply([suspension(workflowId, { claimId: 'other' })]);
      expect(lost).toMatchObject({ kind: 'lost', current: { status: 'RUNNING', version: 2 } });
      await bench.repository.apply([suspension(workflowId)]);
      const [ended] = await bench.repository.apply([
        { kind: 'succeed', workflowId, taskId: 'A', claimId: 'mine', by: 'sweep', at: LATER },
      ]);
      expect(ended).toEqual({ kind: 'applied' });
      const [tooLate] = await bench.repository.apply([suspension(workflowId)]);
      expect(tooLate).toMatchObject({ kind: 'lost', current: { status: 'SUCCEEDED' } });
      expect(await taskOf(workflowId)).toMatchObject({ endedBy: 'sweep', version: 4 });
    });
  });

  describe('a task that waits for an answer', () => {
    it('is ended by one of many answers', async () => {
      const { workflowId } = await asked();
      const results = await Promise.all(
        ['a', 'b', 'c', 'd'].map(
          async (id) => (await bench.repository.apply([answer(workflowId, id)]))[0],
        ),
      );
      expect(results.filter((result) => result?.kind === 'applied')).toHaveLength(1);
      const { requestId } = await taskOf(workflowId);
      const again = await Promise.all(
        ['a', 'b', 'c', 'd'].map(
          async (id) => (await bench.repository.apply([answer(workflowId, id)]))[0]?.kind,
        ),
      );
      // Its own repeat is told that it was the one.
      expect(again.indexOf('applied')).toBe(['a', 'b', 'c', 'd'].indexOf(requestId ?? ''));
      expect(again.filter((kind) => kind === 'applied')).toHaveLength(1);
    });

    it('has its deadline put off by a heartbeat, and is not ended by whoever knows the old one', async () => {
      const { workflowId, task } = await asked();
      const beat = { kind: 'heartbeat', task, wakeAt: later(10), at: LATER } as const;
      expect(await bench.repository.apply([beat])).toEqual([{ kind: 'applied' }]);
      expect(await bench.repository.apply([beat])).toEqual([{ kind: 'applied' }]);
      const [late] = await bench.repository.apply([expiry(workflowId, task.version)]);
      expect(late?.kind).toBe('lost');
      expect(await taskOf(workflowId)).toMatchObject({
        ...{ status: 'RUNNING', wakeAt: later(10), heartbeats: 1, heartbeatAt: LATER },
        ...{ version: task.version + 1 },
      });
      const [ended] = await bench.repository.apply([expiry(workflowId, task.version + 1)]);
      expect(ended).toEqual({ kind: 'applied' });
      expect(await taskOf(workflowId)).toMatchObject({ status: 'FAILED', reason: 'TIMEOUT' });
    });
  });

  describe('the inbox', () => {
    it('lists what waits for an answer, the oldest first, in pages', async () => {
      const opened = await Promise.all(
        [3, 1, 2].map(async (day) => asked('A', `2001-01-0${day}T00:00:00.000Z`)),
      );
      const ids = opened.map(({ workflowId }) => workflowId) as [string, string, string];
      expect(await inbox(2, ...ids)).toEqual([ids[1], ids[2], ids[0]]);
    });

    it('shows it as it is now', async () => {
      const { workflowId, task } = await asked('M[12]', '2001-02-01T00:00:00.000Z');
      await bench.repository.apply([{ kind: 'heartbeat', task, wakeAt: later(1), at: LATER }]);
      const tasks = await everyPage((cursor) =>
        bench.repository.listCallbacks({ limit: 10, ...cursor }),
      );
      expect(tasks.find((each) => each.workflowId === workflowId)).toEqual({
        ...task,
        ...{ version: 4, wakeAt: later(1), heartbeats: 1, heartbeatAt: LATER },
      });
    });

    it('leaves out what waits for a moment', async () => {
      const { workflowId } = await running();
      await bench.repository.apply([suspension(workflowId)]);
      expect(await inbox(10, workflowId)).toEqual([]);
    });

    it('leaves out what was answered, came too late or was cancelled', async () => {
      const [a, b, c] = await Promise.all([asked(), asked(), asked()]);
      const ids = [a.workflowId, b.workflowId, c.workflowId];
      expect((await inbox(10, ...ids)).sort()).toEqual([...ids].sort());
      const results = await bench.repository.apply([
        answer(a.workflowId, 'r'),
        expiry(b.workflowId, b.task.version),
        { kind: 'cancelTask', task: c.task, by: 'operator', at: LATER },
      ]);
      expect(results).toEqual(ids.map(() => ({ kind: 'applied' })));
      expect(await inbox(10, ...ids)).toEqual([]);
    });
  });
}
