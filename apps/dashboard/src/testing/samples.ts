/** Answers as the API gives them, for the sample workflow `A -> (B1, B2, B3) -> C`. */
import type { Task, Workflow } from '@orchestra/api-contract';

const A: Task = {
  taskId: 'A',
  function: 'A',
  status: 'SUCCEEDED',
  dependsOn: [],
  attempt: 1,
  readyAt: '2026-11-23T05:25:23.728Z',
  startedAt: '2026-11-23T05:25:23.856Z',
  endedAt: '2026-11-23T05:25:24.807Z',
  durationMs: 951,
};

const b = (taskId: string, change: Partial<Task> = {}): Task => ({
  ...A,
  taskId,
  function: taskId,
  dependsOn: ['A'],
  readyAt: '2026-11-23T05:25:24.807Z',
  startedAt: '2026-11-23T05:25:24.927Z',
  endedAt: '2026-11-23T05:25:26.340Z',
  durationMs: 1_413,
  ...change,
});

const C: Task = b('C', {
  dependsOn: ['B1', 'B2', 'B3'],
  readyAt: '2026-11-23T05:25:26.340Z',
  startedAt: '2026-11-23T05:25:26.402Z',
  endedAt: '2026-11-23T05:25:27.000Z',
  durationMs: 598,
});

/** What a task is before anything happened to it. */
const unbegun = ({ taskId, function: name, dependsOn }: Task): Task => ({
  taskId,
  function: name,
  status: 'PENDING',
  dependsOn,
  attempt: 0,
});

export const succeeded: Workflow = {
  workflowId: 'ledger-2026-11-23',
  status: 'SUCCESS',
  definition: { name: 'diamond', revision: 1 },
  input: { delayMs: 800 },
  createdAt: '2026-11-23T05:25:23.700Z',
  startedAt: '2026-11-23T05:25:23.700Z',
  endedAt: '2026-11-23T05:25:27.020Z',
  durationMs: 3_320,
  tasks: [A, b('B1'), b('B2'), b('B3'), C],
};

export const failed: Workflow = {
  ...succeeded,
  workflowId: 'ledger-2026-11-22',
  status: 'FAILED',
  createdAt: '2026-11-22T05:25:23.700Z',
  startedAt: '2026-11-22T05:25:23.700Z',
  endedAt: '2026-11-22T05:25:26.400Z',
  durationMs: 2_700,
  tasks: [
    A,
    b('B1'),
    b('B2', {
      status: 'FAILED',
      error: {
        type: 'RuntimeError',
        message: 'B2 was told to fail <img src=x onerror=alert(1)>',
        trace: [
          '  File "/var/task/handler.py", line 27, in compute',
          '    raise RuntimeError(...)',
        ],
      },
    }),
    b('B3'),
    { ...unbegun(C), status: 'SKIPPED', reason: 'UPSTREAM_FAILED', endedAt: b('B2').endedAt },
  ],
};

export const running: Workflow = {
  workflowId: 'ledger-2026-11-24',
  status: 'RUNNING',
  definition: { name: 'diamond', revision: 1 },
  input: null,
  createdAt: '2026-11-24T05:25:23.700Z',
  startedAt: '2026-11-24T05:25:23.700Z',
  tasks: [
    A,
    b('B1'),
    b('B2', { status: 'RUNNING', endedAt: undefined, durationMs: undefined }),
    { ...unbegun(b('B3')), status: 'READY', attempt: 1, readyAt: '2026-11-24T05:25:24.807Z' },
    unbegun(C),
  ],
};

export const pending: Workflow = { ...running, tasks: succeeded.tasks.map(unbegun) };
