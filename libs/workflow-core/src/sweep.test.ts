import { buildGraph } from './definition.js';
import { parseDefinition } from './parse-definition.js';
import { diamond } from './diamond.js';
import { inspect, type SweepSettings } from './sweep.js';
import { taskIn, workflowIn } from './testing/records.js';
import type { Task, Workflow } from './workflow.js';

const NOW = Date.parse('2026-01-02T12:00:00.000Z');
const secondsAgo = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();
const inSeconds = (seconds: number) => secondsAgo(-seconds);
const settings: SweepSettings = { graceMs: 30_000, activeCheckMs: 300_000 };
const graph = buildGraph(diamond);

const workflow = workflowIn({
  createdAt: secondsAgo(120),
  startedAt: secondsAgo(120),
  nextCheckAt: secondsAgo(60),
});
const task = (taskId: string, status: Task['status'], changes: Partial<Task> = {}) =>
  taskIn(taskId, status, { readyAt: secondsAgo(100), ...changes });
const succeeded = (taskId: string, ago = 90) =>
  task(taskId, 'SUCCEEDED', { startedAt: secondsAgo(99), endedAt: secondsAgo(ago) });
const running = (taskId: string, leaseUntil = inSeconds(20)) =>
  task(taskId, 'RUNNING', { claimId: 'c', startedAt: secondsAgo(50), leaseUntil });

const look = (tasks: readonly Task[], of: Workflow = workflow) =>
  inspect(graph, { workflow: of, tasks }, NOW, settings);
const nothing = {
  isOverdue: false,
  ...{ run: [], skip: [], due: [], redispatch: [], lost: [], wake: [], maps: [] },
};

describe('the sweep of a healthy workflow', () => {
  it('finds nothing while tasks run, and looks again when the first lease ends', () => {
    const tasks = [succeeded('A'), running('B1'), running('B2', inSeconds(9)), running('B3')];
    expect(look(tasks)).toEqual({ ...nothing, nextCheckAt: inSeconds(9) });
  });

  it('leaves facts younger than the grace to the stream', () => {
    expect(look([succeeded('A', 29)])).toEqual({ ...nothing, nextCheckAt: inSeconds(30) });
  });

  it('leaves a young READY to its message', () => {
    const tasks = [
      succeeded('A'),
      ...['B1', 'B2', 'B3'].map((id) => task(id, 'READY', { readyAt: secondsAgo(29) })),
    ];
    expect(look(tasks)).toEqual({ ...nothing, nextCheckAt: inSeconds(1) });
  });

  it('leaves the roots of a young workflow to whoever starts it', () => {
    const young = { ...workflow, createdAt: secondsAgo(5), startedAt: secondsAgo(5) };
    expect(look([], young)).toEqual({ ...nothing, nextCheckAt: inSeconds(30) });
  });
});

describe('the sweep of a workflow in which something was lost', () => {
  it('starts roots that nobody started', () => {
    expect(look([])).toMatchObject({ run: ['A'] });
  });

  it('decides what a lost record would have decided', () => {
    expect(look([succeeded('A')])).toMatchObject({ run: ['B1', 'B2', 'B3'] });
  });

  it('writes the skips below a failure and ends the workflow', () => {
    const failed = task('A', 'FAILED', { endedAt: secondsAgo(90) });
    const found = look([failed]);
    expect(found.skip.map(({ taskId }) => taskId)).toEqual(['B1', 'B2', 'B3', 'C']);
    expect(found).toMatchObject({ run: [], finish: 'FAILED' });
  });

  it('ends a workflow whose tasks have all ended', () => {
    const found = look(['A', 'B1', 'B2', 'B3', 'C'].map((id) => succeeded(id)));
    expect(found).toMatchObject({ ...nothing, finish: 'SUCCESS' });
  });

  it('does not end it before its last fact is older than the grace', () => {
    const tasks = [...['A', 'B1', 'B2', 'B3'].map((id) => succeeded(id)), succeeded('C', 3)];
    expect(look(tasks).finish).toBeUndefined();
  });

  it('tells a worker again of a READY that nobody claimed', () => {
    const waiting = task('A', 'READY', { readyAt: secondsAgo(31) });
    expect(look([waiting]).redispatch).toEqual([waiting]);
  });
});

