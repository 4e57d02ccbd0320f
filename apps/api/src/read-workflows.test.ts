import fc from 'fast-check';
import {
  listWorkflowsResponseSchema,
  problemSchema,
  taskDetailSchema,
  workflowSchema,
} from '@orchestra/api-contract';
import { StoreUnavailableError, type Transition } from '@orchestra/workflow-core';
import { InMemoryRepository } from '@orchestra/workflow-core/in-memory';
import { createOrchestra, NOW, ORIGIN, startIn } from './testing/orchestra.js';

const at = (seconds: number) => new Date(Date.parse(NOW) + seconds * 1000).toISOString();
const own = { workflowId: 'w-1', taskId: 'A' };
const ready: Transition = {
  kind: 'ready',
  origin: { workflowId: 'w-1', ...ORIGIN },
  taskId: 'A',
  by: 'start',
  at: at(0),
};
const claim = (claimId: string, version: number, seconds: number): Transition => ({
  kind: 'claim',
  ...own,
  epoch: 1,
  version,
  claimId,
  leaseUntil: at(99),
  at: at(seconds),
});

const stop = (status: 'CANCELLED' | 'FAILED', seconds: number): Transition => ({
  kind: 'stop',
  workflowId: 'w-1',
  epoch: 1,
  definition: ORIGIN.definition,
  status,
  by: status === 'FAILED' ? 'sweep' : 'operator',
  at: at(seconds),
});

/** The workflow w-1, with each transition applied in its turn. */
async function withDiamond(...transitions: Transition[]) {
  const orchestra = createOrchestra();
  await startIn(orchestra.repository)({ mode: 'start', workflowId: 'w-1', input: { n: 1 } });
  for (const transition of transitions)
    expect(await orchestra.repository.apply([transition])).toEqual([{ kind: 'applied' }]);
  const read = async (path: string) => {
    const answer = await orchestra.ask('GET', path);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
    return answer.json();
  };
  return { ...orchestra, read };
}

