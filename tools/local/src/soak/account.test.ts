/** What is held against a workflow after kills: each rule is shown by an account that breaks it and no other. */
import { LIMITS, type PastAttempt, type Task, type Workflow } from '@orchestra/workflow-core';
import { breachesOf, type Account, type Execution } from './account.js';
import { definition, graph } from './graph.js';

const ref = { name: definition.name, revision: 1 };
const at = '2026-01-01T00:00:00.000Z';
const workflow: Workflow = {
  ...{ workflowId: 'w', status: 'SUCCESS', version: 2, epoch: 1, definition: ref },
  ...{ requestHash: 'h', input: { kind: 'inline', json: '{}' }, createdAt: at, startedAt: at },
  ...{ endedAt: at, expiresAt: 1 },
};
const order = ['A', 'B1', 'B2', 'B3', 'C'];
const task = (taskId: string, change: Partial<Task> = {}): Task => ({
  ...{ workflowId: 'w', taskId, status: 'SUCCEEDED', version: 3, epoch: 1, definition: ref },
  ...{ workflowStartedAt: at, attempt: 1, readyAt: at, startedAt: at, endedAt: at, expiresAt: 1 },
  requestId: `${taskId}-1`,
  ...change,
});
const execution = (taskId: string, attempt = 1): Execution => ({
  ...{ workflowId: 'w', taskId, attempt, requestId: `${taskId}-${attempt}` },
});
const past = (attempt: number): PastAttempt => ({
  ...{ attempt, epoch: 1, status: 'RUNNING', readyAt: at, startedAt: at, endedAt: at },
});

const healthy: Account = {
  ...{ workflow, graph, tasks: order.map((id) => task(id)), pastAttempts: new Map() },
  executions: order.map((id) => execution(id)),
  outputs: new Map(order.map((id) => [id, { requestId: `${id}-1`, task: id }])),
};
/** C in place of itself. */
const withC = (change: Partial<Task>): readonly Task[] => [
  ...healthy.tasks.slice(0, -1),
  task('C', change),
];
const second = {
  tasks: withC({ attempt: 2, version: 5, requestId: 'C-2' }),
  outputs: new Map([...healthy.outputs, ['C', { requestId: 'C-2', task: 'C' }]]),
  pastAttempts: new Map([['C', [past(1)]]]),
  executions: [...healthy.executions, execution('C', 2)],
};

describe('the account of a workflow', () => {
  it('has nothing against one that ran as it should', () => {
    expect(breachesOf(healthy)).toEqual([]);
  });

  it('has nothing against a second attempt, whether the first one executed or not', () => {
    expect(breachesOf({ ...healthy, ...second })).toEqual([]);
    const executions = second.executions.filter(({ requestId }) => requestId !== 'C-1');
    expect(breachesOf({ ...healthy, ...second, executions })).toEqual([]);
  });

  it.each<[string, string, Partial<Account>]>([
    ['a workflow that is not SUCCESS', '(I08)', { workflow: { ...workflow, status: 'FAILED' } }],
    ['a task without an item', '(I08)', { tasks: healthy.tasks.slice(0, -1) }],
    ['a task that is RUNNING', '(I08)', { tasks: withC({ status: 'RUNNING', version: 2 }) }],
    ['an item of no task', '(I16)', { tasks: [...healthy.tasks, task('D')] }],
    [
      'an attempt that executed twice',
      '(I03)',
      { executions: [...healthy.executions, execution('C')] },
    ],
    [
      'an execution before what is upstream of it',
      '(I01)',
      { executions: ['A', 'B1', 'B2', 'C', 'B3'].map((id) => execution(id)) },
    ],
    [
      'an output of another execution',
      '(I07)',
      { outputs: new Map([...healthy.outputs, ['C', { requestId: 'C-0', task: 'C' }]]) },
    ],
    ['an item that names another execution', '(I07)', { tasks: withC({ requestId: 'C-0' }) }],
    [
      'an attempt that is not kept',
      '(I12)',
      { ...second, pastAttempts: new Map([['C', [past(2)]]]) },
    ],
    [
      'an execution after the end',
      '(I12)',
      { executions: [...healthy.executions, execution('C', 2)] },
    ],
    ['a transition without an event', '(I15)', { tasks: withC({ version: 4 }) }],
  ])('names %s by %s', (_, invariant, change) => {
    const breaches = breachesOf({ ...healthy, ...change });
    expect(breaches.map((breach) => breach.slice(0, 5))).toEqual([invariant]);
  });

  it('names a task that SUCCEEDED and never executed by (I07)', () => {
    const executions = healthy.executions.slice(0, -1);
    expect(breachesOf({ ...healthy, executions }).join()).toContain('(I07) attempt 1 of C');
  });

  it('names more attempts than the policy allows by (I12)', () => {
    const most = 1 + (graph.tasks.get('C')?.retry?.maxAttempts ?? 0) + LIMITS.lostWorkerReruns;
    const attempt = most + 1;
    const breaches = breachesOf({
      ...healthy,
      tasks: withC({ attempt, version: 2 * attempt + 1, requestId: `C-${attempt}` }),
      outputs: new Map([...healthy.outputs, ['C', { requestId: `C-${attempt}`, task: 'C' }]]),
      pastAttempts: new Map([['C', Array.from({ length: most }, (_, n) => past(n + 1))]]),
      executions: [...healthy.executions, execution('C', attempt)],
    });
    expect(breaches).toEqual([`(I12) C took ${attempt} attempts, of at most ${most}`]);
  });
});
