import { buildGraph } from './definition.js';
import { diamond } from './diamond.js';
import { historyOf } from './history.js';
import { asPast } from './past-attempts.js';
import { taskIn as task, workflowIn } from './testing/records.js';
import type { PastAttempt, Task, Workflow } from './workflow.js';

const graph = buildGraph(diamond);
const START = Date.parse('2026-01-02T03:00:00.000Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const workflow = workflowIn({ createdAt: at(0), startedAt: at(0) });
const ran = (taskId: string, from: number, status: Task['status'] = 'SUCCEEDED') =>
  task(taskId, status, { readyAt: at(from), startedAt: at(from + 1), endedAt: at(from + 2) });
const told = (
  tasks: readonly Task[],
  past: Record<string, readonly PastAttempt[]> = {},
  of: Workflow = workflow,
) => historyOf(graph, { workflow: of, tasks }, new Map(Object.entries(past)));
const words = (events: ReturnType<typeof told>) =>
  events.map(({ type, taskId }) => (taskId ? `${taskId} ${type}` : type));

describe('the history of a workflow', () => {
  it('has one event for each transition, in order, without a gap', () => {
    const events = told(
      [ran('A', 0), task('B1', 'RUNNING', { version: 2, readyAt: at(3), startedAt: at(4) })],
      {},
    );
    expect(words(events)).toEqual([
      'WORKFLOW_STARTED',
      'A TASK_READY',
      'A TASK_RUNNING',
      'A TASK_SUCCEEDED',
      'B1 TASK_READY',
      'B1 TASK_RUNNING',
    ]);
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(events.map(({ transition }) => transition)).toEqual([undefined, 1, 2, 3, 1, 2]);
  });

  it('tells a retry as the one move it is, with its error', () => {
    const error = { type: 'Flaky', message: 'no', trace: [] };
    const first: PastAttempt = {
      attempt: 1,
      epoch: 1,
      status: 'RUNNING',
      readyAt: at(0),
      startedAt: at(1),
      endedAt: at(2),
      endedBy: 'worker',
      error,
    };
    const second = task('A', 'SUCCEEDED', {
      version: 5,
      attempt: 2,
      readyAt: at(2),
      startedAt: at(3),
      endedAt: at(4),
    });
    const events = told([second], { A: [first] });
    expect(words(events).slice(1)).toEqual([
      'A TASK_READY',
      'A TASK_RUNNING',
      'A TASK_RETRIED',
      'A TASK_RUNNING',
      'A TASK_SUCCEEDED',
    ]);
    expect(events.find(({ type }) => type === 'TASK_RETRIED')).toMatchObject({ attempt: 1, error });
    expect(events.filter(({ taskId }) => taskId === 'A')).toHaveLength(second.version);
  });

  it('never shows a task before what it follows from, whatever the clocks say', () => {
    const events = told([ran('A', 100), ran('B1', 50)]);
    expect(words(events).slice(1)).toEqual([
      'A TASK_READY',
      'A TASK_RUNNING',
      'A TASK_SUCCEEDED',
      'B1 TASK_READY',
      'B1 TASK_RUNNING',
      'B1 TASK_SUCCEEDED',
    ]);
  });

  it('shows a cancel before what it cancelled, with the operator', () => {
    const cancelled: Workflow = {
      ...workflow,
      status: 'CANCELLED',
      endedAt: at(5),
      endedBy: 'operator',
      note: 'enough',
    };
    const stopped = task('A', 'CANCELLED', {
      readyAt: at(0),
      startedAt: at(1),
      endedAt: at(5),
      endedBy: 'operator',
    });
    const events = told([stopped], {}, cancelled);
    expect(words(events).slice(-2)).toEqual(['WORKFLOW_CANCELLED', 'A TASK_CANCELLED']);
    expect(events.at(-2)).toMatchObject({ actor: 'operator', note: 'enough' });
  });

  it('keeps epochs apart: how it ended, the order to go on, and what ran again', () => {
    const failed = ran('A', 0, 'FAILED');
    const redriven: Workflow = {
      ...workflow,
      epoch: 2,
      status: 'SUCCESS',
      endedAt: at(20),
      endedBy: 'stream',
      redrives: [
        {
          epoch: 2,
          at: at(10),
          token: 't',
          selection: { kind: 'unfinished' },
          fromRevision: 1,
          from: { status: 'FAILED', endedAt: at(3), endedBy: 'stream' },
          note: 'fixed',
        },
      ],
    };
    const again = task('A', 'SUCCEEDED', {
      epoch: 2,
      version: 6,
      attempt: 2,
      readyAt: at(10),
      readyBy: 'operator',
      startedAt: at(11),
      endedAt: at(12),
    });
    const events = told([again], { A: [asPast(failed)] }, redriven);
    expect(words(events)).toEqual([
      'WORKFLOW_STARTED',
      'A TASK_READY',
      'A TASK_RUNNING',
      'A TASK_FAILED',
      'WORKFLOW_FAILED',
      'WORKFLOW_REDRIVEN',
      'A TASK_READY',
      'A TASK_RUNNING',
      'A TASK_SUCCEEDED',
      'WORKFLOW_SUCCESS',
    ]);
    expect(events[5]).toMatchObject({ actor: 'operator', epoch: 2, note: 'fixed' });
    expect(events.map(({ epoch }) => epoch)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
  });

  it('keeps what happened to a task that a later revision no longer has', () => {
    expect(words(told([ran('Z', 0)]))).toContain('Z TASK_SUCCEEDED');
  });
});