describe('showing a workflow', () => {
  it('shows every task of the definition, those without an item as PENDING', async () => {
    const { read } = await withDiamond(ready);
    expect(workflowSchema.parse(await read('/workflows/w-1'))).toEqual({
      workflowId: 'w-1',
      status: 'RUNNING',
      epoch: 1,
      definition: { name: 'diamond', revision: 1 },
      input: { n: 1 },
      createdAt: NOW,
      startedAt: NOW,
      taskCounts: { READY: 1, PENDING: 4 },
      tasks: [
        {
          taskId: 'A',
          kind: 'function',
          function: 'A',
          status: 'READY',
          dependsOn: [],
          attempt: 1,
          readyAt: NOW,
        },
        {
          taskId: 'B1',
          kind: 'function',
          function: 'B1',
          status: 'PENDING',
          dependsOn: ['A'],
          attempt: 0,
        },
        {
          taskId: 'B2',
          kind: 'function',
          function: 'B2',
          status: 'PENDING',
          dependsOn: ['A'],
          attempt: 0,
        },
        {
          taskId: 'B3',
          kind: 'function',
          function: 'B3',
          status: 'PENDING',
          dependsOn: ['A'],
          attempt: 0,
        },
        {
          taskId: 'C',
          kind: 'function',
          function: 'C',
          status: 'PENDING',
          dependsOn: ['B1', 'B2', 'B3'],
          attempt: 0,
        },
      ],
    });
  });

  it('shows a failure with its type, message and trace, and why others were skipped', async () => {
    const error = { type: 'RangeError', message: 'too wide', trace: ['at resize'] };
    const { read } = await withDiamond(
      ready,
      claim('c-1', 1, 1),
      { kind: 'fail', ...own, claimId: 'c-1', error, by: 'worker', at: at(3.5) },
      {
        kind: 'skip',
        origin: { workflowId: 'w-1', ...ORIGIN },
        taskId: 'B1',
        reason: 'UPSTREAM_FAILED',
        by: 'stream',
        at: at(4),
      },
      {
        kind: 'finish',
        workflowId: 'w-1',
        epoch: 1,
        definition: ORIGIN.definition,
        status: 'FAILED',
        by: 'stream',
        at: at(5),
      },
    );
    const workflow = workflowSchema.parse(await read('/workflows/w-1'));
    expect(workflow).toMatchObject({ status: 'FAILED', endedAt: at(5), durationMs: 5_000 });
    expect(workflow.tasks.slice(0, 2)).toMatchObject([
      { status: 'FAILED', startedAt: at(1), endedAt: at(3.5), durationMs: 2_500, error },
      { status: 'SKIPPED', reason: 'UPSTREAM_FAILED', attempt: 0, endedAt: at(4) },
    ]);
  });

  it('shows tasks without an item as CANCELLED in a cancelled workflow', async () => {
    const { repository, read } = await withDiamond();
    const workflow = await repository.getWorkflow('w-1');
    if (!workflow) throw new Error('w-1 was started');
    await repository.createWorkflow({ ...workflow, workflowId: 'w-2', status: 'CANCELLED' });
    const shown = workflowSchema.parse(await read('/workflows/w-2'));
    expect(new Set(shown.tasks.map(({ status }) => status))).toEqual(new Set(['CANCELLED']));
  });

  it('shows what had not ended at its deadline as CANCELLED, with the reason of the workflow', async () => {
    const { read } = await withDiamond(ready, claim('c-1', 1, 1), stop('FAILED', 2));
    const workflow = workflowSchema.parse(await read('/workflows/w-1'));
    expect(workflow).toMatchObject({ status: 'FAILED', reason: 'TIMEOUT', endedAt: at(2) });
    expect(new Set(workflow.tasks.map(({ status }) => status))).toEqual(new Set(['CANCELLED']));
  });

  it('reads a large input from beside the item', async () => {
    const orchestra = createOrchestra();
    const input = 'x'.repeat(10_000);
    await startIn(orchestra.repository)({ mode: 'start', workflowId: 'w-1', input });
    expect((await orchestra.ask('GET', '/workflows/w-1')).json()).toMatchObject({ input });
  });

  it('answers HEAD as GET, without the body', async () => {
    const { ask } = await withDiamond();
    const answer = await ask('HEAD', '/workflows/w-1');
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});

describe('showing a task', () => {
  it('shows input, output and the attempt that made it', async () => {
    const { read } = await withDiamond(ready, claim('c-1', 1, 1), {
      kind: 'succeed',
      ...own,
      claimId: 'c-1',
      output: { kind: 'inline', json: '{"numbers":[1]}' },
      requestId: 'r-1',
      at: at(2),
    });
    expect(taskDetailSchema.parse(await read('/workflows/w-1/tasks/A'))).toEqual({
      taskId: 'A',
      kind: 'function',
      function: 'A',
      status: 'SUCCEEDED',
      dependsOn: [],
      attempt: 1,
      readyAt: at(0),
      startedAt: at(1),
      endedAt: at(2),
      durationMs: 1_000,
      input: { n: 1 },
      output: { numbers: [1] },
      attempts: [{ attempt: 1, epoch: 1, startedAt: at(1), endedAt: at(2), requestId: 'r-1' }],
    });
  });

  const error = { type: 'WorkerLost', message: 'its lease ended', trace: [] };
  const past = { attempt: 1, epoch: 1, startedAt: at(1), endedAt: at(99), error };
  const rerun: Transition = {
    kind: 'rerun',
    ...own,
    claimId: 'c-1',
    attempt: 2,
    retries: 0,
    lost: 1,
    pastAttempts: { kind: 'inline', json: JSON.stringify([{ ...past, status: 'RUNNING' }]) },
    by: 'sweep',
    at: at(99),
  };

  it('shows only the attempts that are over while the next one waits for a worker', async () => {
    const { read } = await withDiamond(ready, claim('c-1', 1, 1), rerun);
    const task = taskDetailSchema.parse(await read('/workflows/w-1/tasks/A'));
    expect(task).toMatchObject({ status: 'READY', attempt: 2, attempts: [past] });
    expect(task.startedAt).toBeUndefined();
  });

  it('shows the present attempt behind them once a worker has it', async () => {
    const { read } = await withDiamond(ready, claim('c-1', 1, 1), rerun, claim('c-2', 3, 100));
    expect(await read('/workflows/w-1/tasks/A')).toMatchObject({
      status: 'RUNNING',
      startedAt: at(100),
      attempts: [past, { attempt: 2, epoch: 1, startedAt: at(100) }],
    });
  });

  it('shows when a retry starts, as long as it will', async () => {
    const notBefore = at(120);
    const waiting = await withDiamond(ready, claim('c-1', 1, 1), { ...rerun, notBefore });
    expect(taskDetailSchema.parse(await waiting.read('/workflows/w-1/tasks/A'))).toMatchObject({
      status: 'READY',
      notBefore,
    });
    await waiting.repository.apply([stop('CANCELLED', 100)]);
    const stopped = taskDetailSchema.parse(await waiting.read('/workflows/w-1/tasks/A'));
    expect([stopped.status, stopped.notBefore]).toEqual(['CANCELLED', undefined]);
  });

  it('shows the trigger rule that its author chose', async () => {
    const { repository, ask } = createOrchestra();
    const tasks = [
      { id: 'A', function: 'A', continueOnFailure: true },
      { id: 'B', function: 'A', dependsOn: ['A'], triggerRule: 'all_done' as const },
    ];
    await startIn(repository, { name: 'ruled', tasks })({ mode: 'start', workflowId: 'w-1' });
    const workflow = workflowSchema.parse((await ask('GET', '/workflows/w-1')).json());
    expect(workflow.tasks.map(({ triggerRule }) => triggerRule)).toEqual([undefined, 'all_done']);
    expect(workflow.tasks.map(({ continueOnFailure }) => continueOnFailure)).toEqual([
      true,
      undefined,
    ]);
  });

  it('shows a task without an item as PENDING, with no attempt', async () => {
    const { read } = await withDiamond();
    expect(await read('/workflows/w-1/tasks/C')).toEqual({
      taskId: 'C',
      kind: 'function',
      function: 'C',
      status: 'PENDING',
      dependsOn: ['B1', 'B2', 'B3'],
      attempt: 0,
      input: { n: 1 },
      attempts: [],
    });
  });

  it.each(['/workflows/w-1/tasks/D', '/workflows/w-2/tasks/A'])(
    'answers 404 for %s',
    async (path) => {
      const { ask } = await withDiamond();
      expect((await ask('GET', path)).status).toBe(404);
    },
  );
});

describe('listing workflows', () => {
  const withWorkflows = async (count: number) => {
    const orchestra = createOrchestra();
    for (let index = 1; index <= count; index += 1)
      await startIn(orchestra.repository)({ mode: 'start', workflowId: `w-${index}` });
    const list = async (query: Record<string, string>) => {
      const answer = await orchestra.ask('GET', '/workflows', { query });
      return { status: answer.status, body: answer.json() };
    };
    return { ...orchestra, list };
  };

  it('gives each workflow once, newest first, over as many pages as there are', async () => {
    const { list } = await withWorkflows(5);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await list({ limit: '2', ...(cursor === undefined ? {} : { cursor }) });
      const page = listWorkflowsResponseSchema.parse(body);
      seen.push(...page.workflows.map(({ workflowId }) => workflowId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(['w-5', 'w-4', 'w-3', 'w-2', 'w-1']);
  });

  it('keeps to the status asked for', async () => {
    const { list, repository } = await withWorkflows(2);
    await repository.apply([
      {
        kind: 'finish',
        workflowId: 'w-1',
        epoch: 1,
        definition: ORIGIN.definition,
        status: 'SUCCESS',
        by: 'stream',
        at: at(2),
      },
    ]);
    expect((await list({ status: 'SUCCESS' })).body).toEqual({
      workflows: [expect.objectContaining({ workflowId: 'w-1', durationMs: 2_000 })],
    });
  });

  it.each([
    [{ limit: '0' }, 'limit'],
    [{ limit: '201' }, 'limit'],
    [{ limit: 'many' }, 'limit'],
    [{ limit: '1.5' }, 'limit'],
    [{ status: 'DONE' }, 'status'],
    [{ cursor: 'x'.repeat(2_001) }, 'cursor'],
    [{ cursor: 'bm90IGEgY3Vyc29y' }, 'cursor'],
    [{ cursor: '' }, 'cursor'],
    [{ cursor: '%%%' }, 'cursor'],
  ])('answers 400 for %j and names %s', async (query: Record<string, string>, path) => {
    const { list } = await withWorkflows(1);
    const { status, body } = await list(query);
    expect([status, problemSchema.parse(body).errors]).toMatchObject([400, [{ path }]]);
  });

  it('names every issue of the query', async () => {
    const { list } = await withWorkflows(0);
    expect((await list({ limit: '0', status: 'x' })).body).toMatchObject({
      errors: [{ path: 'status' }, { path: 'limit' }],
    });
  });

  it('does not continue a list of another status', async () => {
    const { list } = await withWorkflows(2);
    const { nextCursor: cursor } = listWorkflowsResponseSchema.parse(
      (await list({ limit: '1' })).body,
    );
    if (cursor === undefined) throw new Error('two workflows do not fit on a page of one');
    expect((await list({ limit: '1', cursor })).status).toBe(200);
    expect((await list({ limit: '1', cursor, status: 'RUNNING' })).status).toBe(400);
  });
});

describe('an address that leads nowhere', () => {
  it.each([
    '/',
    '/workflow',
    '/workflows/w-1/tasks',
    '/workflows/w-1/tasks/A/b',
    '/health/x',
    '//',
  ])('answers 404 for %s', async (path) => {
    const answer = await createOrchestra().ask('GET', path);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(problemSchema.parse(answer.json())).toMatchObject({
      status: 404,
      requestId: 'request-1',
    });
  });

  it('answers 404 for a workflow that is not there', async () => {
    const answer = await createOrchestra().ask('GET', '/workflows/w-9');
    expect(problemSchema.parse(answer.json())).toMatchObject({
      status: 404,
      detail: 'there is no workflow "w-9"',
    });
  });

  it.each([
    ['DELETE', '/workflows/w-1', 'GET, HEAD, OPTIONS'],
    ['PUT', '/workflows', 'GET, POST, HEAD, OPTIONS'],
    ['POST', '/health', 'GET, HEAD, OPTIONS'],
    ['TRACE', '/workflows/w-1', 'GET, HEAD, OPTIONS'],
    ['GET', '/definitions:validate', 'POST, OPTIONS'],
    ['PATCH', '/workflows/w-1/tasks/A', 'GET, HEAD, OPTIONS'],
  ])('answers 405 for %s %s and names what it takes', async (method, path, allow) => {
    const answer = await createOrchestra().ask(method, path, { body: '{}' });
    expect([answer.status, answer.headers['allow']]).toEqual([405, allow]);
    problemSchema.parse(answer.json());
  });

  it.each([
    'a%23b',
    'a#b',
    'a%2Fb',
    'a%3Fb',
    'a?b',
    'a b',
    '%zz',
    '.',
    '..',
    '%2E.',
    'constructor',
    'a'.repeat(300),
    '%00',
  ])('answers 400 for the id %s', async (id) => {
    const { ask } = await withDiamond();
    const answer = await ask('GET', `/workflows/${id}`);
    expect(problemSchema.parse(answer.json())).toMatchObject({
      status: 400,
      errors: [{ path: 'workflowId' }],
    });
  });

  it('is told apart from one with a slash at its end', async () => {
    const { ask } = await withDiamond();
    expect((await ask('GET', '/workflows/w-1/')).status).toBe(200);
    const started = await ask('POST', '/workflows/');
    expect(started.headers['location']).toBe('/prod/workflows/made-1');
  });

  it('never ends in a 5xx, whatever the address', async () => {
    const part = fc.oneof(
      fc.constantFrom('workflows', 'tasks', 'health', 'w-1', 'A', '..', '%'),
      fc.string({ unit: 'binary' }),
    );
    const { ask, logged } = await withDiamond();
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 5 }),
        fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
        fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
        async (parts, method, query) => {
          const answer = await ask(method, `/${parts.join('/')}`, { query, body: '[' });
          expect(answer.status).toBeLessThan(500);
          if (answer.status >= 400 && method !== 'HEAD') problemSchema.parse(answer.json());
        },
      ),
      { numRuns: 300 },
    );
    expect(logged).toEqual([]);
  });
});

