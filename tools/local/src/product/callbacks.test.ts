/** Tasks that wait for an answer, on the running product: who may give it, once, until when, what is kept secret, and what it costs. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseDefinition } from '@orchestra/workflow-core';
import type { RunningStack } from '../stack.js';
import {
  byCaller,
  invokeFunction,
  repositoryOf,
  runGraph,
  storeDefinition,
} from './graphs.fixture.js';
import { call, ended, metricOf, startSample, until, type Answer } from './sample-stack.fixture.js';

jest.setTimeout(180_000);

const QUICK = { delayMs: 0 };
const after = (id: string, ...dependsOn: string[]) => ({
  id,
  function: 'A',
  input: QUICK,
  dependsOn,
});
const approved = {
  type: 'object',
  properties: { approved: { type: 'boolean' } },
  required: ['approved'],
};
const K = {
  id: 'K',
  callback: { timeoutSeconds: 600, schema: approved },
  input: { amount: '{% workflow.input.amount %}' },
};

async function begin(
  stack: RunningStack,
  name: string,
  tasks: readonly object[],
  workflowId = name,
): Promise<string> {
  const { revision } = await storeDefinition(stack, parseDefinition({ name, tasks }));
  const definition = { name, revision };
  const input = { ...QUICK, amount: 7 };
  await invokeFunction(stack, 'Orchestrator', { mode: 'start', workflowId, input, definition });
  return workflowId;
}

const send = (stack: RunningStack, path: string, body: unknown): Promise<Answer> =>
  call(stack, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

interface Seen {
  readonly status: string;
  readonly callback?: { readonly token: string; readonly deadline: string };
}

const taskOf = async (stack: RunningStack, workflowId: string, taskId = 'K') => {
  const { body } = await call(stack, `workflows/${workflowId}/tasks/${encodeURIComponent(taskId)}`);
  return body as unknown as Seen;
};

/** The token, once it waits. */
const tokenOf = async (stack: RunningStack, workflowId: string, taskId = 'K'): Promise<string> => {
  const { callback } = await until(
    () => taskOf(stack, workflowId, taskId),
    (task) => task.callback !== undefined,
  );
  return callback?.token ?? '';
};
const success = { outcome: 'success', output: { approved: true } };