describe('a skip that is too young to be written', () => {
  it('lets nothing run that would follow from it', () => {
    const definition = parseDefinition({
      name: 'w',
      tasks: [
        { id: 'A', function: 'A' },
        { id: 'B', function: 'A' },
        { id: 'C', function: 'A', dependsOn: ['A', 'B'] },
        { id: 'D', function: 'A', dependsOn: ['C'], triggerRule: 'all_done' },
      ],
    });
    const tasks = [succeeded('A'), task('B', 'FAILED', { endedAt: secondsAgo(3) })];
    const found = inspect(buildGraph(definition), { workflow, tasks }, NOW, settings);
    expect(found).toMatchObject({ run: [], skip: [] });
  });
});

describe('what the sweep has acted on', () => {
  it('is looked at again after the grace', () => {
    const waiting = task('A', 'READY', { readyAt: secondsAgo(31) });
    expect(look([waiting])).toMatchObject({ redispatch: [waiting], nextCheckAt: inSeconds(31) });
    const inLine = task('A', 'READY', { readyAt: secondsAgo(120) });
    expect(look([inLine])).toMatchObject({ redispatch: [inLine], nextCheckAt: inSeconds(120) });
    const gone = running('A', secondsAgo(1));
    expect(look([gone])).toMatchObject({ nextCheckAt: inSeconds(30) });
  });
});

describe('a task whose lease is over', () => {
  const lost = (times: number) => ({ ...running('A', secondsAgo(1)), lost: times });

  it.each([0, 1, 2])('runs again after %i lost workers before', (times) => {
    const task = lost(times);
    expect(look([task]).lost).toEqual([{ task, then: 'rerun' }]);
  });

  it('fails after the third rerun was lost too', () => {
    const task = lost(3);
    expect(look([task]).lost).toEqual([{ task, then: 'fail' }]);
  });

  it('fails at once where its definition says so', () => {
    const definition = parseDefinition({
      name: 'w',
      tasks: [{ id: 'A', function: 'A', onLostWorker: 'fail' }],
    });
    const { lost: found } = inspect(
      buildGraph(definition),
      { workflow, tasks: [lost(0)] },
      NOW,
      settings,
    );
    expect(found).toMatchObject([{ then: 'fail' }]);
  });
});

describe('a task that waits for its retry', () => {
  const waits = (notBefore: string, leaseUntil?: string) =>
    task('A', 'READY', { notBefore, ...(leaseUntil ? { leaseUntil } : {}) });

  it('is left alone until its time, which is when the sweep looks again', () => {
    expect(look([waits(inSeconds(40))])).toEqual({ ...nothing, nextCheckAt: inSeconds(40) });
  });

  it('is dispatched when its time has come, which is no repair', () => {
    const task = waits(secondsAgo(1));
    expect(look([task])).toMatchObject({ due: [task], redispatch: [] });
  });

  it('is left to the worker that waits with it', () => {
    const task = waits(secondsAgo(1), inSeconds(10));
    expect(look([task])).toEqual({ ...nothing, nextCheckAt: inSeconds(10) });
  });

  it('is dispatched again when that worker is lost', () => {
    const task = waits(secondsAgo(20), secondsAgo(1));
    expect(look([task])).toMatchObject({ due: [], redispatch: [task] });
  });
});

describe('a workflow beyond its deadline', () => {
  const short = buildGraph({ ...diamond, timeoutSeconds: 100 });
  const at = (nowMs: number, of: Workflow = workflow) =>
    inspect(short, { workflow: of, tasks: [] }, nowMs, settings);

  it('is overdue, and looked at then', () => {
    expect(at(NOW - 21_000)).toMatchObject({ isOverdue: false, nextCheckAt: secondsAgo(20) });
    expect(at(NOW - 20_000)).toMatchObject({ isOverdue: true });
  });

  it('has its whole time again after a redrive', () => {
    const redriven: Workflow = {
      ...workflow,
      epoch: 2,
      redrives: [
        {
          epoch: 2,
          at: secondsAgo(10),
          token: 't',
          selection: { kind: 'unfinished' },
          fromRevision: 1,
          from: { status: 'FAILED' },
        },
      ],
    };
    expect(at(NOW, redriven)).toMatchObject({ isOverdue: false });
  });
});

