/** Answers as the API gives them, for the sample workflow `A -> (B1, B2, B3) -> C`. */
import type {
  Explanation,
  HistoryEvent,
  Task,
  TaskDetail,
  Workflow,
} from '@orchestra/api-contract';

const A: Task = {
  taskId: 'A',
  kind: 'function',
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
const unbegun = ({ taskId, kind, function: name, dependsOn }: Task): Task => ({
  taskId,
  kind,
  function: name,
  status: 'PENDING',
  dependsOn,
  attempt: 0,
});

/** The tasks, and how many of them stand where. */
export function withTasks(tasks: Task[]): Pick<Workflow, 'tasks' | 'taskCounts'> {
  const taskCounts: Workflow['taskCounts'] = {};
  for (const { status } of tasks) taskCounts[status] = (taskCounts[status] ?? 0) + 1;
  return { tasks, taskCounts };
}

export const succeeded: Workflow = {
  workflowId: 'ledger-2026-11-23',
  status: 'SUCCESS',
  epoch: 1,
  definition: { name: 'diamond', revision: 1 },
  input: { delayMs: 800 },
  createdAt: '2026-11-23T05:25:23.700Z',
  startedAt: '2026-11-23T05:25:23.700Z',
  endedAt: '2026-11-23T05:25:27.020Z',
  durationMs: 3_320,
  ...withTasks([A, b('B1'), b('B2'), b('B3'), C]),
};

export const failed: Workflow = {
  ...succeeded,
  workflowId: 'ledger-2026-11-22',
  status: 'FAILED',
  createdAt: '2026-11-22T05:25:23.700Z',
  startedAt: '2026-11-22T05:25:23.700Z',
  endedAt: '2026-11-22T05:25:26.400Z',
  durationMs: 2_700,
  ...withTasks([
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
  ]),
};

export const running: Workflow = {
  workflowId: 'ledger-2026-11-24',
  status: 'RUNNING',
  epoch: 1,
  definition: { name: 'diamond', revision: 1 },
  input: null,
  createdAt: '2026-11-24T05:25:23.700Z',
  startedAt: '2026-11-24T05:25:23.700Z',
  ...withTasks([
    A,
    b('B1'),
    b('B2', { status: 'RUNNING', endedAt: undefined, durationMs: undefined }),
    { ...unbegun(b('B3')), status: 'READY', attempt: 1, readyAt: '2026-11-24T05:25:24.807Z' },
    unbegun(C),
  ]),
};

export const pending: Workflow = { ...running, ...withTasks(succeeded.tasks.map(unbegun)) };

/** A map over ten items, of which three have ended, then a wait; and what follows however that ends. */
export const mapping: Workflow = {
  ...running,
  workflowId: 'photos-2026-11-24',
  definition: { name: 'photos', revision: 3 },
  ...withTasks([
    A,
    b('B', {
      function: 'B1',
      forEach: true,
      items: { count: 10 },
      status: 'RUNNING',
      suspendedAt: '2026-11-23T05:25:25.000Z',
      endedAt: undefined,
      durationMs: undefined,
    }),
    { ...unbegun(b('pause', { dependsOn: ['B'] })), kind: 'wait', function: undefined },
    { ...unbegun(b('tell', { dependsOn: [] })), hook: 'onFailure' },
    { ...unbegun(b('clean', { dependsOn: [] })), hook: 'finally' },
  ]),
};

export const mapItems: readonly Task[] = Array.from({ length: 10 }, (_, n) => ({
  ...b(`B[${n}]`, { function: 'B1' }),
  map: 'B',
  label: `photo ${n}.jpg`,
  ...(n === 1 && {
    status: 'FAILED' as const,
    error: { type: 'BadPhoto', message: 'photo 1.jpg is no photo', trace: [] },
  }),
  ...(n > 2 && {
    status: 'PENDING' as const,
    attempt: 0,
    startedAt: undefined,
    endedAt: undefined,
  }),
}));

/** Why C of the failed workflow was skipped. */
export const whySkipped: Explanation = {
  taskId: 'C',
  status: 'SKIPPED',
  code: 'SKIPPED',
  text: 'It was skipped because B2 failed.',
  triggerRule: 'all_success',
  upstream: [
    { taskId: 'B1', status: 'SUCCEEDED' },
    { taskId: 'B2', status: 'FAILED' },
    { taskId: 'B3', status: 'SUCCEEDED' },
  ],
  because: ['B2'],
};

/** B2, which failed twice, was redriven, and succeeded. */
export const attemptsOfTwoEpochs: TaskDetail['attempts'] = [
  {
    attempt: 1,
    epoch: 1,
    startedAt: '2026-11-22T05:25:24.927Z',
    endedAt: '2026-11-22T05:25:26.340Z',
    error: {
      type: 'RuntimeError',
      message: 'B2 was told to fail',
      trace: ['  File "/var/task/handler.py", line 27, in compute'],
    },
    requestId: '6f9b6c0e-61a4-4b07-9a0b-4c8a1f9e2a10',
  },
  {
    attempt: 2,
    epoch: 1,
    startedAt: '2026-11-22T05:25:28.000Z',
    endedAt: '2026-11-22T05:25:29.000Z',
    error: { type: 'TaskTimeout', message: 'It ran longer than 1 s', trace: [] },
    requestId: '0d1d7b9a-3f0c-4c58-8a57-b7d6b4b8c9f2',
  },
  {
    attempt: 3,
    epoch: 2,
    startedAt: '2026-11-23T05:25:24.927Z',
    endedAt: '2026-11-23T05:25:26.340Z',
    requestId: '2b1f4f3e-8b0a-4e0c-9a55-d2b0f4f2e7aa',
  },
];

/** Of the failed workflow, from its start to its redrive. */
export const events: readonly HistoryEvent[] = [
  {
    sequence: 1,
    at: '2026-11-22T05:25:23.700Z',
    type: 'WORKFLOW_STARTED',
    status: 'RUNNING',
    actor: 'start',
    epoch: 1,
  },
  {
    sequence: 2,
    at: '2026-11-22T05:25:23.728Z',
    type: 'TASK_READY',
    status: 'READY',
    actor: 'start',
    epoch: 1,
    taskId: 'A',
    transition: 1,
    attempt: 1,
  },
  {
    sequence: 3,
    at: '2026-11-22T05:25:26.340Z',
    type: 'TASK_FAILED',
    status: 'FAILED',
    actor: 'worker',
    epoch: 1,
    taskId: 'B2',
    transition: 3,
    attempt: 1,
    error: { type: 'RuntimeError', message: 'B2 was told to fail', trace: [] },
    requestId: '6f9b6c0e-61a4-4b07-9a0b-4c8a1f9e2a10',
  },
  {
    sequence: 4,
    at: '2026-11-22T05:25:26.400Z',
    type: 'WORKFLOW_FAILED',
    status: 'FAILED',
    actor: 'stream',
    epoch: 1,
  },
  {
    sequence: 5,
    at: '2026-11-22T06:00:00.000Z',
    type: 'WORKFLOW_REDRIVEN',
    status: 'RUNNING',
    actor: 'operator',
    epoch: 2,
    note: 'The supplier is back',
    selection: { kind: 'tasks', tasks: ['B2'], downstream: true },
  },
];