describe('the health of the API', () => {
  it('is ok as long as it answers', async () => {
    const answer = await createOrchestra().ask('GET', '/health');
    expect([answer.status, answer.json()]).toEqual([200, { status: 'ok' }]);
  });
});

describe('a failure that is not the sender’s', () => {
  class BrokenRepository extends InMemoryRepository {
    constructor(private readonly error: Error) {
      super();
    }
    override getWorkflowWithTasks(): Promise<never> {
      return Promise.reject(this.error);
    }
  }

  it('answers 503 and when to try again while the store does not answer', async () => {
    const repository = new BrokenRepository(
      new StoreUnavailableError('ThrottlingException: secret'),
    );
    const { ask, logged } = createOrchestra({ repository });
    const answer = await ask('GET', '/workflows/w-1');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    expect(answer.text).not.toContain('secret');
    expect(logged).toHaveLength(1);
  });

  it('answers 500 without a word of the error, and logs it in one line with the request id', async () => {
    const repository = new BrokenRepository(new TypeError('secret\nof two lines'));
    const { ask, logged } = createOrchestra({ repository });
    const answer = await ask('GET', '/workflows/w-1');
    expect(problemSchema.parse(answer.json())).toEqual({
      type: 'urn:orchestra:problem:internal',
      title: 'Something went wrong here',
      status: 500,
      requestId: 'request-1',
    });
    expect(logged).toHaveLength(1);
    expect(logged[0]).not.toContain('\n');
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({
      requestId: 'request-1',
      error: {
        name: 'TypeError',
        message: 'secret\nof two lines',
        stack: expect.stringContaining('at '),
      },
    });
  });
});

describe('a browser from another origin', () => {
  it.each([
    ['https://orchestra.example', 'https://orchestra.example'],
    ['http://localhost:5173', 'http://localhost:5173'],
    ['https://other.example', undefined],
  ])('from %s may read as %s', async (origin, allowed) => {
    const { ask } = createOrchestra();
    for (const path of ['/health', '/nowhere', '/workflows/w-9']) {
      const { headers } = await ask('GET', path, { headers: { Origin: origin } });
      expect(headers['access-control-allow-origin']).toBe(allowed);
      expect(headers['vary']).toBe('Origin');
      expect(headers['access-control-expose-headers']).toContain('Location');
    }
  });

  it('learns before a start that it may send JSON', async () => {
    const answer = await createOrchestra().ask('OPTIONS', '/workflows', {
      headers: {
        Origin: 'http://localhost:5173',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type',
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'http://localhost:5173',
      'access-control-allow-methods': 'GET,POST,PUT,DELETE',
      'access-control-allow-headers': 'Content-Type,Idempotency-Key,If-None-Match',
    });
  });
});