describe('a workflow that waits', () => {
  const flow = (...tasks: object[]) => buildGraph(parseDefinition({ name: 'flow', tasks }));
  const wait = { id: 'W', wait: { seconds: 3_600 } };
  const ask = { id: 'K', callback: { timeoutSeconds: 3_600 } };
  const call = (id: string, ...dependsOn: string[]) => ({ id, function: 'A', dependsOn });
  const suspended = (taskId: string, wakeAt: string, changes: Partial<Task> = {}) =>
    task(taskId, 'RUNNING', {
      claimId: 'c',
      startedAt: secondsAgo(95),
      suspendedAt: secondsAgo(95),
      wakeAt,
      ...changes,
    });
  const inspectIn = (of: Parameters<typeof inspect>[0], tasks: readonly Task[], on = workflow) =>
    inspect(of, { workflow: on, tasks }, NOW, settings);

  it('is looked at next when its first wait is over, however far that is', () => {
    const graph = flow(wait, { ...wait, id: 'V' }, call('end', 'W', 'V'));
    const tasks = [suspended('W', inSeconds(86_400)), suspended('V', inSeconds(3_000))];
    expect(inspectIn(graph, tasks)).toEqual({ ...nothing, nextCheckAt: inSeconds(3_000) });
  });

  it('is looked at at its deadline, when that comes first', () => {
    const graph = buildGraph({ ...flow(wait).definition, timeoutSeconds: 1_000 });
    const found = inspectIn(graph, [suspended('W', inSeconds(3_000))]);
    expect(found.nextCheckAt).toBe(inSeconds(880));
  });

  it('is looked at regularly while anything else runs', () => {
    const graph = flow(wait, call('B'));
    const tasks = [suspended('W', inSeconds(3_000)), running('B', inSeconds(2_000))];
    expect(inspectIn(graph, tasks).nextCheckAt).toBe(inSeconds(300));
  });

  it('is woken when its time has come, which is no repair, and looked at again after the grace', () => {
    const over = suspended('W', secondsAgo(0));
    const found = inspectIn(flow(wait, call('end', 'W')), [over]);
    expect(found).toEqual({ ...nothing, wake: [over], nextCheckAt: inSeconds(30) });
  });

  it('is not woken a moment too early', () => {
    const wakeAt = new Date(NOW + 1).toISOString();
    expect(inspectIn(flow(wait), [suspended('W', wakeAt)])).toMatchObject({
      wake: [],
      nextCheckAt: wakeAt,
    });
  });

  it('is told of an answer that did not come in time', () => {
    const late = suspended('K', secondsAgo(1), {
      callback: { secret: 's', openedAt: secondsAgo(95) },
    });
    expect(inspectIn(flow(ask), [late]).wake).toEqual([late]);
  });

  it('does not sleep while a fact is so young that its record may be on its way', () => {
    const graph = flow(wait, call('B'), call('C', 'B'), call('end', 'W', 'C'));
    const asleep = suspended('W', inSeconds(3_000));
    const found = inspectIn(graph, [asleep, succeeded('B', 29)]);
    expect(found).toMatchObject({ run: [], nextCheckAt: inSeconds(30) });
  });

  it('does not sleep on a decision that it has just found missing', () => {
    const graph = flow(wait, call('B'), call('C', 'B'), call('end', 'W', 'C'));
    const found = inspectIn(graph, [suspended('W', inSeconds(3_000)), succeeded('B')]);
    expect(found).toMatchObject({ run: ['C'], nextCheckAt: inSeconds(30) });
  });

  it('sleeps once all that could follow has been decided', () => {
    const graph = flow(wait, call('B'), call('end', 'W', 'B'));
    const found = inspectIn(graph, [suspended('W', inSeconds(3_000)), succeeded('B')]);
    expect(found).toMatchObject({ ...nothing, nextCheckAt: inSeconds(3_000) });
  });

  it('does not sleep while its epoch is young: whoever began it may not be done', () => {
    const young = { ...workflow, createdAt: secondsAgo(5), startedAt: secondsAgo(5) };
    const found = inspectIn(flow(wait), [suspended('W', inSeconds(3_000))], young);
    expect(found.nextCheckAt).toBe(inSeconds(30));
  });

  it('keeps a look that lies ahead: whoever asked for it may not have written yet', () => {
    const hastened = { ...workflow, nextCheckAt: inSeconds(40) };
    const tasks = [suspended('W', inSeconds(3_000))];
    expect(inspectIn(flow(wait), tasks, hastened).nextCheckAt).toBe(inSeconds(40));
  });

  it('is not lost, however long nobody holds it', () => {
    expect(inspectIn(flow(wait), [suspended('W', inSeconds(3_000))]).lost).toEqual([]);
  });
});
