import { taskDetailSchema, workflowSchema } from '@orchestra/api-contract';
import {
  parseDefinition,
  type Redrive,
  type Transition,
  type Workflow,
} from '@orchestra/workflow-core';
import { createOrchestra, NOW, ORIGIN, startIn } from './testing/orchestra.js';

const CHILD = `sub-${'a'.repeat(26)}`;
const outer = parseDefinition({
  name: 'diamond',
  tasks: [{ id: 'A', workflow: { name: 'inner' } }],
});
const own = { workflowId: 'w-1', taskId: 'A' };
const inEpoch = (epoch: number) => ({ ...ORIGIN, workflowId: 'w-1', epoch });
const ready: Transition = { kind: 'ready', origin: inEpoch(1), taskId: 'A', by: 'start', at: NOW };
const claim: Transition = {
  ...own,
  kind: 'claim',
  epoch: 1,
  version: 1,
  claimId: 'c',
  leaseUntil: NOW,
  at: NOW,
};
const suspend: Transition = { ...own, kind: 'suspend', claimId: 'c', child: CHILD, at: NOW };

async function withParent(...transitions: Transition[]) {
  const { repository, ask } = createOrchestra();
  await startIn(repository, outer)({ mode: 'start', workflowId: 'w-1' });
  for (const transition of transitions)
    expect(await repository.apply([transition])).toEqual([{ kind: 'applied' }]);
  const task = async () =>
    taskDetailSchema.parse((await ask('GET', '/workflows/w-1/tasks/A')).json());
  return { repository, ask, task };
}

describe('a task that runs a workflow', () => {
  it('names it once it waits for it', async () => {
    const { task } = await withParent(ready, claim, suspend);
    expect(await task()).toMatchObject({ kind: 'workflow', status: 'RUNNING', child: CHILD });
  });

  it('names none before', async () => {
    const { task } = await withParent(ready, claim);
    expect((await task()).child).toBeUndefined();
  });

  it('names none of an older epoch', async () => {
    const fail: Transition = {
      ...own,
      kind: 'fail',
      claimId: 'c',
      error: { type: 'ChildFailed', message: '', trace: [] },
      by: 'stream',
      at: NOW,
    };
    const { repository, task } = await withParent(ready, claim, suspend, fail);
    expect((await task()).child).toBe(CHILD);
    const { definition } = ORIGIN;
    const finish = { workflowId: 'w-1', epoch: 1, definition, status: 'FAILED' } as const;
    await repository.apply([{ kind: 'finish', ...finish, by: 'stream', at: NOW }]);
    const workflow = (await repository.getWorkflow('w-1')) as Workflow;
    const redrive: Redrive = {
      epoch: 2,
      at: NOW,
      token: 't',
      selection: { kind: 'unfinished' },
      fromRevision: 1,
      from: { status: 'FAILED' },
    };
    await repository.apply([{ kind: 'redrive', workflow, definition, redrive, nextCheckAt: NOW }]);
    const [item] = await repository.getTasks('w-1', ['A']);
    const over = { task: item!, pastAttempts: { kind: 'inline', json: '[]' } } as const;
    await repository.apply([{ ...ready, origin: inEpoch(2), over }]);
    expect(await task()).toMatchObject({ status: 'READY' });
    expect((await task()).child).toBeUndefined();
  });
});

describe('a workflow that a task runs', () => {
  it('names the task and its workflow', async () => {
    const { repository, ask } = await withParent();
    const parent = (await repository.getWorkflow('w-1')) as Workflow;
    await repository.createWorkflow({
      ...parent,
      workflowId: CHILD,
      parent: { workflowId: 'w-1', taskId: 'A', epoch: 1 },
    });
    const shown = workflowSchema.parse((await ask('GET', `/workflows/${CHILD}`)).json());
    expect(shown.parent).toEqual({ workflowId: 'w-1', taskId: 'A' });
    const own = workflowSchema.parse((await ask('GET', '/workflows/w-1')).json());
    expect(own.parent).toBeUndefined();
  });
});
