/** Tasks within their epoch. */
import type { RerunTransition, Transition } from '../repository.js';
import type { Payload } from '../workflow.js';
import { AT, LATER, type Workbench } from './workbench.js';

export function describeTasks(bench: Workbench): void {
  const { started, ready, claim, running, taskOf } = bench;

  describe('making a task ready', () => {
    it('inserts it with its first attempt', async () => {
      const { origin } = await started();
      expect(await bench.repository.apply([ready(origin, 'A')])).toEqual([{ kind: 'applied' }]);
      expect(await taskOf(origin.workflowId)).toEqual({
        ...origin,
        taskId: 'A',
        status: 'READY',
        version: 1,
        attempt: 1,
        readyAt: AT,
        readyBy: 'start',
      });
    });

    it('happens once, and the loser sees what is there', async () => {
      const { origin } = await started();
      const answers = await Promise.all(
        Array.from(
          { length: 6 },
          async () => (await bench.repository.apply([ready(origin, 'A')]))[0],
        ),
      );
      const losers = answers.filter((answer) => answer?.kind === 'lost');
      expect(losers).toHaveLength(5);
      for (const loser of losers)
        expect(loser).toMatchObject({ current: { taskId: 'A', status: 'READY', version: 1 } });
    });

    it('settles each of many on its own', async () => {
      const { origin } = await started();
      await bench.repository.apply([ready(origin, 'T30')]);
      const ids = Array.from({ length: 60 }, (_, n) => `T${n}`);
      const results = await bench.repository.apply(ids.map((id) => ready(origin, id)));
      expect(results.map(({ kind }) => kind)).toEqual(
        ids.map((id) => (id === 'T30' ? 'lost' : 'applied')),
      );
      const { tasks } = (await bench.repository.getWorkflowWithTasks(origin.workflowId)) ?? {};
      expect(tasks?.map(({ taskId }) => taskId).sort()).toEqual([...ids].sort());
    });
  });

  describe('skipping a task', () => {
    it('inserts it with its reason and no attempt', async () => {
      const { origin } = await started();
      await bench.repository.apply([
        { kind: 'skip', origin, taskId: 'C', reason: 'UPSTREAM_FAILED', by: 'stream', at: AT },
      ]);
      expect(await taskOf(origin.workflowId, 'C')).toEqual({
        ...origin,
        taskId: 'C',
        status: 'SKIPPED',
        reason: 'UPSTREAM_FAILED',
        version: 1,
        attempt: 0,
        endedAt: AT,
        endedBy: 'stream',
      });
    });

    it('loses to a task that is there already', async () => {
      const { origin } = await started();
      await bench.repository.apply([ready(origin, 'C')]);
      const [result] = await bench.repository.apply([
        { kind: 'skip', origin, taskId: 'C', reason: 'UPSTREAM_FAILED', by: 'stream', at: AT },
      ]);
      expect(result).toMatchObject({ kind: 'lost', current: { status: 'READY' } });
    });
  });

  describe('claiming a task', () => {
    it('gives the task to exactly one of two workers', async () => {
      const { origin } = await started();
      await bench.repository.apply([ready(origin, 'A')]);
      const answers = await Promise.all(
        ['one', 'two'].map((id) => bench.repository.apply([claim(origin, 'A', id)])),
      );
      expect(
        answers
          .flat()
          .map(({ kind }) => kind)
          .sort(),
      ).toEqual(['applied', 'lost']);
      const task = await taskOf(origin.workflowId);
      expect(task).toMatchObject({ status: 'RUNNING', version: 2, leaseUntil: LATER });
    });

    it('is mine when my own token is found there, whatever became of the first reply', async () => {
      const { origin } = await started();
      await bench.repository.apply([ready(origin, 'A')]);
      await bench.repository.apply([claim(origin, 'A', 'mine')]);
      expect(await bench.repository.apply([claim(origin, 'A', 'mine')])).toEqual([
        { kind: 'applied' },
      ]);
      expect(await taskOf(origin.workflowId)).toMatchObject({ version: 2 });
    });

    it.each([
      ['another version', { version: 2 }],
      ['another epoch', { epoch: 2 }],
    ])('is refused for %s', async (_, change) => {
      const { origin } = await started();
      await bench.repository.apply([ready(origin, 'A')]);
      const [result] = await bench.repository.apply([{ ...claim(origin, 'A', 'x'), ...change }]);
      expect(result).toMatchObject({ kind: 'lost', current: { status: 'READY' } });
    });

    it('is refused for a task without an item', async () => {
      const { origin } = await started();
      expect(await bench.repository.apply([claim(origin, 'A', 'x')])).toEqual([
        { kind: 'lost', current: undefined },
      ]);
    });
  });

  describe('recording an outcome', () => {
    it('keeps output, request id and witnesses of a success', async () => {
      const { workflowId } = await running();
      const [result] = await bench.repository.apply([
        {
          kind: 'succeed',
          workflowId,
          taskId: 'A',
          claimId: 'mine',
          output: { kind: 'inline', json: '{"sum":3}' },
          requestId: 'request-1',
          witnesses: ['B1'],
          at: LATER,
        },
      ]);
      expect(result).toEqual({ kind: 'applied' });
      expect(await taskOf(workflowId)).toMatchObject({
        status: 'SUCCEEDED',
        version: 3,
        output: { kind: 'inline', json: '{"sum":3}' },
        requestId: 'request-1',
        witnesses: ['B1'],
        endedAt: LATER,
      });
    });

    it('keeps the error and reason of a failure', async () => {
      const { workflowId } = await running();
      const error = { type: 'TypeError', message: 'no', trace: ['at A', 'at B'] };
      await bench.repository.apply([
        {
          kind: 'fail',
          workflowId,
          taskId: 'A',
          claimId: 'mine',
          error,
          reason: 'TIMEOUT',
          by: 'worker',
          at: LATER,
        },
      ]);
      expect(await taskOf(workflowId)).toMatchObject({
        status: 'FAILED',
        error,
        reason: 'TIMEOUT',
      });
    });

    it('is refused to a worker that no longer holds the claim', async () => {
      const { workflowId } = await running();
      const [result] = await bench.repository.apply([
        {
          kind: 'succeed',
          workflowId,
          taskId: 'A',
          claimId: 'a zombie',
          output: { kind: 'inline', json: '1' },
          at: LATER,
        },
      ]);
      expect(result).toMatchObject({ kind: 'lost', current: { status: 'RUNNING' } });
    });

    it('never changes once it is written', async () => {
      const { workflowId } = await running();
      const outcome = { workflowId, taskId: 'A', claimId: 'mine', at: LATER } as const;
      await bench.repository.apply([
        { ...outcome, kind: 'succeed', output: { kind: 'inline', json: '1' } },
      ]);
      const error = { type: 'Error', message: 'late', trace: [] };
      const [failed] = await bench.repository.apply([
        { ...outcome, kind: 'fail', error, by: 'worker' },
      ]);
      expect(failed).toMatchObject({ kind: 'lost', current: { status: 'SUCCEEDED' } });
      const [again] = await bench.repository.apply([
        { ...outcome, kind: 'succeed', output: { kind: 'inline', json: '1' } },
      ]);
      expect(again).toEqual({ kind: 'applied' });
      expect(await taskOf(workflowId)).toMatchObject({ version: 3 });
    });
  });

  describe('skipping a task whose condition is false', () => {
    const conditionFalse = (workflowId: string, claimId = 'mine'): Transition => ({
      kind: 'conditionFalse',
      workflowId,
      taskId: 'A',
      claimId,
      witnesses: ['B1', 'B2'],
      at: LATER,
    });

    it('ends the attempt of the worker that asked, its claim and witnesses kept', async () => {
      const { origin, workflowId } = await running();
      expect(await bench.repository.apply([conditionFalse(workflowId)])).toEqual([
        { kind: 'applied' },
      ]);
      expect(await taskOf(workflowId)).toEqual({
        ...origin,
        taskId: 'A',
        status: 'SKIPPED',
        reason: 'CONDITION_FALSE',
        version: 3,
        attempt: 1,
        claimId: 'mine',
        leaseUntil: LATER,
        readyAt: AT,
        readyBy: 'start',
        startedAt: AT,
        endedAt: LATER,
        endedBy: 'worker',
        witnesses: ['B1', 'B2'],
      });
    });

    it('counts as done when it is done again, whatever became of the first reply', async () => {
      const { workflowId } = await running();
      await bench.repository.apply([conditionFalse(workflowId)]);
      expect(await bench.repository.apply([conditionFalse(workflowId)])).toEqual([
        { kind: 'applied' },
      ]);
      expect(await taskOf(workflowId)).toMatchObject({ version: 3 });
    });

    it('is refused to a worker that no longer holds the claim', async () => {
      const { workflowId } = await running();
      const [result] = await bench.repository.apply([conditionFalse(workflowId, 'a zombie')]);
      expect(result).toMatchObject({ kind: 'lost', current: { status: 'RUNNING' } });
    });

    it('is refused for a task that is not running', async () => {
      const { origin } = await started();
      const { workflowId } = origin;
      const [absent] = await bench.repository.apply([conditionFalse(workflowId)]);
      expect(absent).toEqual({ kind: 'lost', current: undefined });
      await bench.repository.apply([ready(origin, 'A')]);
      const [early] = await bench.repository.apply([conditionFalse(workflowId)]);
      expect(early).toMatchObject({ kind: 'lost', current: { status: 'READY' } });
      await bench.repository.apply([claim(origin, 'A', 'mine')]);
      await bench.repository.apply([
        {
          kind: 'succeed',
          workflowId,
          taskId: 'A',
          claimId: 'mine',
          output: { kind: 'inline', json: '1' },
          at: LATER,
        },
      ]);
      const [late] = await bench.repository.apply([conditionFalse(workflowId)]);
      expect(late).toMatchObject({ kind: 'lost', current: { status: 'SUCCEEDED' } });
    });
  });

  describe('running a task again', () => {
    const pastAttempts: Payload = { kind: 'inline', json: '[{"attempt":1}]' };
    const rerunOf = (workflowId: string): RerunTransition => ({
      kind: 'rerun',
      workflowId,
      taskId: 'A',
      claimId: 'mine',
      attempt: 2,
      retries: 1,
      lost: 0,
      pastAttempts,
      by: 'worker',
      at: LATER,
    });

    it('makes it ready with the next attempt, the one before kept, nothing of it left over', async () => {
      const { origin, workflowId } = await running();
      expect(await bench.repository.apply([rerunOf(workflowId)])).toEqual([{ kind: 'applied' }]);
      expect(await taskOf(workflowId)).toEqual({
        ...origin,
        taskId: 'A',
        status: 'READY',
        version: 3,
        attempt: 2,
        retries: 1,
        lost: 0,
        readyAt: LATER,
        readyBy: 'worker',
        pastAttempts,
      });
    });

    it('fences the worker of the attempt before off', async () => {
      const { workflowId } = await running();
      await bench.repository.apply([rerunOf(workflowId)]);
      const [late] = await bench.repository.apply([
        {
          kind: 'succeed',
          workflowId,
          taskId: 'A',
          claimId: 'mine',
          output: { kind: 'inline', json: '1' },
          at: LATER,
        },
      ]);
      expect(late).toMatchObject({ kind: 'lost', current: { status: 'READY' } });
    });

    it('keeps when it may start and who waits until then, and lets it be claimed', async () => {
      const { origin, workflowId } = await running();
      await bench.repository.apply([
        { ...rerunOf(workflowId), notBefore: LATER, leaseUntil: '2026-01-02T03:06:05.006Z' },
      ]);
      expect(await taskOf(workflowId)).toMatchObject({
        notBefore: LATER,
        leaseUntil: '2026-01-02T03:06:05.006Z',
      });
      const [claimed] = await bench.repository.apply([
        { ...claim(origin, 'A', 'mine again'), version: 3 },
      ]);
      expect(claimed).toEqual({ kind: 'applied' });
      expect(await taskOf(workflowId)).toMatchObject({ status: 'RUNNING', attempt: 2 });
    });

    it('keeps a list of attempts too long for the item beside it, and a short one in it again', async () => {
      const { origin, workflowId } = await running();
      const parts: Payload = { kind: 'parts', key: 'A#attempts', parts: 1 };
      await bench.repository.apply([{ ...rerunOf(workflowId), pastAttempts: parts }]);
      expect((await taskOf(workflowId)).pastAttempts).toEqual(parts);
      await bench.repository.apply([{ ...claim(origin, 'A', 'mine'), version: 3 }]);
      await bench.repository.apply([{ ...rerunOf(workflowId), attempt: 3 }]);
      expect((await taskOf(workflowId)).pastAttempts).toEqual(pastAttempts);
    });
  });

  describe('cancelling a task', () => {
    it('takes a ready and a running one, and neither can be claimed or recorded any more', async () => {
      const { workflowId, origin } = await running();
      await bench.repository.apply([ready(origin, 'B')]);
      const tasks = [await taskOf(workflowId, 'A'), await taskOf(workflowId, 'B')];
      const cancels = tasks.map((task): Transition => ({
        kind: 'cancelTask',
        task,
        by: 'operator',
        at: LATER,
      }));
      expect(await bench.repository.apply(cancels)).toEqual([
        { kind: 'applied' },
        { kind: 'applied' },
      ]);
      const [recorded, claimed] = await bench.repository.apply([
        {
          kind: 'succeed',
          workflowId,
          taskId: 'A',
          claimId: 'mine',
          output: { kind: 'inline', json: '1' },
          at: LATER,
        },
        claim(origin, 'B', 'late'),
      ]);
      for (const late of [recorded, claimed])
        expect(late).toMatchObject({
          kind: 'lost',
          current: { status: 'CANCELLED', endedBy: 'operator' },
        });
      const [again] = await bench.repository.apply(cancels.slice(0, 1));
      expect(again).toEqual({ kind: 'applied' });
    });

    it('loses to what the task became meanwhile', async () => {
      const { origin } = await started();
      await bench.repository.apply([ready(origin, 'A')]);
      const task = await taskOf(origin.workflowId);
      await bench.repository.apply([claim(origin, 'A', 'mine')]);
      const [late] = await bench.repository.apply([
        { kind: 'cancelTask', task, by: 'operator', at: LATER },
      ]);
      expect(late).toMatchObject({ kind: 'lost', current: { status: 'RUNNING' } });
    });
  });

  describe('an item of an older epoch', () => {
    const pastAttempts: Payload = { kind: 'inline', json: '[]' };
    async function failed() {
      const { workflowId, origin } = await running();
      await bench.repository.apply([
        {
          kind: 'fail',
          workflowId,
          taskId: 'A',
          claimId: 'mine',
          error: { type: 'Error', message: 'no', trace: [] },
          requestId: 'request',
          witnesses: ['B'],
          by: 'worker',
          at: LATER,
        },
      ]);
      return { origin: { ...origin, epoch: 2 }, task: await taskOf(workflowId) };
    }

    it('gives its place to the task made ready again, with the next attempt and nothing left over', async () => {
      const { origin, task } = await failed();
      const over = { task, pastAttempts };
      const begin: Transition = {
        kind: 'ready',
        origin,
        taskId: 'A',
        over,
        by: 'operator',
        at: AT,
      };
      expect(await bench.repository.apply([begin])).toEqual([{ kind: 'applied' }]);
      expect(await taskOf(origin.workflowId)).toEqual({
        ...origin,
        taskId: 'A',
        status: 'READY',
        version: 4,
        attempt: 2,
        readyAt: AT,
        readyBy: 'operator',
        pastAttempts,
      });
      expect(await bench.repository.apply([begin])).toEqual([{ kind: 'applied' }]);
    });

    it('gives its place to a skip, which counts no attempt', async () => {
      const { origin, task } = await failed();
      await bench.repository.apply([
        {
          kind: 'skip',
          origin,
          taskId: 'A',
          reason: 'UPSTREAM_FAILED',
          over: { task, pastAttempts },
          by: 'stream',
          at: AT,
        },
      ]);
      expect(await taskOf(origin.workflowId)).toEqual({
        ...origin,
        taskId: 'A',
        status: 'SKIPPED',
        reason: 'UPSTREAM_FAILED',
        version: 4,
        attempt: 1,
        endedAt: AT,
        endedBy: 'stream',
        pastAttempts,
      });
    });

    it('that was skipped over an attempt is made ready with a number of its own', async () => {
      const { origin, task } = await failed();
      const skip: Transition = {
        kind: 'skip',
        origin,
        taskId: 'A',
        reason: 'UPSTREAM_FAILED',
        over: { task, pastAttempts },
        by: 'stream',
        at: AT,
      };
      await bench.repository.apply([skip]);
      const over = { task: await taskOf(origin.workflowId), pastAttempts };
      const third = { ...origin, epoch: 3 };
      await bench.repository.apply([
        { kind: 'ready', origin: third, taskId: 'A', over, by: 'operator', at: AT },
      ]);
      expect(await taskOf(origin.workflowId)).toMatchObject({ status: 'READY', attempt: 2 });
    });

    it.each([
      ['a skip', 'a task made ready', ['skip', 'ready']],
      ['a task made ready', 'a skip', ['ready', 'skip']],
    ] as const)(
      'gives its place to %s once, and %s that comes later has lost',
      async (_, __, [first, second]) => {
        const { origin, task } = await failed();
        const common = {
          origin,
          taskId: 'A',
          over: { task, pastAttempts },
          by: 'stream',
          at: AT,
        } as const;
        const begin = {
          ready: { ...common, kind: 'ready' },
          skip: { ...common, kind: 'skip', reason: 'FAIL_FAST' },
        } as const;
        const [applied] = await bench.repository.apply([begin[first]]);
        const [lost] = await bench.repository.apply([begin[second]]);
        expect(applied).toEqual({ kind: 'applied' });
        const status = first === 'skip' ? 'SKIPPED' : 'READY';
        expect(lost).toMatchObject({ kind: 'lost', current: { status, version: 4 } });
      },
    );

    it('keeps its place when it is not what was read', async () => {
      const { origin, task } = await failed();
      const over = { task: { ...task, version: 2 }, pastAttempts };
      const [result] = await bench.repository.apply([
        { kind: 'ready', origin, taskId: 'A', over, by: 'stream', at: AT },
      ]);
      expect(result).toMatchObject({ kind: 'lost', current: { status: 'FAILED', version: 3 } });
    });
  });
}
