import { isItemId, parseDefinition, type Task } from '@orchestra/workflow-core';
import { goOnInEpoch } from './go-on.js';
import { Memory } from './memory.js';
import { startWorkflow } from './start.js';
import { advanceBatch } from './stream.js';
import { createBench, dispatched, never, type Bench } from './testing/bench.js';

const AT = '2026-01-02T03:04:05.000Z';

async function started(more: object): Promise<Bench> {
  const bench = createBench();
  const tasks = [
    { id: 'A', function: 'A' },
    { id: 'B', function: 'A', forEach: [1, 2, 3], maxConcurrency: 2 },
  ];
  await bench.repository.putDefinition(parseDefinition({ name: 'd', ...more, tasks }), AT);
  await startWorkflow(bench.ports, { mode: 'start', workflowId: 'w', definition: { name: 'd' } });
  return bench;
}

const claimed = async ({ repository }: Bench, taskId: string) => {
  const [task] = await repository.getTasks('w', [taskId]);
  const { epoch = 1, version = 1 } = task ?? {};
  const common = { workflowId: 'w', taskId, claimId: `of ${taskId}`, at: AT };
  await repository.apply([{ ...common, kind: 'claim', epoch, version, leaseUntil: AT }]);
  return common;
};

const taskOf = async ({ repository }: Bench, taskId: string) =>
  (await repository.getTasks('w', [taskId]))[0] as Task;

const pass = (bench: Bench, task: Task) =>
  // Of another container, which remembers nothing.
  advanceBatch({ ...bench.ports, memory: new Memory() }, [{ sequenceNumber: '1', task }], never);

describe('a map that is expanded after its workflow has failed fast', () => {
  it('begins none of its items, whoever passes over its expansion', async () => {
    const bench = await started({ failFast: true });
    const { repository } = bench;
    const [a, b] = [await claimed(bench, 'A'), await claimed(bench, 'B')];
    const error = { type: 'Error', message: '', trace: [] };
    await repository.apply([{ ...a, kind: 'fail', error, by: 'worker' }]);
    await pass(bench, await taskOf(bench, 'A'));
    const list = await repository.putList({ workflowId: 'w', key: 'k', expiresAt: 1 }, [1, 2, 3]);
    await repository.apply([{ ...b, kind: 'suspend', items: { ...list, hash: 'h', since: 1 } }]);
    await pass(bench, await taskOf(bench, 'B'));
    const items = (await repository.getWorkflowWithTasks('w'))?.tasks.filter((task) =>
      isItemId(task.taskId),
    );
    expect(items?.map(({ reason }) => reason)).toEqual(['FAIL_FAST', 'FAIL_FAST', 'FAIL_FAST']);
  });
});

describe('going on in an epoch once more', () => {
  it('tells workers again of what is READY, since nobody may have told them', async () => {
    const bench = await started({});
    const read = await bench.repository.getWorkflowWithTasks('w');
    if (!read) throw new Error('there is no workflow');
    const graph = await bench.ports.graph(read.workflow.definition);
    await goOnInEpoch(bench.ports, graph, read, 'stream');
    expect(dispatched(bench.messages).slice(-2).sort()).toEqual(['A', 'B']);
  });
});