describe('a task that waits for an answer', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await startSample();
  });
  afterAll(() => stack.stop());

  it('ends with the answer, which is its output', async () => {
    const C = { ...after('C', 'K'), when: '{% tasks.K.output.approved %}' };
    const id = await begin(stack, 'yes', [K, C]);
    const token = await tokenOf(stack, id);
    expect(encodeURIComponent(token)).toBe(token);
    const answer = await send(stack, `callbacks/${token}`, { ...success, who: 'Ada' });
    expect([answer.status, answer.body]).toEqual([
      200,
      { workflowId: id, taskId: 'K', status: 'SUCCEEDED' },
    ]);
    expect(await ended(stack, id)).toMatchObject({
      status: 'SUCCESS',
      tasks: [{ status: 'SUCCEEDED' }, { status: 'SUCCEEDED' }],
    });
    const task = await taskOf(stack, id);
    expect(task).toMatchObject({ output: { approved: true }, input: { amount: 7 }, who: 'Ada' });
    expect(task.callback).toBeUndefined();
    expect(metricOf(stack, 'SweeperRepairs')).toBe(0);
  });

  it('fails when the answer says so, and what depends on it is skipped', async () => {
    const id = await begin(stack, 'no', [K, after('C', 'K')]);
    const no = { outcome: 'failure', error: { type: 'Refused', message: 'too dear' } };
    const answer = await send(stack, `callbacks/${await tokenOf(stack, id)}`, no);
    expect(answer.body).toMatchObject({ status: 'FAILED' });
    expect(await ended(stack, id)).toMatchObject({
      status: 'FAILED',
      tasks: [{ error: { type: 'Refused', message: 'too dear' } }, { status: 'SKIPPED' }],
    });
  });

  it('takes one of many answers at the same moment', async () => {
    const id = await begin(stack, 'race', [K]);
    const token = await tokenOf(stack, id);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => send(stack, `callbacks/${token}`, success)),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 409, 409, 409, 409, 409]);
    const late = await send(stack, `callbacks/${token}`, success);
    expect([late.status, late.body]).toEqual([
      409,
      expect.objectContaining({
        type: 'urn:orchestra:problem:callback-answered',
        detail: expect.stringContaining('it was answered at'),
      }),
    ]);
  });

  it('tells the same answer the same again, when it comes with its key', async () => {
    const id = await begin(stack, 'again', [K]);
    const token = await tokenOf(stack, id);
    const keyed = () =>
      call(stack, `callbacks/${token}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'mine' },
        body: JSON.stringify(success),
      });
    const [first, again] = [await keyed(), await keyed()];
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toEqual(first.body);
  });

  it('refuses an answer that is not as its schema says, and goes on waiting', async () => {
    const id = await begin(stack, 'schema', [K]);
    const token = await tokenOf(stack, id);
    const wrong = await send(stack, `callbacks/${token}`, { outcome: 'success', output: {} });
    expect([wrong.status, wrong.body]).toEqual([
      400,
      expect.objectContaining({ errors: [{ path: 'output.approved', message: 'is missing' }] }),
    ]);
    expect((await send(stack, `callbacks/${token}`, success)).status).toBe(200);
  });

  it('knows no other token', async () => {
    const id = await begin(stack, 'guess', [K]);
    const token = await tokenOf(stack, id);
    const [place = ''] = token.split('.');
    for (const guess of [`${place}.${'A'.repeat(32)}`, `${place}.`, 'nothing', `${token}x`]) {
      const answer = await send(stack, `callbacks/${guess}`, success);
      expect([guess, answer.status]).toEqual([guess, 404]);
      const beat = await send(stack, `callbacks/${guess}/heartbeat`, {});
      expect(beat.status).toBe(404);
    }
    expect(await taskOf(stack, id)).toMatchObject({ status: 'RUNNING' });
  });

  it('fails at its deadline, which a heartbeat puts off', async () => {
    const L = { id: 'K', callback: { timeoutSeconds: 3 } };
    const id = await begin(stack, 'late', [L]);
    const token = await tokenOf(stack, id);
    const before = (await taskOf(stack, id)).callback?.deadline ?? '';
    await until(
      async () => Date.now(),
      (now) => now > Date.parse(before) - 2_000,
    );
    const { status, body } = await send(stack, `callbacks/${token}/heartbeat`, {});
    expect(status).toBe(200);
    const deadline = Date.parse(body['deadline'] as string);
    expect(deadline).toBeGreaterThan(Date.parse(before));
    await ended(stack, id);
    const task = await taskOf(stack, id);
    expect(task).toMatchObject({
      ...{ status: 'FAILED', reason: 'TIMEOUT' },
      error: { type: 'CallbackTimeout', message: `no answer came until ${body['deadline']}` },
    });
    const { endedAt } = task as Seen & { endedAt?: string };
    const lateness = Date.parse(endedAt ?? '') - deadline;
    expect(lateness).toBeGreaterThanOrEqual(0);
    expect(lateness).toBeLessThan(2_500);
    const after_ = await send(stack, `callbacks/${token}`, { outcome: 'success' });
    expect(after_.status).toBe(409);
  });

  it('waits no more once its workflow was cancelled', async () => {
    const id = await begin(stack, 'gone', [K]);
    const token = await tokenOf(stack, id);
    await send(stack, `workflows/${id}/cancel`, {});
    const answer = await send(stack, `callbacks/${token}`, success);
    expect([answer.status, answer.body['detail']]).toEqual([
      409,
      expect.stringContaining('cancelled'),
    ]);
  });

  it('is asked anew in a redrive, with another token', async () => {
    const id = await begin(stack, 'anew', [K, after('C', 'K')]);
    const token = await tokenOf(stack, id);
    await send(stack, `callbacks/${token}`, { outcome: 'failure' });
    await ended(stack, id);
    expect((await send(stack, `workflows/${id}/redrive`, {})).status).toBe(202);
    const other = await tokenOf(stack, id);
    expect(other).not.toBe(token);
    expect((await send(stack, `callbacks/${token}`, success)).status).toBe(404);
    expect((await send(stack, `callbacks/${other}`, success)).status).toBe(200);
    expect(await ended(stack, id)).toMatchObject({ status: 'SUCCESS' });
  });

  it('may be one of many items of a map', async () => {
    const M = { id: 'M', forEach: ['a', 'b'], callback: { timeoutSeconds: 600 } };
    const id = await begin(stack, 'items', [M, after('C', 'M')]);
    for (const n of [1, 0]) {
      const token = await tokenOf(stack, id, `M[${n}]`);
      const answer = await send(stack, `callbacks/${token}`, { outcome: 'success', output: n });
      expect(answer.body).toMatchObject({ taskId: `M[${n}]` });
    }
    expect(await ended(stack, id)).toMatchObject({ status: 'SUCCESS' });
    expect(await taskOf(stack, id, 'M')).toMatchObject({ output: [0, 1] });
  });

  it('stands in the inbox for as long as it waits, the oldest first', async () => {
    const ids: string[] = [];
    for (const n of [1, 2, 3]) {
      ids.push(await begin(stack, 'inbox', [K], `inbox-${n}`));
      await tokenOf(stack, `inbox-${n}`);
    }
    const inbox = async () => {
      const seen: { workflowId: string; token: string; input: unknown }[] = [];
      let cursor = '';
      do {
        const more = cursor === '' ? '' : `&cursor=${cursor}`;
        const { body } = await call(stack, `callbacks?status=open&limit=2${more}`);
        seen.push(...(body['callbacks'] as typeof seen));
        cursor = (body['nextCursor'] as string | undefined) ?? '';
      } while (cursor !== '');
      return seen.filter(({ workflowId }) => ids.includes(workflowId));
    };
    const open = await inbox();
    expect(open.map(({ workflowId }) => workflowId)).toEqual(ids);
    expect(open[0]).toMatchObject({ taskId: 'K', input: { amount: 7 }, heartbeats: 0 });
    expect((await send(stack, `callbacks/${open[1]?.token}`, success)).status).toBe(200);
    expect((await inbox()).map(({ workflowId }) => workflowId)).toEqual(['inbox-1', 'inbox-3']);
  });

  it('leaves its secret in no log, however it was answered', async () => {
    const id = await begin(stack, 'secret', [K]);
    const token = await tokenOf(stack, id);
    const [place = '', secret = ''] = token.split('.');
    await call(stack, 'callbacks');
    await send(stack, `callbacks/${token}`, { outcome: 'maybe' });
    await send(stack, `callbacks/${token}`, { outcome: 'success', output: 'wrong' });
    await send(stack, `callbacks/${token}/heartbeat`, {});
    await send(stack, `callbacks/${place}.${secret.toLowerCase()}`, success);
    await send(stack, `callbacks/${token}`, success);
    await send(stack, `callbacks/${token}`, success);
    await ended(stack, id);
    const files = textFilesBelow(stack.dataDirectory);
    const logs = files.filter(({ path }) => path.includes('logs'));
    expect(logs.some(({ text }) => text.includes('"WorkflowsSucceeded"'))).toBe(true);
    expect(secret).toHaveLength(32);
    const telling = files.filter(({ text }) => text.includes(secret));
    expect(telling.map(({ path }) => path)).toEqual([]);
  });
});

/** All but the store itself, which has to know. */
function textFilesBelow(directory: string): { path: string; text: string }[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const path = join(directory, name);
    if (!statSync(path).isFile() || /\.(db|sqlite)/.test(name)) return [];
    return [{ path: name, text: readFileSync(path, 'utf8') }];
  });
}

describe('the cost of a callback', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    // A sweep that looks costs reads and writes of its own; here only the answers are to be seen.
    stack = await startSample({ ephemeral: true }, { scheduleEverySeconds: 3_600 });
    await runGraph(stack, parseDefinition({ name: 'warm', tasks: [after('A')] }));
  });
  afterAll(() => stack.stop());

  const answer = (token: string, requestId: string, more: object = success) =>
    invokeFunction(stack, 'Orchestrator', { mode: 'answer', token, requestId, ...more });
  const isSuspended = (workflowId: string, taskId: string) =>
    until(
      () => repositoryOf(stack).getTasks(workflowId, [taskId]),
      ([task]) => task?.suspendedAt !== undefined,
    );
  const costOf = async (work: () => Promise<unknown>) => {
    stack.meter.reset();
    await work();
    const { tableWriteUnits, indexWriteUnitsByName, readUnits } = byCaller(
      stack.meter.read(),
      'Orchestrator',
    );
    return { table: tableWriteUnits, ...indexWriteUnitsByName, readUnits };
  };

  it('is a unit on the table and two of the inbox more than a task that calls a function', async () => {
    stack.meter.reset();
    const id = await begin(stack, 'cost', [K, after('C', 'K')]);
    await isSuspended(id, 'K');
    const [task] = await repositoryOf(stack).getTasks(id, ['K']);
    const place = Buffer.from(`${id}/K`).toString('base64url');
    const before = metricOf(stack, 'WorkflowsSucceeded');
    await answer(`${place}.${task?.callback?.secret}`, 'r');
    await until(
      async () => metricOf(stack, 'WorkflowsSucceeded'),
      (now) => now === before + 1,
    );
    const { tableWriteUnits, indexWriteUnitsByName, statementErrors } = stack.meter.read();
    expect(statementErrors).toEqual({});
    // Two tasks that call functions would have 8, and 2 of the list.
    expect({ table: tableWriteUnits, ...indexWriteUnitsByName }).toEqual({
      ...{ table: 8 + 1, list: 2 + 2, filter: 3, due: 2 },
    });
  });

  it('is three units more for an answer to a workflow that sleeps, and one for a heartbeat', async () => {
    const id = await begin(stack, 'sleeps', [K, { id: 'W', wait: { seconds: 3_600 } }]);
    await isSuspended(id, 'K');
    await isSuspended(id, 'W');
    const repository = repositoryOf(stack);
    const { version = 0 } = (await repository.getWorkflow(id)) ?? {};
    const nextCheckAt = new Date(Date.now() + 3_600_000).toISOString();
    await repository.apply([{ kind: 'check', workflowId: id, epoch: 1, version, nextCheckAt }]);
    const token = await tokenOf(stack, id);
    const beat = () => invokeFunction(stack, 'Orchestrator', { mode: 'heartbeat', token });
    // META and the task; half a unit for the definition, once a container.
    const { readUnits, ...written } = await costOf(beat);
    expect(written).toEqual({ table: 1 });
    expect(readUnits).toBeLessThanOrEqual(2.5);
    const wrong = { outcome: 'success', output: 1 };
    expect(await costOf(() => answer(token, 'wrong', wrong))).toMatchObject({ table: 0 });
    // The task and its entry; META and its.
    expect(await costOf(() => answer(token, 'right'))).toMatchObject({
      table: 1 + 1,
      list: 1,
      due: 2,
    });
    expect(await costOf(() => answer(token, 'late'))).toMatchObject({ table: 0 });
  });
});
