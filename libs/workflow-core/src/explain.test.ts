import { buildGraph } from './definition.js';
import { parseDefinition } from './parse-definition.js';
import { diamond } from './diamond.js';
import { explain } from './explain.js';
import { AT, taskIn as task, workflowIn } from './testing/records.js';
import type { Task, Workflow } from './workflow.js';

const LATER = '2026-01-02T03:05:05.000Z';
const graph = buildGraph(diamond);
const workflow = workflowIn();
const skipped = (taskId: string) => task(taskId, 'SKIPPED', { reason: 'UPSTREAM_FAILED' });
const why = (taskId: string, tasks: readonly Task[], of: Workflow = workflow) =>
  explain(graph, { workflow: of, tasks }, taskId);

describe('why a task', () => {
  it('waits: the tasks it waits for, as they are', () => {
    const tasks = [task('A', 'SUCCEEDED'), task('B1', 'SUCCEEDED'), task('B2', 'RUNNING')];
    expect(why('C', tasks)).toEqual({
      taskId: 'C',
      status: 'PENDING',
      code: 'WAITS_FOR_UPSTREAM',
      text: 'It waits for B2, B3 (all_success).',
      triggerRule: 'all_success',
      upstream: [
        { taskId: 'B1', status: 'SUCCEEDED' },
        { taskId: 'B2', status: 'RUNNING' },
        { taskId: 'B3', status: 'PENDING' },
      ],
      because: ['B2', 'B3'],
    });
  });

  it('is about to be decided', () => {
    expect(why('B1', [task('A', 'SUCCEEDED')])).toMatchObject({ code: 'ABOUT_TO_BE_DECIDED' });
  });

  it('waits for a worker', () => {
    expect(why('A', [task('A', 'READY')])).toMatchObject({ code: 'WAITS_FOR_WORKER' });
  });

  it.each([
    ['a worker', LATER],
    ['the sweep', undefined],
  ])('waits for its retry with %s', (waiter, leaseUntil) => {
    const ready = task('A', 'READY', {
      attempt: 2,
      retries: 1,
      notBefore: LATER,
      ...(leaseUntil ? { leaseUntil } : {}),
    });
    expect(why('A', [ready])).toMatchObject({
      code: 'WAITS_FOR_RETRY',
      text: `Retry 1 (attempt 2) starts at ${LATER}; ${waiter} waits with it.`,
      until: LATER,
    });
  });

  it('runs, and until when at most', () => {
    const running = task('A', 'RUNNING', { startedAt: AT, leaseUntil: LATER });
    expect(why('A', [running])).toMatchObject({ code: 'RUNS', until: LATER });
  });

  it('failed', () => {
    const failed = task('A', 'FAILED', {
      attempt: 3,
      retries: 2,
      error: { type: 'TypeError', message: 'no', trace: [] },
    });
    expect(why('A', [failed]).text).toBe('Attempt 3 failed with TypeError after 2 retries.');
  });

  it('was skipped: the failure at the head of the chain', () => {
    const tasks = [task('A', 'FAILED'), skipped('B1'), skipped('B2'), skipped('B3'), skipped('C')];
    expect(why('C', tasks)).toMatchObject({
      code: 'SKIPPED',
      text: 'It was skipped because A failed.',
      because: ['A'],
    });
  });

  it('is cancelled with its workflow, with or without an item', () => {
    const cancelled: Workflow = { ...workflow, status: 'CANCELLED' };
    for (const tasks of [[], [task('A', 'READY')], [task('A', 'CANCELLED')]])
      expect(why('A', tasks, cancelled)).toMatchObject({ status: 'CANCELLED', code: 'CANCELLED' });
    const overdue: Workflow = { ...workflow, status: 'FAILED', reason: 'TIMEOUT' };
    expect(why('A', [], overdue).text).toContain('deadline');
  });

  it('is PENDING again after a redrive, whatever its item says of the epoch before', () => {
    const redriven: Workflow = {
      ...workflow,
      epoch: 2,
      redrives: [
        {
          epoch: 2,
          at: LATER,
          token: 't',
          selection: { kind: 'unfinished' },
          fromRevision: 1,
          from: { status: 'FAILED' },
        },
      ],
    };
    expect(why('C', [task('A', 'SUCCEEDED'), skipped('C')], redriven)).toMatchObject({
      status: 'PENDING',
      code: 'WAITS_FOR_UPSTREAM',
    });
  });
});

describe('what a definition says about failures', () => {
  const fast = buildGraph(
    parseDefinition({
      ...diamond,
      failFast: true,
      tasks: diamond.tasks.map((each) => ({
        ...each,
        ...(each.id === 'B2' ? { continueOnFailure: true } : {}),
        ...(each.id === 'B3' ? { when: '{% workflow.input.all %}' } : {}),
      })),
    }),
  );
  const whyFast = (taskId: string, tasks: readonly Task[]) =>
    explain(fast, { workflow, tasks }, taskId);
  const error = { type: 'TypeError', message: 'no', trace: [] };

  it('shows why a task was not started', () => {
    const tasks = [
      task('A', 'SUCCEEDED'),
      task('B1', 'FAILED', { error }),
      task('C', 'SKIPPED', { reason: 'FAIL_FAST' }),
    ];
    expect(whyFast('C', tasks)).toMatchObject({
      text: 'It was not started because B1 had failed, and the definition fails fast.',
      because: ['B1'],
    });
  });

  it('shows that one is about to be skipped', () => {
    const tasks = [task('A', 'SUCCEEDED'), task('B1', 'FAILED', { error })];
    expect(whyFast('C', tasks)).toMatchObject({ code: 'ABOUT_TO_BE_DECIDED' });
  });

  it('shows a failure that counts as a success, also for those that wait for others', () => {
    const tasks = [task('A', 'SUCCEEDED'), task('B2', 'FAILED', { error, attempt: 1 })];
    expect(whyFast('B2', tasks).text).toContain('continueOnFailure');
    expect(whyFast('C', tasks)).toMatchObject({
      code: 'WAITS_FOR_UPSTREAM',
      because: ['B1', 'B3'],
    });
  });

  it('shows the condition that gave false', () => {
    const tasks = [task('B3', 'SKIPPED', { reason: 'CONDITION_FALSE' })];
    expect(whyFast('B3', tasks).text).toContain('{% workflow.input.all %}');
  });
});
