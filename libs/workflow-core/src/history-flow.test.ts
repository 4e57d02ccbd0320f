import { buildGraph, type Graph } from './definition.js';
import { parseDefinition } from './parse-definition.js';
import { diamond } from './diamond.js';
import { historyOf } from './history.js';
import { asPast } from './past-attempts.js';
import { taskIn as task, workflowIn } from './testing/records.js';
import type { PastAttempt, Redrive, Task, Workflow } from './workflow.js';

const diamondGraph = buildGraph(diamond);
const START = Date.parse('2026-01-02T03:00:00.000Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const workflow = workflowIn({ createdAt: at(0), startedAt: at(0) });
const ran = (taskId: string, from: number, changes: Partial<Task> = {}) =>
  task(taskId, 'SUCCEEDED', {
    ...{ readyAt: at(from), startedAt: at(from + 1), endedAt: at(from + 2) },
    ...changes,
  });
const told = (
  tasks: readonly Task[],
  of: Workflow = workflow,
  graph: Graph = diamondGraph,
  past: Record<string, readonly PastAttempt[]> = {},
) => historyOf(graph, { workflow: of, tasks }, new Map(Object.entries(past)));
const words = (events: ReturnType<typeof told>) =>
  events.map(({ type, taskId }) => (taskId ? `${taskId} ${type}` : type));

describe('the history of a task that is suspended', () => {
  const list = { key: 'k', count: 2, perPart: 10, hash: 'h', since: 1 };
  it.each([
    [{ wakeAt: at(60) }, { until: at(60) }],
    [
      { wakeAt: at(60), callback: { secret: 's', openedAt: at(2) } },
      { until: at(60), callback: true },
    ],
    [{ child: 'sub-1' }, { child: 'sub-1' }],
    [{ items: list }, { items: 2 }],
  ])('says of %j what it waits for', (by, waitsFor) => {
    const waiting = task('A', 'RUNNING', {
      ...{ readyAt: at(0), startedAt: at(1), suspendedAt: at(2), version: 3 },
      ...by,
    });
    const events = told([waiting]);
    expect(words(events).slice(1)).toEqual(['A TASK_READY', 'A TASK_RUNNING', 'A TASK_SUSPENDED']);
    expect(events.at(-1)).toMatchObject({ status: 'RUNNING', transition: 3, waitsFor });
    expect(JSON.stringify(events)).not.toContain('"s"');
  });

  it('tells its heartbeats in one event, which accounts for all of them', () => {
    const answered = ran('A', 0, {
      ...{ suspendedAt: at(1), wakeAt: at(90), callback: { secret: 's', openedAt: at(1) } },
      ...{ heartbeats: 3, heartbeatAt: at(50), endedAt: at(60), endedBy: 'operator', who: 'ada' },
      version: 7,
    });
    const events = told([answered]).slice(1);
    expect(events.map(({ type, transition }) => [type, transition])).toEqual([
      ['TASK_READY', 1],
      ['TASK_RUNNING', 2],
      ['TASK_SUSPENDED', 3],
      ['TASK_HEARTBEAT', 6],
      ['TASK_SUCCEEDED', answered.version],
    ]);
    expect(events[3]).toMatchObject({ at: at(50), count: 3 });
    expect(events[4]).toMatchObject({ who: 'ada' });
  });

  it('keeps all of that of an attempt that is over', () => {
    const first = ran('A', 0, {
      ...{
        status: 'FAILED',
        suspendedAt: at(1),
        wakeAt: at(90),
        heartbeats: 2,
        heartbeatAt: at(2),
      },
      callback: { secret: 's', openedAt: at(1) },
    });
    const again = ran('A', 20, { epoch: 2, attempt: 2, version: 9 });
    const redriven = workflowIn({
      createdAt: at(0),
      startedAt: at(0),
      epoch: 2,
      redrives: [redrive],
    });
    const events = told([again], redriven, diamondGraph, { A: [asPast(first)] });
    expect(events.filter(({ taskId }) => taskId).at(-1)?.transition).toBe(again.version);
    expect(words(events)).toContain('A TASK_HEARTBEAT');
  });
});

const redrive: Redrive = {
  ...{ epoch: 2, at: at(10), token: 't', selection: { kind: 'unfinished' }, fromRevision: 1 },
  from: { status: 'FAILED', endedAt: at(5), endedBy: 'stream' },
  overrides: [{ taskId: 'B1', kind: 'output', output: { kind: 'inline', json: '"hidden"' } }],
  ...{ who: 'ada', note: 'by hand' },
};

describe('the orders in a history', () => {
  it('stand between what they came between, with who and why', () => {
    const controls = [
      { kind: 'pause', at: at(2.5), epoch: 1, who: 'ada', note: 'look' },
      { kind: 'resume', at: at(2.7), epoch: 1 },
    ] as const;
    const events = told([ran('A', 0), ran('B1', 3)], { ...workflow, controls });
    expect(words(events).slice(3, 7)).toEqual([
      'A TASK_SUCCEEDED',
      'WORKFLOW_PAUSED',
      'WORKFLOW_RESUMED',
      'B1 TASK_READY',
    ]);
    expect(events[4]).toMatchObject({ actor: 'operator', who: 'ada', note: 'look', epoch: 1 });
  });

  it('stand in their order and before the end, whatever the clocks say', () => {
    const controls = [
      { kind: 'pause', at: at(50), epoch: 1 },
      { kind: 'resume', at: at(20), epoch: 1 },
    ] as const;
    const end = { status: 'CANCELLED', endedAt: at(10), endedBy: 'operator', who: 'bob' } as const;
    const events = told([], { ...workflow, ...end, controls });
    expect(words(events)).toEqual([
      'WORKFLOW_STARTED',
      'WORKFLOW_PAUSED',
      'WORKFLOW_RESUMED',
      'WORKFLOW_CANCELLED',
    ]);
    expect(events.at(-1)).toMatchObject({ who: 'bob' });
  });

  it('tell of a redrive which tasks it says more of, and nothing of what', () => {
    const redriven = workflowIn({ epoch: 2, startedAt: at(0), redrives: [redrive] });
    const events = told([], redriven);
    expect(events.at(-1)).toMatchObject({
      ...{ type: 'WORKFLOW_REDRIVEN', who: 'ada', note: 'by hand' },
      overrides: [{ taskId: 'B1', kind: 'output' }],
    });
    expect(JSON.stringify(events)).not.toContain('hidden');
  });

  it('tell of a task that never began how an operator ended it', () => {
    const order = { reason: 'OPERATOR', endedBy: 'operator', who: 'ada', note: 'no need' } as const;
    const skipped = task('C', 'SKIPPED', { ...order, version: 1, attempt: 0, endedAt: at(1) });
    const events = told([ran('A', 0, { endedAt: at(9) }), skipped]);
    expect(words(events)).toEqual([
      'WORKFLOW_STARTED',
      'A TASK_READY',
      'A TASK_RUNNING',
      'C TASK_SKIPPED',
      'A TASK_SUCCEEDED',
    ]);
    expect(events[3]).toMatchObject({
      actor: 'operator',
      transition: 1,
      reason: 'OPERATOR',
      who: 'ada',
    });
  });

  it('begin with the wait for a place, where one is needed', () => {
    const waiting = workflowIn({ createdAt: at(0), concurrencyKey: 'k', status: 'PENDING' });
    const { startedAt, ...pending } = waiting;
    expect(startedAt).toBeDefined();
    expect(told([], pending)).toMatchObject([{ type: 'WORKFLOW_STARTED', status: 'PENDING' }]);
    expect(told([], { ...waiting, status: 'RUNNING', startedAt: at(7) })).toMatchObject([
      { type: 'WORKFLOW_STARTED', status: 'PENDING', at: at(0) },
      { type: 'WORKFLOW_ADMITTED', status: 'RUNNING', at: at(7) },
    ]);
  });
});

describe('the order of a history', () => {
  it('has items between the expansion of their map and its end, whatever the clocks say', () => {
    const map = parseDefinition({
      name: 'map',
      tasks: [{ id: 'B', function: 'A', forEach: [1, 2] }],
    });
    const items = { key: 'k', count: 2, perPart: 10, hash: 'h', since: 1 };
    const joined = ran('B', 10, { suspendedAt: at(12), items, endedAt: at(13), version: 4 });
    const events = told([joined, ran('B[0]', 5), ran('B[1]', 20)], workflow, buildGraph(map));
    expect(words(events).slice(1)).toEqual([
      'B TASK_READY',
      'B TASK_RUNNING',
      'B TASK_SUSPENDED',
      'B[0] TASK_READY',
      'B[0] TASK_RUNNING',
      'B[0] TASK_SUCCEEDED',
      'B[1] TASK_READY',
      'B[1] TASK_RUNNING',
      'B[1] TASK_SUCCEEDED',
      'B TASK_SUCCEEDED',
    ]);
  });

  it('has hooks after all tasks, and the last of them after the others', () => {
    const hooked = parseDefinition({
      name: 'hooked',
      tasks: [{ id: 'A', function: 'A' }],
      onSuccess: [{ id: 'tell', function: 'A' }],
      finally: [{ id: 'clean', function: 'A' }],
    });
    const tasks = [ran('clean', 0), ran('tell', 1), ran('A', 5)];
    expect(words(told(tasks, workflow, buildGraph(hooked))).slice(1)).toEqual([
      'A TASK_READY',
      'A TASK_RUNNING',
      'A TASK_SUCCEEDED',
      'tell TASK_READY',
      'tell TASK_RUNNING',
      'tell TASK_SUCCEEDED',
      'clean TASK_READY',
      'clean TASK_RUNNING',
      'clean TASK_SUCCEEDED',
    ]);
  });

  it('tells 10,000 items in a moment', () => {
    const map = parseDefinition({
      name: 'map',
      tasks: [{ id: 'B', function: 'A', forEach: [1] }],
    });
    const items = { key: 'k', count: 10_000, perPart: 10, hash: 'h', since: 1 };
    const joined = ran('B', 0, { suspendedAt: at(1), items, endedAt: at(99_999), version: 4 });
    const all = Array.from({ length: 10_000 }, (_, index) => ran(`B[${index}]`, index));
    const events = told([joined, ...all], workflow, buildGraph(map));
    expect(events).toHaveLength(1 + 4 + 30_000);
    expect(events.at(-1)).toMatchObject({ taskId: 'B', type: 'TASK_SUCCEEDED' });
  });
});
