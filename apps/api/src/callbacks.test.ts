import {
  callbackToken,
  type AnswerAnswer,
  type AnswerRequest,
  type HeartbeatAnswer,
} from '@orchestra/workflow-core';
import { NOW, ORIGIN, createOrchestra } from './testing/orchestra.js';

const SECRET = 'the-secret-of-a-callback--------';
const later = (minutes: number) => new Date(Date.parse(NOW) + minutes * 60_000).toISOString();

/** An API whose orchestrator answers so, and what it was asked. */
function answering(answer: AnswerAnswer | HeartbeatAnswer) {
  const asked: unknown[] = [];
  const reply = async (request: unknown) => {
    asked.push(request);
    return answer as never;
  };
  return { ...createOrchestra({ orchestrator: { answer: reply, heartbeat: reply } }), asked };
}
const accepted = { kind: 'accepted', workflowId: 'w', taskId: 'K', status: 'SUCCEEDED' } as const;
const yes = JSON.stringify({ outcome: 'success', output: { ok: true }, who: 'Ada' });

describe('POST /callbacks/{token}', () => {
  it('gives the answer to the orchestrator under an id of its own', async () => {
    const { ask, asked } = answering(accepted);
    const answer = await ask('POST', '/callbacks/token', { body: yes });
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ workflowId: 'w', taskId: 'K', status: 'SUCCEEDED' });
    const request = { mode: 'answer', token: 'token', outcome: 'success' };
    expect(asked).toEqual([{ ...request, output: { ok: true }, who: 'Ada', requestId: 'made-1' }]);
  });

  it('is the same answer with the same key and body, and another with another body', async () => {
    const { ask, asked } = answering(accepted);
    const headers = { 'Idempotency-Key': 'k' };
    await ask('POST', '/callbacks/token', { body: yes, headers });
    await ask('POST', '/callbacks/token', { body: yes, headers });
    await ask('POST', '/callbacks/token', { body: '{"outcome":"failure"}', headers });
    const [first, again, other] = asked.map((each) => (each as AnswerRequest).requestId);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it.each([
    [{ kind: 'unknown' } as const, 404, 'callback-unknown', undefined],
    [{ kind: 'answered', detail: 'it was' } as const, 409, 'callback-answered', undefined],
    [
      { kind: 'invalid', issues: [{ path: 'output.ok', message: 'must be boolean' }] } as const,
      400,
      'invalid-request',
      [{ path: 'output.ok', message: 'must be boolean' }],
    ],
  ])('tells %j as a problem', async (answer, status, type, errors) => {
    const { ask } = answering({
      ...answer,
      issues: 'issues' in answer ? [...answer.issues] : [],
    } as never);
    const told = await ask('POST', '/callbacks/token', { body: yes });
    expect(told.status).toBe(status);
    expect(told.json()).toMatchObject({
      type: `urn:orchestra:problem:${type}`,
      ...(errors && { errors }),
    });
  });

  it.each([
    ['no outcome', '{}', 'outcome'],
    ['an outcome that is none', '{"outcome":"maybe"}', 'outcome'],
    ['an error of a success', '{"outcome":"success","error":{"message":"no"}}', 'error'],
    ['an output of a failure', '{"outcome":"failure","output":1}', 'output'],
    ['an error without words', '{"outcome":"failure","error":{}}', 'error.message'],
    ['another field', '{"outcome":"success","result":1}', 'result'],
  ])('refuses %s, and asks nobody', async (_, body, path) => {
    const { ask, asked } = answering(accepted);
    const answer = await ask('POST', '/callbacks/token', { body });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ errors: [{ path }] });
    expect(asked).toEqual([]);
  });

  it('keeps the token out of the log when something breaks', async () => {
    const token = callbackToken({ workflowId: 'w', taskId: 'K', secret: SECRET });
    const { ask, logged } = createOrchestra({
      orchestrator: {
        answer: async () => {
          throw new Error('broken');
        },
      },
    });
    const answer = await ask('POST', `/callbacks/${token}`, { body: yes });
    expect(answer.status).toBe(500);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('/callbacks/...');
    expect(logged[0]).not.toContain(SECRET);
    expect(answer.text).not.toContain(SECRET);
  });
});

