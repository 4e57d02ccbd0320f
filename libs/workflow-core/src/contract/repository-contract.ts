/** What every repository must do. Run by each adapter's own test against the store it stands on. */
import { randomUUID } from 'node:crypto';
import { diamond } from '../diamond.js';
import { PayloadTooLargeError } from '../errors.js';
import { LIMITS } from '../limits.js';
import type {
  ClaimTransition,
  Page,
  RerunTransition,
  TaskOrigin,
  Transition,
  WorkflowRepository,
} from '../repository.js';
import type { Payload, Task, Workflow } from '../workflow.js';

const AT = '2026-01-02T03:04:05.006Z';
const LATER = '2026-01-02T03:05:05.006Z';

export function describeRepository(
  store: string,
  open: () => Promise<{ repository: WorkflowRepository; close: () => Promise<void> }>,
): void {
  describe(`the repository on ${store}`, () => {
    let repository: WorkflowRepository;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ repository, close } = await open());
    });
    afterAll(() => close());

    /** A workflow of its own for each test. */
    function newWorkflow(changes: Partial<Workflow> = {}): Workflow {
      return {
        workflowId: randomUUID(),
        status: 'RUNNING',
        version: 1,
        epoch: 1,
        definition: { name: 'diamond', revision: 1 },
        requestHash: 'hash',
        input: { kind: 'inline', json: '{"n":1}' },
        createdAt: AT,
        startedAt: AT,
        nextCheckAt: LATER,
        expiresAt: 2_000_000_000,
        ...changes,
      };
    }
    const originOf = ({ workflowId, epoch, definition, expiresAt }: Workflow): TaskOrigin => ({
      workflowId,
      epoch,
      definition,
      workflowStartedAt: AT,
      expiresAt,
    });
    async function started(): Promise<{ workflow: Workflow; origin: TaskOrigin }> {
      const workflow = newWorkflow();
      await repository.createWorkflow(workflow);
      return { workflow, origin: originOf(workflow) };
    }
    const ready = (origin: TaskOrigin, taskId: string): Transition => ({
      kind: 'ready',
      origin,
      taskId,
      by: 'start',
      at: AT,
    });
    const claim = (origin: TaskOrigin, taskId: string, claimId: string): ClaimTransition => ({
      kind: 'claim',
      workflowId: origin.workflowId,
      taskId,
      epoch: 1,
      version: 1,
      claimId,
      leaseUntil: LATER,
      at: AT,
    });
    async function running(taskId = 'A') {
      const { workflow, origin } = await started();
      await repository.apply([ready(origin, taskId)]);
      await repository.apply([claim(origin, taskId, 'mine')]);
      return { workflow, origin, workflowId: workflow.workflowId };
    }
    async function taskOf(workflowId: string, taskId = 'A'): Promise<Task> {
      const [task] = await repository.getTasks(workflowId, [taskId]);
      if (!task) throw new Error(`${taskId} has no item`);
      return task;
    }

    describe('creating a workflow', () => {
      it('keeps it as it was given', async () => {
        const workflow = newWorkflow();
        expect(await repository.createWorkflow(workflow)).toEqual({ kind: 'created' });
        expect(await repository.getWorkflow(workflow.workflowId)).toEqual(workflow);
      });

      it('creates an id once and answers with the one that is there', async () => {
        const first = newWorkflow();
        await repository.createWorkflow(first);
        const second = await repository.createWorkflow({ ...first, requestHash: 'other' });
        expect(second).toEqual({ kind: 'exists', workflow: first });
      });

      it('gives an id to exactly one of many', async () => {
        const workflow = newWorkflow();
        const answers = await Promise.all(
          Array.from({ length: 8 }, (_, n) =>
            repository.createWorkflow({ ...workflow, requestHash: `hash ${n}` }),
          ),
        );
        expect(answers.filter(({ kind }) => kind === 'created')).toHaveLength(1);
      });

      it('knows no workflow that was not created', async () => {
        expect(await repository.getWorkflow('nobody')).toBeUndefined();
        expect(await repository.getWorkflowWithTasks('nobody')).toBeUndefined();
        expect(await repository.getWorkflowAndTasks('nobody', ['A'])).toBeUndefined();
      });
    });

    describe('making a task ready', () => {
      it('inserts it with its first attempt', async () => {
        const { origin } = await started();
        expect(await repository.apply([ready(origin, 'A')])).toEqual([{ kind: 'applied' }]);
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
          Array.from({ length: 6 }, async () => (await repository.apply([ready(origin, 'A')]))[0]),
        );
        const losers = answers.filter((answer) => answer?.kind === 'lost');
        expect(losers).toHaveLength(5);
        for (const loser of losers)
          expect(loser).toMatchObject({ current: { taskId: 'A', status: 'READY', version: 1 } });
      });

      it('settles each of many on its own', async () => {
        const { origin } = await started();
        await repository.apply([ready(origin, 'T30')]);
        const ids = Array.from({ length: 60 }, (_, n) => `T${n}`);
        const results = await repository.apply(ids.map((id) => ready(origin, id)));
        expect(results.map(({ kind }) => kind)).toEqual(
          ids.map((id) => (id === 'T30' ? 'lost' : 'applied')),
        );
        const { tasks } = (await repository.getWorkflowWithTasks(origin.workflowId)) ?? {};
        expect(tasks?.map(({ taskId }) => taskId).sort()).toEqual([...ids].sort());
      });
    });

    describe('skipping a task', () => {
      it('inserts it with its reason and no attempt', async () => {
        const { origin } = await started();
        await repository.apply([
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
        await repository.apply([ready(origin, 'C')]);
        const [result] = await repository.apply([
          { kind: 'skip', origin, taskId: 'C', reason: 'UPSTREAM_FAILED', by: 'stream', at: AT },
        ]);
        expect(result).toMatchObject({ kind: 'lost', current: { status: 'READY' } });
      });
    });

    describe('claiming a task', () => {
      it('gives the task to exactly one of two workers', async () => {
        const { origin } = await started();
        await repository.apply([ready(origin, 'A')]);
        const answers = await Promise.all(
          ['one', 'two'].map((id) => repository.apply([claim(origin, 'A', id)])),
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
        await repository.apply([ready(origin, 'A')]);
        await repository.apply([claim(origin, 'A', 'mine')]);
        expect(await repository.apply([claim(origin, 'A', 'mine')])).toEqual([{ kind: 'applied' }]);
        expect(await taskOf(origin.workflowId)).toMatchObject({ version: 2 });
      });

      it.each([
        ['another version', { version: 2 }],
        ['another epoch', { epoch: 2 }],
      ])('is refused for %s', async (_, change) => {
        const { origin } = await started();
        await repository.apply([ready(origin, 'A')]);
        const [result] = await repository.apply([{ ...claim(origin, 'A', 'x'), ...change }]);
        expect(result).toMatchObject({ kind: 'lost', current: { status: 'READY' } });
      });

      it('is refused for a task without an item', async () => {
        const { origin } = await started();
        expect(await repository.apply([claim(origin, 'A', 'x')])).toEqual([
          { kind: 'lost', current: undefined },
        ]);
      });
    });

    describe('recording an outcome', () => {
      it('keeps output, request id and witnesses of a success', async () => {
        const { workflowId } = await running();
        const [result] = await repository.apply([
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
        await repository.apply([
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
        const [result] = await repository.apply([
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
        await repository.apply([
          { ...outcome, kind: 'succeed', output: { kind: 'inline', json: '1' } },
        ]);
        const error = { type: 'Error', message: 'late', trace: [] };
        const [failed] = await repository.apply([
          { ...outcome, kind: 'fail', error, by: 'worker' },
        ]);
        expect(failed).toMatchObject({ kind: 'lost', current: { status: 'SUCCEEDED' } });
        const [again] = await repository.apply([
          { ...outcome, kind: 'succeed', output: { kind: 'inline', json: '1' } },
        ]);
        expect(again).toEqual({ kind: 'applied' });
        expect(await taskOf(workflowId)).toMatchObject({ version: 3 });
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
        expect(await repository.apply([rerunOf(workflowId)])).toEqual([{ kind: 'applied' }]);
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
        await repository.apply([rerunOf(workflowId)]);
        const [late] = await repository.apply([
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
        await repository.apply([
          { ...rerunOf(workflowId), notBefore: LATER, leaseUntil: '2026-01-02T03:06:05.006Z' },
        ]);
        expect(await taskOf(workflowId)).toMatchObject({
          notBefore: LATER,
          leaseUntil: '2026-01-02T03:06:05.006Z',
        });
        const [claimed] = await repository.apply([
          { ...claim(origin, 'A', 'mine again'), version: 3 },
        ]);
        expect(claimed).toEqual({ kind: 'applied' });
        expect(await taskOf(workflowId)).toMatchObject({ status: 'RUNNING', attempt: 2 });
      });

      it('keeps a list of attempts too long for the item beside it, and a short one in it again', async () => {
        const { origin, workflowId } = await running();
        const parts: Payload = { kind: 'parts', key: 'A#attempts', parts: 1 };
        await repository.apply([{ ...rerunOf(workflowId), pastAttempts: parts }]);
        expect((await taskOf(workflowId)).pastAttempts).toEqual(parts);
        await repository.apply([{ ...claim(origin, 'A', 'mine'), version: 3 }]);
        await repository.apply([{ ...rerunOf(workflowId), attempt: 3 }]);
        expect((await taskOf(workflowId)).pastAttempts).toEqual(pastAttempts);
      });
    });

    describe('cancelling a task', () => {
      it('takes a ready and a running one, and neither can be claimed or recorded any more', async () => {
        const { workflowId, origin } = await running();
        await repository.apply([ready(origin, 'B')]);
        const tasks = [await taskOf(workflowId, 'A'), await taskOf(workflowId, 'B')];
        const cancels = tasks.map((task): Transition => ({
          kind: 'cancelTask',
          task,
          by: 'operator',
          at: LATER,
        }));
        expect(await repository.apply(cancels)).toEqual([{ kind: 'applied' }, { kind: 'applied' }]);
        const [recorded, claimed] = await repository.apply([
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
        const [again] = await repository.apply(cancels.slice(0, 1));
        expect(again).toEqual({ kind: 'applied' });
      });

      it('loses to what the task became meanwhile', async () => {
        const { origin } = await started();
        await repository.apply([ready(origin, 'A')]);
        const task = await taskOf(origin.workflowId);
        await repository.apply([claim(origin, 'A', 'mine')]);
        const [late] = await repository.apply([
          { kind: 'cancelTask', task, by: 'operator', at: LATER },
        ]);
        expect(late).toMatchObject({ kind: 'lost', current: { status: 'RUNNING' } });
      });
    });

    describe('stopping and redriving a workflow', () => {
      const stop = (workflow: Workflow, note?: string): Transition => ({
        kind: 'stop',
        workflowId: workflow.workflowId,
        epoch: workflow.epoch,
        definition: workflow.definition,
        status: 'CANCELLED',
        by: 'operator',
        at: LATER,
        ...(note === undefined ? {} : { note }),
      });
      async function stopped() {
        const { workflow, origin } = await started();
        await repository.apply([stop(workflow, 'enough')]);
        const now = (await repository.getWorkflow(workflow.workflowId)) as Workflow;
        return { workflow, origin, now };
      }
      const redriveOf = (workflow: Workflow, token: string): Transition => ({
        kind: 'redrive',
        workflow,
        definition: { name: 'diamond', revision: 2 },
        redrive: {
          epoch: workflow.epoch + 1,
          at: LATER,
          token,
          selection: { kind: 'tasks', tasks: ['A'], downstream: true },
          fromRevision: 1,
          from: { status: 'CANCELLED', endedAt: LATER },
        },
        nextCheckAt: '2026-01-02T03:07:05.006Z',
      });

      it('stops it once, says who and why, and leaves it due until it is settled', async () => {
        const { workflow, now } = await stopped();
        expect(now).toEqual({
          ...workflow,
          status: 'CANCELLED',
          version: 2,
          endedAt: LATER,
          endedBy: 'operator',
          note: 'enough',
        });
        const { workflowId } = workflow;
        const settle: Transition = { kind: 'settle', workflowId, epoch: 1, version: 2 };
        expect(await repository.apply([settle])).toEqual([{ kind: 'applied' }]);
        expect(await repository.apply([settle])).toEqual([{ kind: 'applied' }]);
        const { nextCheckAt, ...rest } = now;
        expect(nextCheckAt).toBe(LATER);
        expect(await repository.getWorkflow(workflowId)).toEqual({ ...rest, version: 3 });
      });

      it('begins the next epoch running, the end before it kept only in the redrive', async () => {
        const { workflow, now } = await stopped();
        expect(await repository.apply([redriveOf(now, 'order')])).toEqual([{ kind: 'applied' }]);
        const after = await repository.getWorkflow(workflow.workflowId);
        expect(after).toEqual({
          ...workflow,
          version: 3,
          epoch: 2,
          definition: { name: 'diamond', revision: 2 },
          nextCheckAt: '2026-01-02T03:07:05.006Z',
          redrives: [(redriveOf(now, 'order') as { redrive: unknown }).redrive],
        });
      });

      it('takes one of two orders, and the same order twice for one', async () => {
        const { now } = await stopped();
        await repository.apply([redriveOf(now, 'mine')]);
        const [again] = await repository.apply([redriveOf(now, 'mine')]);
        const [other] = await repository.apply([redriveOf(now, 'theirs')]);
        expect(again).toEqual({ kind: 'applied' });
        expect(other).toMatchObject({ kind: 'lost', current: { epoch: 2 } });
      });

      it('lists it as running again', async () => {
        await repository.putDefinition(diamond);
        const { now } = await stopped();
        await repository.apply([redriveOf(now, 'order')]);
        const { items } = await repository.listWorkflows({ status: 'RUNNING', limit: 200 });
        const listed = items.find(({ workflowId }) => workflowId === now.workflowId);
        expect(listed).toMatchObject({ status: 'RUNNING', definition: { revision: 2 } });
        expect(listed).not.toHaveProperty('endedAt');
      });
    });

    describe('an item of an older epoch', () => {
      const pastAttempts: Payload = { kind: 'inline', json: '[]' };
      async function failed() {
        const { workflowId, origin } = await running();
        await repository.apply([
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
        expect(await repository.apply([begin])).toEqual([{ kind: 'applied' }]);
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
        expect(await repository.apply([begin])).toEqual([{ kind: 'applied' }]);
      });

      it('gives its place to a skip, which counts no attempt', async () => {
        const { origin, task } = await failed();
        await repository.apply([
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
        await repository.apply([skip]);
        const over = { task: await taskOf(origin.workflowId), pastAttempts };
        const third = { ...origin, epoch: 3 };
        await repository.apply([
          { kind: 'ready', origin: third, taskId: 'A', over, by: 'operator', at: AT },
        ]);
        expect(await taskOf(origin.workflowId)).toMatchObject({ status: 'READY', attempt: 2 });
      });

      it('keeps its place when it is not what was read', async () => {
        const { origin, task } = await failed();
        const over = { task: { ...task, version: 2 }, pastAttempts };
        const [result] = await repository.apply([
          { kind: 'ready', origin, taskId: 'A', over, by: 'stream', at: AT },
        ]);
        expect(result).toMatchObject({ kind: 'lost', current: { status: 'FAILED', version: 3 } });
      });
    });

    describe('finishing a workflow', () => {
      const finish = (workflow: Workflow, status: 'SUCCESS' | 'FAILED'): Transition => ({
        kind: 'finish',
        workflowId: workflow.workflowId,
        epoch: workflow.epoch,
        definition: workflow.definition,
        status,
        by: 'stream',
        at: LATER,
      });

      it('happens once and takes it out of the due index', async () => {
        const { workflow } = await started();
        expect(await repository.apply([finish(workflow, 'SUCCESS')])).toEqual([
          { kind: 'applied' },
        ]);
        const [second] = await repository.apply([
          { ...finish(workflow, 'FAILED'), at: AT } as Transition,
        ]);
        expect(second).toMatchObject({ kind: 'lost', current: { status: 'SUCCESS' } });
        const { nextCheckAt, ...rest } = workflow;
        expect(nextCheckAt).toBe(LATER);
        expect(await repository.getWorkflow(workflow.workflowId)).toEqual({
          ...rest,
          status: 'SUCCESS',
          version: 2,
          endedAt: LATER,
          endedBy: 'stream',
        });
      });

      it('is refused in another epoch', async () => {
        const { workflow } = await started();
        const [result] = await repository.apply([finish({ ...workflow, epoch: 2 }, 'SUCCESS')]);
        expect(result).toMatchObject({ kind: 'lost', current: { status: 'RUNNING' } });
      });
    });

    describe('the due index', () => {
      async function dueAt(at: string): Promise<string[]> {
        const ids: string[] = [];
        for (let shard = 0; shard < repository.dueShards; shard += 1) {
          let cursor: string | undefined;
          do {
            const page: Page<{ workflowId: string }> = await repository.listDue({
              shard,
              at,
              limit: 2,
              ...(cursor === undefined ? {} : { cursor }),
            });
            ids.push(...page.items.map(({ workflowId }) => workflowId));
            cursor = page.cursor;
          } while (cursor !== undefined);
        }
        return ids;
      }

      it('lists each workflow that is due, until it is finished or looked at', async () => {
        const workflows = Array.from({ length: 9 }, (_, n) =>
          newWorkflow({ nextCheckAt: `2001-01-01T00:00:0${n}.000Z` }),
        );
        for (const workflow of workflows) await repository.createWorkflow(workflow);
        const [finished, checked, ...open] = workflows as [Workflow, Workflow, ...Workflow[]];
        await repository.apply([
          {
            kind: 'finish',
            workflowId: finished.workflowId,
            epoch: 1,
            definition: finished.definition,
            status: 'FAILED',
            by: 'stream',
            at: AT,
          },
          {
            kind: 'check',
            workflowId: checked.workflowId,
            epoch: 1,
            version: 1,
            nextCheckAt: '2002-01-01T00:00:00.000Z',
          },
        ]);
        const due = await dueAt('2001-12-31T00:00:00.000Z');
        expect(due.sort()).toEqual(open.map(({ workflowId }) => workflowId).sort());
      });

      it('moves a workflow only for the sweep that read it', async () => {
        const { workflow } = await started();
        const check: Transition = {
          kind: 'check',
          workflowId: workflow.workflowId,
          epoch: 1,
          version: 7,
          nextCheckAt: AT,
        };
        const [result] = await repository.apply([check]);
        expect(result).toMatchObject({ kind: 'lost', current: { nextCheckAt: LATER } });
      });
    });

    describe('the listing', () => {
      it('returns every workflow once, newest first, whatever the size of its pages', async () => {
        const made = Array.from({ length: 11 }, (_, n) =>
          newWorkflow({ createdAt: `2100-01-01T00:00:00.0${10 + (n % 5)}Z` }),
        );
        for (const workflow of made) await repository.createWorkflow(workflow);
        const seen: { workflowId: string; createdAt: string }[] = [];
        let cursor: string | undefined;
        do {
          const page: Page<{ workflowId: string; createdAt: string }> =
            await repository.listWorkflows({
              limit: 3,
              ...(cursor === undefined ? {} : { cursor }),
            });
          seen.push(...page.items);
          cursor = page.cursor;
        } while (cursor !== undefined);
        const mine = new Set(made.map(({ workflowId }) => workflowId));
        const found = seen.filter(({ workflowId }) => mine.has(workflowId));
        expect(found).toHaveLength(made.length);
        expect(new Set(seen.map(({ workflowId }) => workflowId)).size).toBe(seen.length);
        const times = seen.map(({ createdAt }) => createdAt);
        expect(times).toEqual([...times].sort().reverse());
      });

      it('filters by status and follows it', async () => {
        await repository.putDefinition(diamond);
        const { workflow } = await started();
        const listed = async (status: 'RUNNING' | 'FAILED') => {
          const page = await repository.listWorkflows({ status, limit: 200 });
          return page.items.some(({ workflowId }) => workflowId === workflow.workflowId);
        };
        expect([await listed('RUNNING'), await listed('FAILED')]).toEqual([true, false]);
        await repository.apply([
          {
            kind: 'finish',
            workflowId: workflow.workflowId,
            epoch: 1,
            definition: workflow.definition,
            status: 'FAILED',
            by: 'stream',
            at: LATER,
          },
        ]);
        expect([await listed('RUNNING'), await listed('FAILED')]).toEqual([false, true]);
      });
    });

    describe('definitions', () => {
      const named = (name: string, description: string) => ({ ...diamond, name, description });

      it('become revisions when their content is new', async () => {
        const name = `d-${randomUUID()}`;
        const one = named(name, 'one');
        const two = named(name, 'two');
        expect(await repository.putDefinition(one)).toEqual({ revision: 1, created: true });
        expect(await repository.putDefinition(one)).toEqual({ revision: 1, created: false });
        expect(await repository.putDefinition(two)).toEqual({ revision: 2, created: true });
        expect(await repository.getDefinition({ name, revision: 1 })).toEqual(one);
        expect(await repository.getDefinition({ name, revision: 2 })).toEqual(two);
        expect(await repository.getDefinition({ name, revision: 3 })).toBeUndefined();
      });

      it('put at once by many give one revision for one content', async () => {
        const definition = named(`d-${randomUUID()}`, 'same');
        const answers = await Promise.all(
          Array.from({ length: 5 }, () => repository.putDefinition(definition)),
        );
        expect(answers.map(({ revision }) => revision)).toEqual([1, 1, 1, 1, 1]);
        expect(answers.filter(({ created }) => created)).toHaveLength(1);
      });
    });

    describe('payloads', () => {
      const owner = () => ({
        workflowId: randomUUID(),
        key: 'A#claim',
        expiresAt: 2_000_000_000,
      });
      const noise = (bytes: number) =>
        Array.from({ length: Math.ceil(bytes / 36) }, () => randomUUID())
          .join('')
          .slice(0, bytes);

      it.each([
        ['nothing', null],
        ['a small object', { a: [1, 'zwölf', { b: true }] }],
        ['text that barely fits inline', 'x'.repeat(LIMITS.inlinePayloadBytes - 2)],
        ['one byte more', 'x'.repeat(LIMITS.inlinePayloadBytes - 1)],
        ['many parts that do not compress', noise(2_000_000)],
        ['the largest allowed', 'y'.repeat(LIMITS.payloadBytes - 2)],
      ])('give back %s', async (_, value) => {
        const writer = owner();
        const payload = await repository.putPayload(writer, value);
        expect(await repository.getPayload(writer.workflowId, payload)).toEqual(value);
      });

      it('stay inside the item while small', async () => {
        expect(await repository.putPayload(owner(), { a: 1 })).toEqual({
          kind: 'inline',
          json: '{"a":1}',
        });
      });

      it('above the limit are refused by name', async () => {
        await expect(
          repository.putPayload(owner(), 'x'.repeat(LIMITS.payloadBytes)),
        ).rejects.toThrow(PayloadTooLargeError);
      });
    });

    it('reads META and the tasks asked for together, and only those', async () => {
      const { workflow, origin } = await started();
      await repository.apply(['A', 'B1', 'B2'].map((id) => ready(origin, id)));
      const read = await repository.getWorkflowAndTasks(workflow.workflowId, ['A', 'B2', 'C']);
      expect(read?.workflow).toEqual(workflow);
      expect(read?.tasks.map(({ taskId }) => taskId).sort()).toEqual(['A', 'B2']);
    });
  });
}
