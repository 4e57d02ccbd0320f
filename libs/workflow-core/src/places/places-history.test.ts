import { buildGraph } from '../definition.js';
import { diamond } from '../diamond.js';
import { deadlineOf } from '../epochs.js';
import { explain } from '../explain.js';
import { historyOf } from '../history.js';
import { AT, taskIn, workflowIn } from '../testing/records.js';
import type { Redrive } from '../workflow.js';

const graph = buildGraph(diamond);
const LATER = '2026-01-02T04:00:00.000Z';

describe('a task that waited for a place at its function', () => {
  const task = taskIn('A', 'SUCCEEDED', {
    ...{ version: 5, readyAt: AT, startedAt: LATER, endedAt: LATER },
    ...{ postponed: 2, postponedAt: AT },
  });

  it('tells all its transitions, those by which it was postponed in one event', () => {
    const events = historyOf(graph, { workflow: workflowIn(), tasks: [task] }, new Map());
    expect(events.slice(1).map(({ type, transition, count }) => [type, transition, count])).toEqual(
      [
        ['TASK_READY', 1, undefined],
        ['TASK_POSTPONED', 3, 2],
        ['TASK_RUNNING', 4, undefined],
        ['TASK_SUCCEEDED', 5, undefined],
      ],
    );
  });
});

describe('a task that waits for one', () => {
  it('says so', () => {
    const waits = { readyAt: AT, notBefore: AT, postponed: 1, postponedAt: AT, leaseUntil: LATER };
    const tasks = [taskIn('A', 'READY', waits)];
    expect(explain(graph, { workflow: workflowIn(), tasks }, 'A')).toMatchObject({
      code: 'WAITS_FOR_PLACE',
      text: expect.stringContaining('its function takes only so many tasks at once'),
    });
  });
});

const redrive: Redrive = {
  epoch: 2,
  at: AT,
  token: 't',
  selection: { kind: 'unfinished' },
  fromRevision: 1,
  from: { status: 'FAILED' },
};

describe('the deadline of a workflow that waited for a place', () => {
  it.each([
    ['counts from when it was let in', {}, LATER],
    ['of a redrive counts from when that was let in', { redrives: [redrive] }, LATER],
  ] as const)('%s', (_, changes, from) => {
    const workflow = workflowIn({ createdAt: AT, startedAt: LATER, ...changes });
    expect(deadlineOf({ ...graph.definition, timeoutSeconds: 60 }, workflow)).toBe(
      Date.parse(from) + 60_000,
    );
  });
});