describe('POST /callbacks/{token}/heartbeat', () => {
  it('tells the deadline from now on', async () => {
    const { ask, asked } = answering({
      kind: 'extended',
      workflowId: 'w',
      taskId: 'K',
      deadline: NOW,
    });
    const answer = await ask('POST', '/callbacks/token/heartbeat');
    expect(answer.json()).toEqual({ workflowId: 'w', taskId: 'K', deadline: NOW });
    expect(asked).toEqual([{ mode: 'heartbeat', token: 'token' }]);
  });

  it('tells a token that is not known, and one that is used', async () => {
    expect(
      (await answering({ kind: 'unknown' }).ask('POST', '/callbacks/x/heartbeat')).status,
    ).toBe(404);
    const used = answering({ kind: 'answered', detail: 'it was' });
    expect((await used.ask('POST', '/callbacks/x/heartbeat')).status).toBe(409);
  });
});

/** Tasks that wait for an answer, each since a minute more. */
async function waiting(count: number, input: unknown = undefined) {
  const orchestra = createOrchestra();
  const { repository } = orchestra;
  await orchestra.ask('POST', '/workflows', { body: '{"workflowId":"w"}' });
  for (let n = 0; n < count; n += 1) {
    const [workflowId, taskId] = ['w', `K${n}`];
    const at = later(-n);
    const origin = { ...ORIGIN, workflowId };
    const mine = { workflowId, taskId, claimId: 'c', at };
    await repository.apply([{ kind: 'ready', origin, taskId, by: 'start', at }]);
    await repository.apply([{ ...mine, kind: 'claim', epoch: 1, version: 1, leaseUntil: at }]);
    const kept =
      input === undefined
        ? {}
        : {
            input: await repository.putPayload({ workflowId, key: taskId, expiresAt: 2e9 }, input),
          };
    const callback = { secret: SECRET, openedAt: at };
    await repository.apply([
      { ...mine, kind: 'suspend', wakeAt: later(10 - n), callback, ...kept },
    ]);
  }
  return orchestra;
}

describe('GET /callbacks', () => {
  it('lists what waits for an answer, the oldest first, with what it takes to give one', async () => {
    const { ask } = await waiting(2, { amount: 7 });
    const answer = await ask('GET', '/callbacks', { query: { status: 'open' } });
    expect(answer.json()).toEqual({
      callbacks: [1, 0].map((n) => ({
        ...{ workflowId: 'w', taskId: `K${n}`, definition: ORIGIN.definition },
        token: callbackToken({ workflowId: 'w', taskId: `K${n}`, secret: SECRET }),
        ...{ openedAt: later(-n), deadline: later(10 - n), heartbeats: 0, input: { amount: 7 } },
      })),
    });
  });

  it('goes on from page to page', async () => {
    const { ask } = await waiting(5);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: '2', ...(cursor === undefined ? {} : { cursor }) };
      const page = (await ask('GET', '/callbacks', { query })).json() as {
        callbacks: { taskId: string }[];
        nextCursor?: string;
      };
      seen.push(...page.callbacks.map(({ taskId }) => taskId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(['K4', 'K3', 'K2', 'K1', 'K0']);
  });

  it('leaves out what is too late to answer', async () => {
    const { ask } = await waiting(12);
    const { callbacks } = (await ask('GET', '/callbacks')).json() as { callbacks: unknown[] };
    expect(callbacks).toHaveLength(10);
  });

  it('leaves out inputs that do not fit into one answer, and says so', async () => {
    const { ask } = await waiting(3, 'x'.repeat(1_500_000));
    const { callbacks } = (await ask('GET', '/callbacks')).json() as {
      callbacks: { input?: string; omitted?: string[] }[];
    };
    expect(callbacks.map(({ omitted }) => omitted)).toEqual([undefined, undefined, ['input']]);
    expect(callbacks[2]).not.toHaveProperty('input');
  });

  it.each([
    ['another status', { status: 'closed' }, 'status'],
    ['a cursor of another list', { cursor: 'x' }, 'cursor'],
  ])('refuses %s', async (_, query, path) => {
    const { ask } = await waiting(0);
    const answer = await ask('GET', '/callbacks', { query: query as Record<string, string> });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ errors: [{ path }] });
  });
});
