import { redriveResponseSchema } from '@orchestra/api-contract';
import type {
  CancelRequest,
  ControlAnswer,
  ControlRequest,
  RedriveAnswer,
  RedriveRequest,
} from '@orchestra/workflow-core';
import { createOrchestra } from './testing/orchestra.js';

const json = (document: unknown) => ({
  body: JSON.stringify(document),
  headers: { 'Content-Type': 'application/json' },
});

describe('cancelling a workflow', () => {
  const cancelling = (kind: 'cancelled' | 'ended' | 'unknown', status?: string) => {
    const asked: CancelRequest[] = [];
    const { ask } = createOrchestra({
      orchestrator: {
        cancel: async (request) => {
          asked.push(request);
          return { kind, ...(status ? { status } : {}) };
        },
      },
    });
    return { ask, asked };
  };

  it.each([
    ['nothing', {}],
    ['an operator’s words', json({ note: 'enough' })],
  ])('takes a body of %s', async (_, sent) => {
    const { ask, asked } = cancelling('cancelled', 'CANCELLED');
    const answer = await ask('POST', '/workflows/w-1/cancel', sent);
    expect([answer.status, answer.json()]).toEqual([
      200,
      { workflowId: 'w-1', status: 'CANCELLED' },
    ]);
    expect(asked).toMatchObject([{ mode: 'cancel', workflowId: 'w-1' }]);
    expect(asked[0]?.note).toBe('body' in sent ? 'enough' : undefined);
  });

  it('tells of a workflow that ended otherwise, and of one that is not there', async () => {
    const ended = await cancelling('ended', 'SUCCESS').ask('POST', '/workflows/w-1/cancel');
    expect([ended.status, ended.json()]).toMatchObject([
      409,
      { type: 'urn:orchestra:problem:workflow-ended', detail: 'it ended SUCCESS, and stays so' },
    ]);
    const unknown = await cancelling('unknown').ask('POST', '/workflows/w-1/cancel');
    expect(unknown.status).toBe(404);
  });

  it.each([
    ['a note too long', { note: 'x'.repeat(501) }, 'note'],
    ['a field it does not know', { reason: 'no' }, 'reason'],
  ])('refuses %s', async (_, body, path) => {
    const { ask, asked } = cancelling('cancelled');
    const answer = await ask('POST', '/workflows/w-1/cancel', json(body));
    expect([answer.status, answer.json()]).toMatchObject([400, { errors: [{ path }] }]);
    expect(asked).toEqual([]);
  });
});

describe('pausing and resuming a workflow', () => {
  const controlling = (answer: ControlAnswer) => {
    const asked: ControlRequest[] = [];
    const { ask } = createOrchestra({
      orchestrator: {
        control: async (request) => {
          asked.push(request);
          return answer;
        },
      },
    });
    return { ask, asked };
  };

  it.each(['pause', 'resume'] as const)('orders the %s with who and why', async (mode) => {
    const { ask, asked } = controlling({ kind: 'done', status: 'RUNNING' });
    const answer = await ask('POST', `/workflows/w-1/${mode}`, json({ who: 'ada', note: 'now' }));
    expect([answer.status, answer.json()]).toEqual([
      200,
      { workflowId: 'w-1', status: 'RUNNING', paused: mode === 'pause' },
    ]);
    expect(asked).toEqual([{ mode, workflowId: 'w-1', who: 'ada', note: 'now' }]);
  });

  it.each([
    [{ kind: 'unknown' }, 404, 'there is no workflow "w-1"'],
    [{ kind: 'ended', status: 'SUCCESS' }, 409, 'it ended SUCCESS: nothing of it is left to start'],
    [{ kind: 'refused', status: 'PENDING', detail: 'it waits' }, 409, 'it waits'],
  ] as const)('tells of %j', async (given, status, detail) => {
    const answer = await controlling(given).ask('POST', '/workflows/w-1/pause');
    expect([answer.status, answer.json()]).toMatchObject([status, { detail }]);
  });
});

