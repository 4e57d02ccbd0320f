import { buildGraph } from './definition.js';
import { parseDefinition } from './parse-definition.js';
import { explain } from './explain.js';
import { AT, taskIn as task, workflowIn } from './testing/records.js';
import type { Task, Workflow } from './workflow.js';

const LATER = '2026-01-02T03:05:05.000Z';
const graph = buildGraph(
  parseDefinition({
    name: 'flow',
    tasks: [
      { id: 'A', wait: { seconds: 60 } },
      { id: 'B', function: 'A', dependsOn: ['A'], forEach: [1, 2, 3, 4], maxConcurrency: 2 },
    ],
    onSuccess: [{ id: 'tell', function: 'A' }],
    onFailure: [{ id: 'alarm', function: 'A' }],
    finally: [{ id: 'clean', function: 'A' }],
  }),
);
const why = (taskId: string, tasks: readonly Task[], of: Partial<Workflow> = {}) =>
  explain(graph, { workflow: workflowIn(of), tasks }, taskId);
const suspended = (taskId: string, by: Partial<Task>) =>
  task(taskId, 'RUNNING', { startedAt: AT, suspendedAt: AT, ...by });
const items = { key: 'k', count: 4, perPart: 10, hash: 'h', since: 1 };
const map = suspended('B', { items });

describe('why a task that is suspended runs', () => {
  it('waits for its time', () => {
    expect(why('A', [suspended('A', { wakeAt: LATER })])).toMatchObject({
      ...{ status: 'RUNNING', code: 'WAITS_UNTIL', until: LATER },
      text: `It waits until ${LATER}; nothing runs meanwhile.`,
    });
  });

  it('waits for an answer, and for how long', () => {
    const callback = { secret: 'hush', openedAt: AT };
    const answer = why('A', [suspended('A', { wakeAt: LATER, callback })]);
    expect(answer).toMatchObject({ code: 'WAITS_FOR_ANSWER', until: LATER });
    expect(JSON.stringify(answer)).not.toContain('hush');
  });

  it('waits for its child', () => {
    expect(why('A', [suspended('A', { child: 'sub-1' })])).toMatchObject({
      ...{ code: 'WAITS_FOR_CHILD', text: 'It waits for its sub-workflow sub-1 to end.' },
    });
  });

  it('runs its items: how many have ended, and which failed', () => {
    const tasks = [map, task('B[0]', 'SUCCEEDED'), task('B[1]', 'FAILED'), task('B[2]', 'READY')];
    expect(why('B', tasks)).toMatchObject({
      ...{ code: 'RUNS_ITEMS', because: ['B[1]'] },
      text: '2 of its 4 items have ended; B[1] failed.',
    });
  });
});

describe('why an item of a map', () => {
  it('waits for its map to list its items', () => {
    expect(why('B[0]', [])).toMatchObject({ code: 'WAITS_FOR_UPSTREAM', because: ['B'] });
  });

  it('waits for those before it, where only some may run at once', () => {
    const tasks = [map, task('B[0]', 'RUNNING'), task('B[1]', 'READY')];
    expect(why('B[3]', tasks)).toMatchObject({
      ...{ status: 'PENDING', code: 'WAITS_FOR_ITEMS', because: ['B[0]', 'B[1]'] },
      text: 'At most 2 items of B run at once, in their order: B[3] waits for B[0], B[1].',
    });
  });

  it('is about to begin once there is room', () => {
    expect(why('B[1]', [map, task('B[0]', 'RUNNING')])).toMatchObject({
      code: 'ABOUT_TO_BE_DECIDED',
    });
  });

  it('runs and ends as any task', () => {
    expect(why('B[0]', [map, task('B[0]', 'FAILED')])).toMatchObject({ code: 'FAILED' });
  });
});

describe('why a hook', () => {
  it('waits for all tasks to end', () => {
    expect(why('tell', [task('A', 'SUCCEEDED')])).toMatchObject({
      ...{ code: 'WAITS_FOR_TASKS', because: ['B'] },
      text: 'It is a hook, and waits for the end of B.',
    });
  });

  it('that comes last waits for the other hooks too', () => {
    const ended = [task('A', 'SUCCEEDED'), task('B', 'SUCCEEDED')];
    expect(why('clean', [...ended, task('alarm', 'SKIPPED')])).toMatchObject({ because: ['tell'] });
    expect(why('tell', ended)).toMatchObject({ code: 'ABOUT_TO_BE_DECIDED' });
  });

  it('was skipped: it was for another end', () => {
    const hook = (id: string) =>
      why(id, [task(id, 'SKIPPED', { reason: 'UPSTREAM_SKIPPED' })]).text;
    expect(hook('tell')).toBe('It was skipped because a task failed (onSuccess).');
    expect(hook('alarm')).toBe('It was skipped because no task failed (onFailure).');
  });
});

describe('why a task is as an operator said', () => {
  const pause = { kind: 'pause', at: AT, epoch: 1, who: 'ada', note: 'look first' } as const;

  it('is READY and does not start: the workflow is paused', () => {
    expect(why('A', [task('A', 'READY')], { controls: [pause] })).toMatchObject({
      ...{ status: 'READY', code: 'PAUSED' },
      text: 'Attempt 1 does not start: ada paused the workflow: look first.',
    });
  });

  it('was skipped or given an output, by whom and why', () => {
    const order = { reason: 'OPERATOR', who: 'ada' } as const;
    expect(why('A', [task('A', 'SKIPPED', order)]).text).toBe('ada skipped it.');
    expect(why('A', [task('A', 'SUCCEEDED', { reason: 'OPERATOR', note: 'known' })]).text).toBe(
      'An operator set its output: known.',
    );
  });

  it('waits for a place with its workflow', () => {
    expect(why('A', [], { status: 'PENDING' })).toMatchObject({ code: 'WAITS_FOR_PLACE' });
  });
});
