/** Workflows as wholes: created, stopped, redriven, finished, found when due. */
import { diamond } from '../diamond.js';
import type { Transition } from '../repository.js';
import type { Workflow } from '../workflow.js';
import { AT, LATER, everyPage, finish, type Workbench } from './workbench.js';

export function describeWorkflows(bench: Workbench): void {
  const { newWorkflow, started, ready, claim } = bench;

  describe('creating a workflow', () => {
    it('keeps it as it was given', async () => {
      const workflow = newWorkflow();
      expect(await bench.repository.createWorkflow(workflow)).toEqual({ kind: 'created' });
      expect(await bench.repository.getWorkflow(workflow.workflowId)).toEqual(workflow);
    });

    it('creates an id once and answers with the one that is there', async () => {
      const first = newWorkflow();
      await bench.repository.createWorkflow(first);
      const second = await bench.repository.createWorkflow({ ...first, requestHash: 'other' });
      expect(second).toEqual({ kind: 'exists', workflow: first });
    });

    it('keeps its tags, those of the first start alone', async () => {
      const { workflow } = await started({ tags: ['nightly', 'team=data'] });
      const { workflowId } = workflow;
      expect(await bench.repository.getWorkflow(workflowId)).toEqual(workflow);
      const second = { ...workflow, tags: ['other'], createdAt: LATER };
      expect(await bench.repository.createWorkflow(second)).toEqual({ kind: 'exists', workflow });
      expect(await bench.repository.getWorkflow(workflowId)).toEqual(workflow);
    });

    it('gives an id to exactly one of many', async () => {
      const workflow = newWorkflow();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          bench.repository.createWorkflow({ ...workflow, requestHash: `hash ${n}` }),
        ),
      );
      expect(answers.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    });

    it('knows no workflow that was not created', async () => {
      expect(await bench.repository.getWorkflow('nobody')).toBeUndefined();
      expect(await bench.repository.getWorkflowWithTasks('nobody')).toBeUndefined();
      expect(await bench.repository.getWorkflowAndTasks('nobody', ['A'])).toBeUndefined();
      const range = { first: 'A', last: 'Z' };
      expect(await bench.repository.getWorkflowAndTaskRange('nobody', range)).toBeUndefined();
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
      await bench.repository.apply([stop(workflow, 'enough')]);
      const now = (await bench.repository.getWorkflow(workflow.workflowId)) as Workflow;
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
      expect(await bench.repository.apply([settle])).toEqual([{ kind: 'applied' }]);
      expect(await bench.repository.apply([settle])).toEqual([{ kind: 'applied' }]);
      const { nextCheckAt, ...rest } = now;
      expect(nextCheckAt).toBe(LATER);
      expect(await bench.repository.getWorkflow(workflowId)).toEqual({ ...rest, version: 3 });
    });

    it('begins the next epoch running, the end before it kept only in the redrive', async () => {
      const { workflow, now } = await stopped();
      expect(await bench.repository.apply([redriveOf(now, 'order')])).toEqual([
        { kind: 'applied' },
      ]);
      const after = await bench.repository.getWorkflow(workflow.workflowId);
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
      await bench.repository.apply([redriveOf(now, 'mine')]);
      const [again] = await bench.repository.apply([redriveOf(now, 'mine')]);
      const [other] = await bench.repository.apply([redriveOf(now, 'theirs')]);
      expect(again).toEqual({ kind: 'applied' });
      expect(other).toMatchObject({ kind: 'lost', current: { epoch: 2 } });
    });

    it('lists it as running again', async () => {
      await bench.repository.putDefinition(diamond, AT);
      const { now } = await stopped();
      await bench.repository.apply([redriveOf(now, 'order')]);
      const { items } = await bench.repository.listWorkflows({ status: 'RUNNING', limit: 200 });
      const listed = items.find(({ workflowId }) => workflowId === now.workflowId);
      expect(listed).toMatchObject({ status: 'RUNNING', definition: { revision: 2 } });
      expect(listed).not.toHaveProperty('endedAt');
    });
  });

  describe('finishing a workflow', () => {
    it('happens once and takes it out of the due index', async () => {
      const { workflow } = await started();
      expect(await bench.repository.apply([finish(workflow, 'SUCCESS')])).toEqual([
        { kind: 'applied' },
      ]);
      const [second] = await bench.repository.apply([
        { ...finish(workflow, 'FAILED'), at: AT } as Transition,
      ]);
      expect(second).toMatchObject({ kind: 'lost', current: { status: 'SUCCESS' } });
      const { nextCheckAt, ...rest } = workflow;
      expect(nextCheckAt).toBe(LATER);
      expect(await bench.repository.getWorkflow(workflow.workflowId)).toEqual({
        ...rest,
        status: 'SUCCESS',
        version: 2,
        endedAt: LATER,
        endedBy: 'stream',
      });
    });

    it('is refused in another epoch', async () => {
      const { workflow } = await started();
      const [result] = await bench.repository.apply([finish({ ...workflow, epoch: 2 }, 'SUCCESS')]);
      expect(result).toMatchObject({ kind: 'lost', current: { status: 'RUNNING' } });
    });
  });

  describe('the due index', () => {
    async function dueAt(at: string): Promise<string[]> {
      const ids: string[] = [];
      for (let shard = 0; shard < bench.repository.dueShards; shard += 1) {
        const due = await everyPage((cursor) =>
          bench.repository.listDue({ shard, at, limit: 2, ...cursor }),
        );
        ids.push(...due.flatMap((each) => ('workflowId' in each ? [each.workflowId] : [])));
      }
      return ids;
    }

    it('lists each workflow that is due, until it is finished or looked at', async () => {
      const workflows = Array.from({ length: 9 }, (_, n) =>
        newWorkflow({ nextCheckAt: `2001-01-01T00:00:0${n}.000Z` }),
      );
      for (const workflow of workflows) await bench.repository.createWorkflow(workflow);
      const [finished, checked, ...open] = workflows as [Workflow, Workflow, ...Workflow[]];
      await bench.repository.apply([
        finish(finished, 'FAILED'),
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
      const [result] = await bench.repository.apply([check]);
      expect(result).toMatchObject({ kind: 'lost', current: { nextCheckAt: LATER } });
    });
  });

  describe('reading a workflow with its tasks', () => {
    it('brings the tasks asked for, and only those', async () => {
      const { workflow, origin } = await started();
      await bench.repository.apply(['A', 'B1', 'B2'].map((id) => ready(origin, id)));
      const read = await bench.repository.getWorkflowAndTasks(workflow.workflowId, [
        'A',
        'B2',
        'C',
      ]);
      expect(read?.workflow).toEqual(workflow);
      expect(read?.tasks.map(({ taskId }) => taskId).sort()).toEqual(['A', 'B2']);
    });

    it('brings those of a range of ids, its ends included, in the order of codes', async () => {
      const { workflow, origin } = await started();
      const ids = ['A', 'B', 'B-1', 'B.1', 'B[0]', 'C', 'b'];
      await bench.repository.apply(ids.map((id) => ready(origin, id)));
      const { workflowId } = workflow;
      const between = async (first: string, last: string) => {
        const read = await bench.repository.getWorkflowAndTaskRange(workflowId, { first, last });
        expect(read?.workflow).toEqual(workflow);
        return read?.tasks.map(({ taskId }) => taskId).sort();
      };
      expect(await between('B', 'C')).toEqual(['B', 'B-1', 'B.1', 'C']);
      expect(await between('A', 'A')).toEqual(['A']);
      expect(await between('D', 'Z')).toEqual([]);
      expect(await between('C', 'A')).toEqual([]);
    });

    it('brings the items of one map in their order, any part of them', async () => {
      const { workflow, origin } = await started();
      const { workflowId } = workflow;
      const there = ['B[0]', 'B[2]', 'B[10]', 'B[9999]', 'B.1[3]', 'B', 'C[1]'];
      await bench.repository.apply(there.map((id) => ready(origin, id)));
      const items = async (taskId: string, first: number, last: number) =>
        (await bench.repository.getItems(workflowId, { taskId, first, last })).map(
          (task) => task.taskId,
        );
      expect(await items('B', 0, 9999)).toEqual(['B[0]', 'B[2]', 'B[10]', 'B[9999]']);
      expect(await items('B', 1, 10)).toEqual(['B[2]', 'B[10]']);
      expect(await items('B', 3, 9)).toEqual([]);
      expect(await items('D', 0, 9999)).toEqual([]);
    });

    it('brings the items of maps with a whole workflow, unless it is asked not to', async () => {
      const { workflow, origin } = await started();
      const there = ['B', 'B[0]', 'B[1]', 'z'];
      await bench.repository.apply(there.map((id) => ready(origin, id)));
      const whole = async (items: boolean) => {
        const read = await bench.repository.getWorkflowWithTasks(workflow.workflowId, { items });
        return read?.tasks.map(({ taskId }) => taskId).sort();
      };
      expect(await whole(true)).toEqual(there);
      expect(await whole(false)).toEqual(['B', 'z']);
    });

    it('brings a range of more than a page of items, and neither payloads nor tags', async () => {
      const { workflow, origin } = await started({ tags: ['T'] });
      const { workflowId, expiresAt } = workflow;
      const ids = Array.from({ length: 70 }, (_, n) => `T${10 + n}`);
      await bench.repository.apply(ids.map((id) => ready(origin, id)));
      await bench.repository.apply(ids.map((id) => claim(origin, id, 'mine')));
      // A page of a Query ends at 1 MB.
      await bench.repository.apply(ids.map((id) => failed(workflowId, id, 'm'.repeat(20_000))));
      await bench.repository.putPayload(
        { workflowId, key: 'T10#mine', expiresAt },
        'x'.repeat(900),
      );
      const range = { first: 'T11', last: 'T78' };
      const read = await bench.repository.getWorkflowAndTaskRange(workflowId, range);
      expect(read?.tasks.map(({ taskId }) => taskId).sort()).toEqual(ids.slice(1, -1));
      const all = await bench.repository.getWorkflowWithTasks(workflowId);
      expect(all?.tasks).toHaveLength(ids.length);
    });
  });
}

const failed = (workflowId: string, taskId: string, message: string): Transition => ({
  kind: 'fail',
  workflowId,
  taskId,
  claimId: 'mine',
  error: { type: 'Error', message, trace: [] },
  by: 'worker',
  at: LATER,
});
