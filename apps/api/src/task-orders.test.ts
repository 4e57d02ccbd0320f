import type { OverrideAnswer, OverrideRequest } from '@orchestra/workflow-core';
import { createOrchestra } from './testing/orchestra.js';

const json = (document: unknown) => ({
  body: JSON.stringify(document),
  headers: { 'Content-Type': 'application/json' },
});

function ordering(answer: OverrideAnswer) {
  const asked: OverrideRequest[] = [];
  const { ask } = createOrchestra({
    orchestrator: {
      override: async (request) => {
        asked.push(request);
        return answer;
      },
    },
  });
  return { ask, asked };
}

const done = { kind: 'done', status: 'RUNNING', epoch: 1 } as const;

describe('skipping a task', () => {
  it('orders it with who and why, and says what it becomes', async () => {
    const { ask, asked } = ordering(done);
    const sent = json({ who: 'ada', note: 'broken' });
    const answer = await ask('POST', '/workflows/w-1/tasks/B1/skip', sent);
    expect([answer.status, answer.json()]).toEqual([
      200,
      { workflowId: 'w-1', status: 'RUNNING', epoch: 1, taskId: 'B1', taskStatus: 'SKIPPED' },
    ]);
    expect(asked).toEqual([
      {
        ...{ mode: 'override', workflowId: 'w-1', token: 'made-1' },
        override: { taskId: 'B1', kind: 'skip' },
        ...{ who: 'ada', note: 'broken' },
      },
    ]);
  });

  it('takes an item of a map, and no body', async () => {
    const { ask, asked } = ordering(done);
    expect((await ask('POST', '/workflows/w-1/tasks/B[3]/skip')).status).toBe(200);
    expect(asked[0]?.override).toEqual({ taskId: 'B[3]', kind: 'skip' });
  });

  it('is 202 where the workflow goes on with it', async () => {
    const { ask } = ordering({ kind: 'redriven', status: 'RUNNING', epoch: 2 });
    expect((await ask('POST', '/workflows/w-1/tasks/B1/skip')).status).toBe(202);
  });

  it.each([
    ['unknown', 404, 'there is no workflow "w-1"'],
    ['unknownTask', 404, '"w-1" has no task "B1"'],
    ['refused', 409, 'a worker runs it'],
  ] as const)('tells that it is %s', async (kind, status, detail) => {
    const { ask } = ordering({ kind, detail: 'a worker runs it' });
    const answer = await ask('POST', '/workflows/w-1/tasks/B1/skip');
    expect([answer.status, answer.json()]).toMatchObject([status, { status, detail }]);
  });

  it('is the same order by the same key, and another by another order', async () => {
    const { ask, asked } = ordering(done);
    const keyed = (document: unknown) => {
      const sent = json(document);
      return { ...sent, headers: { ...sent.headers, 'Idempotency-Key': 'k' } };
    };
    for (const note of ['a', 'a', 'b'])
      await ask('POST', '/workflows/w-1/tasks/B1/skip', keyed({ note }));
    const [first, second, other] = asked.map(({ token }) => token);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe('setting a task’s output', () => {
  it('orders it, whatever JSON it is', async () => {
    for (const output of [null, 0, '', [1], { a: { b: 1 } }]) {
      const { ask, asked } = ordering(done);
      const answer = await ask('PUT', '/workflows/w-1/tasks/A/output', json({ output }));
      expect([answer.status, answer.json()]).toMatchObject([200, { taskStatus: 'SUCCEEDED' }]);
      expect(asked[0]?.override).toEqual({ taskId: 'A', kind: 'output', output });
    }
  });

  it.each([
    ['no output', {}, 'output'],
    ['a field it does not know', { output: 1, why: 'x' }, 'why'],
    ['an empty name', { output: 1, who: '' }, 'who'],
  ])('refuses %s', async (_, body, path) => {
    const { ask, asked } = ordering(done);
    const answer = await ask('PUT', '/workflows/w-1/tasks/A/output', json(body));
    expect([answer.status, answer.json()]).toMatchObject([400, { errors: [{ path }] }]);
    expect(asked).toEqual([]);
  });
});