describe('redriving a workflow and running a task again', () => {
  const done: RedriveAnswer = {
    kind: 'redriven',
    status: 'RUNNING',
    epoch: 2,
    definition: { name: 'diamond', revision: 1 },
    run: ['B2', 'C'],
    keep: ['A'],
  };
  const redriving = (answer: RedriveAnswer = done) => {
    const asked: RedriveRequest[] = [];
    const { ask } = createOrchestra({
      orchestrator: {
        redrive: async (request) => {
          asked.push(request);
          return answer;
        },
      },
    });
    return { ask, asked };
  };

  it('answers 202 with what runs and what is kept', async () => {
    const { ask, asked } = redriving();
    const answer = await ask('POST', '/workflows/w-1/redrive', json({ revision: 3, note: 'ok' }));
    expect(answer.status).toBe(202);
    expect(redriveResponseSchema.parse(answer.json())).toEqual({
      workflowId: 'w-1',
      status: 'RUNNING',
      epoch: 2,
      definition: { name: 'diamond', revision: 1 },
      dryRun: false,
      run: ['B2', 'C'],
      keep: ['A'],
    });
    expect(asked).toEqual([
      {
        mode: 'redrive',
        workflowId: 'w-1',
        token: 'made-1',
        selection: { kind: 'unfinished' },
        revision: 3,
        note: 'ok',
        dryRun: false,
      },
    ]);
  });

  it('is the same order again with the same idempotency key, and another one with another body', async () => {
    const { ask, asked } = redriving();
    const order = (body: unknown) =>
      ask('POST', '/workflows/w-1/tasks/B2/rerun', {
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k-1' },
      });
    for (const body of [{}, { downstream: true }, { downstream: false }]) await order(body);
    const [first, same, other] = asked.map(({ token }) => token);
    expect(first).toMatch(/^key-[0-9a-f]{26}$/);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });

  it('answers 200 for a preview', async () => {
    const { ask, asked } = redriving({ ...done, kind: 'preview' });
    const answer = await ask('POST', '/workflows/w-1/redrive', { query: { dryRun: 'true' } });
    expect([answer.status, answer.json()]).toMatchObject([200, { dryRun: true }]);
    expect(asked).toMatchObject([{ dryRun: true }]);
  });

  it.each([
    ['with all below it unless told otherwise', {}, true],
    ['alone when told so', { downstream: false }, false],
  ])('runs a task again %s', async (_, body, downstream) => {
    const { ask, asked } = redriving();
    const answer = await ask('POST', '/workflows/w-1/tasks/B2/rerun', json(body));
    expect(answer.status).toBe(202);
    expect(asked).toMatchObject([{ selection: { kind: 'tasks', tasks: ['B2'], downstream } }]);
  });

  it.each([
    ['unknown', 404],
    ['unknownTask', 404],
    ['unknownRevision', 404],
    ['running', 409],
    ['nothingToRun', 409],
    ['revisionDiffers', 409],
    ['tooMany', 409],
    ['tooLate', 409],
  ] as const)('answers %s with %i and the reason', async (kind, status) => {
    const { ask } = redriving({ kind, detail: 'the reason' });
    const answer = await ask('POST', '/workflows/w-1/redrive');
    expect([answer.status, answer.json()]).toMatchObject([status, { detail: 'the reason' }]);
  });

  it.each([
    ['/workflows/w-1/redrive', { revision: 0 }, 'revision'],
    ['/workflows/w-1/redrive', { tasks: ['A'] }, 'tasks'],
    ['/workflows/w-1/tasks/A/rerun', { downstream: 'yes' }, 'downstream'],
    ['/workflows/w-1/tasks/A/rerun', { revision: 2 }, 'revision'],
  ])('refuses %s with %j', async (path, body, issue) => {
    const { ask, asked } = redriving();
    const answer = await ask('POST', path, json(body));
    expect([answer.status, answer.json()]).toMatchObject([400, { errors: [{ path: issue }] }]);
    expect(asked).toEqual([]);
  });

  it('refuses a dry run that is neither true nor false', async () => {
    const { ask, asked } = redriving();
    const answer = await ask('POST', '/workflows/w-1/redrive', { query: { dryRun: 'maybe' } });
    expect(answer.status).toBe(400);
    expect(asked).toEqual([]);
  });

  it('says more of single tasks: another input, an output, a skip, and who says so', async () => {
    const { ask, asked } = redriving();
    const overrides = [
      { taskId: 'A', input: { n: 1 } },
      { taskId: 'B[1]', output: null },
      { taskId: 'C', skip: true },
    ];
    await ask('POST', '/workflows/w-1/redrive', json({ overrides, who: 'ada' }));
    expect(asked[0]).toMatchObject({
      who: 'ada',
      overrides: [
        { taskId: 'A', kind: 'input', input: { n: 1 } },
        { taskId: 'B[1]', kind: 'output', output: null },
        { taskId: 'C', kind: 'skip' },
      ],
    });
  });

  it('gives the task that runs again another input', async () => {
    const { ask, asked } = redriving();
    await ask('POST', '/workflows/w-1/tasks/B2/rerun', json({ input: null, downstream: false }));
    expect(asked[0]).toMatchObject({
      selection: { kind: 'tasks', tasks: ['B2'], downstream: false },
      overrides: [{ taskId: 'B2', kind: 'input', input: null }],
    });
  });

  it.each([
    ['none of them', [{ taskId: 'A' }], 'overrides[0]'],
    ['two of them', [{ taskId: 'A', skip: true, output: 1 }], 'overrides[0]'],
    ['a skip that is none', [{ taskId: 'A', skip: false }], 'overrides[0]'],
    ['no task', [{ skip: true }], 'overrides[0]'],
    ['nothing', [], 'overrides'],
    [
      'too many',
      Array.from({ length: 21 }, (_, n) => ({ taskId: `T${n}`, skip: true })),
      'overrides',
    ],
  ])('refuses a word about a task that says %s', async (_, overrides, path) => {
    const { ask, asked } = redriving();
    const answer = await ask('POST', '/workflows/w-1/redrive', json({ overrides }));
    expect([answer.status, answer.json()]).toMatchObject([400, { errors: [{ path }] }]);
    expect(asked).toEqual([]);
  });
});
