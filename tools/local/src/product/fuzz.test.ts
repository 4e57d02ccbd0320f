/** The real stack, asked whatever its own OpenAPI document allows and does not. */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import type { RunningStack } from '../stack.js';
import {
  ask,
  createJudge,
  endpointsOf,
  requestsOf,
  type Known,
  type OpenApi,
} from './openapi.fixture.js';
import { call, ended, startSample, until } from './sample-stack.fixture.js';

jest.setTimeout(300_000);

const RUNS = 400;
const TASKS = [
  { id: 'A', function: 'A' },
  { id: 'B', function: 'B1', dependsOn: ['A'] },
];
const ASKED = ['K', 'L', 'M'].map((id) => ({ id, callback: { timeoutSeconds: 3_600 } }));
const SCHEDULE = { cron: '0 0 1 1 *', definition: { name: 'etl' }, enabled: false };
const BODIES = [
  { tasks: TASKS },
  { name: 'etl', tasks: TASKS },
  { workflowId: 'w-1', input: { delayMs: 0 } },
  { definition: 'etl', input: { delayMs: 0 }, tags: ['fuzz'] },
  { definition: { name: 'etl', revision: 1 } },
  { note: 'fuzzed' },
  { downstream: false },
  { outcome: 'success', output: 1 },
  { outcome: 'failure', error: { message: 'fuzzed' } },
  SCHEDULE,
  {},
];

describe('the API, asked at random', () => {
  const seed = randomInt(2 ** 31);
  let stack: RunningStack;
  let document: OpenApi;
  /** By task: what waits for an answer. */
  let tokens: ReadonlyMap<string, string> = new Map();
  beforeAll(async () => {
    stack = await startSample();
    document = (await call(stack, 'openapi.json')).body as unknown as OpenApi;
  });
  afterAll(() => stack.stop());

  const json = (body: unknown) => ({
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  });
  const send = (method: string, target: string, body?: unknown) =>
    ask(stack.apiUrl, { method, target, headers: {}, ...(body === undefined ? {} : json(body)) });

  /** Something of everything, and the cursors of some lists. */
  async function furnish(): Promise<Known> {
    await send('PUT', '/definitions/etl', { tasks: TASKS });
    await send('PUT', '/definitions/etl', { tasks: TASKS.slice(0, 1) });
    await send('POST', '/workflows', { workflowId: 'w-1', input: { delayMs: 0 } });
    // Long enough to be cancelled.
    await send('POST', '/workflows', { workflowId: 'w-2', input: { delayMs: 20_000 } });
    await send('POST', '/workflows', { workflowId: 'w-3', input: { delayMs: 20_000 } });
    tokens = await askAll();
    for (const name of ['yearly', 'old']) await send('PUT', `/schedules/${name}`, SCHEDULE);
    await ended(stack, 'w-1');
    const lists = ['workflows', 'definitions', 'workflows/w-1/tasks', 'workflows/w-1/events'];
    const cursors: string[] = [];
    for (const list of lists) {
      const { body } = await call(stack, `${list}?limit=1`);
      cursors.push(String(body['nextCursor']));
    }
    return {
      ids: [
        'w-1',
        'w-2',
        'w-4',
        'A',
        'C',
        'K',
        'etl',
        'diamond',
        'yearly',
        '1',
        '2',
        ...tokens.values(),
      ],
      cursors,
      bodies: BODIES,
    };
  }

  async function askAll(): Promise<ReadonlyMap<string, string>> {
    await send('PUT', '/definitions/asks', { tasks: ASKED });
    await send('POST', '/workflows', { workflowId: 'w-4', definition: 'asks' });
    const open = await until(
      async () =>
        (await call(stack, 'callbacks')).body['callbacks'] as { taskId: string; token: string }[],
      (callbacks) => callbacks.length === ASKED.length,
    );
    return new Map(open.map(({ taskId, token }) => [taskId, token]));
  }

  /** One request each that succeeds: what is judged at random is known to be there. */
  const good = (): Readonly<Record<string, readonly [target: string, body?: unknown]>> => ({
    getHealth: ['/health'],
    getOpenApi: ['/openapi.json'],
    getDefinitionSchema: ['/schemas/definition.json'],
    startWorkflow: ['/workflows', { definition: 'etl', tags: ['fuzz'] }],
    listWorkflows: ['/workflows?status=SUCCESS&definition=diamond'],
    getWorkflow: ['/workflows/w-1'],
    cancelWorkflow: ['/workflows/w-2/cancel', {}],
    redriveWorkflow: ['/workflows/w-2/redrive?dryRun=true', {}],
    listEvents: ['/workflows/w-1/events'],
    listTasks: ['/workflows/w-1/tasks'],
    getTask: ['/workflows/w-1/tasks/A'],
    explainTask: ['/workflows/w-1/tasks/A/explain'],
    rerunTask: ['/workflows/w-1/tasks/A/rerun', {}],
    listDefinitions: ['/definitions'],
    validateDefinition: ['/definitions:validate', { name: 'x', tasks: TASKS }],
    putDefinition: ['/definitions/etl', { tasks: TASKS }],
    getDefinition: ['/definitions/diamond'],
    listRevisions: ['/definitions/etl/revisions'],
    getRevision: ['/definitions/etl/revisions/1'],
    listSchedules: ['/schedules'],
    putSchedule: ['/schedules/yearly', SCHEDULE],
    getSchedule: ['/schedules/yearly'],
    deleteSchedule: ['/schedules/old'],
    pauseSchedule: ['/schedules/yearly/pause'],
    resumeSchedule: ['/schedules/yearly/resume'],
    listCallbacks: ['/callbacks?status=open'],
    answerCallback: [`/callbacks/${tokens.get('K')}`, { outcome: 'success' }],
    heartbeatCallback: [`/callbacks/${tokens.get('L')}/heartbeat`],
    pauseWorkflow: ['/workflows/w-3/pause', {}],
    resumeWorkflow: ['/workflows/w-3/resume', {}],
    skipTask: ['/workflows/w-3/tasks/C/skip', {}],
    setTaskOutput: ['/workflows/w-4/tasks/M/output', { output: 1 }],
    getConcurrency: ['/definitions/etl/concurrency'],
  });

  it(`answers every request as its OpenAPI document says, and never with a 5xx (seed ${seed})`, async () => {
    const known = await furnish();
    const judge = createJudge(document);
    for (const endpoint of endpointsOf(document)) {
      const { operationId } = endpoint.operation;
      const [target, body] = good()[operationId] ?? ['nowhere'];
      const answer = await send(endpoint.method, target, body);
      expect([operationId, answer.status < 300, judge(endpoint, answer)]).toEqual([
        operationId,
        true,
        undefined,
      ]);
    }
    await fc.assert(
      fc.asyncProperty(requestsOf(document, known), async ([endpoint, asked]) => {
        const answer = await ask(stack.apiUrl, asked);
        expect(judge(endpoint, answer)).toBeUndefined();
      }),
      { seed, numRuns: RUNS, interruptAfterTimeLimit: 200_000, markInterruptAsFailure: false },
    );
  });

  it.each([
    ['a failure of ours', { status: 500 }],
    ['a status that is not told of', { status: 418 }],
    ['another content type', { type: 'text/html' }],
    ['a field that is not told of', { text: '{"status":"ok","uptime":7}' }],
    ['a field of another type', { text: '{"status":true}' }],
  ])('would find %s', async (_, change) => {
    const health = endpointsOf(document).find(({ path }) => path === '/health');
    if (!health) throw new Error('the document has no /health');
    const judge = createJudge(document);
    const answer = await send('GET', '/health');
    expect(judge(health, answer)).toBeUndefined();
    expect(judge(health, { ...answer, ...change })).toEqual(expect.any(String));
  });

  it.each([
    ['POST', '/workflows', 1_100_000],
    ['POST', '/workflows/w-1/cancel', 1_100_000],
    ['PUT', '/definitions/large', 4_300_000],
    ['POST', '/definitions:validate', 4_300_000],
  ])('refuses a body too large for %s %s as the document says', async (method, target, bytes) => {
    const answer = await send(method, target, { note: 'x'.repeat(bytes) });
    expect([answer.status, answer.type]).toEqual([413, 'application/problem+json']);
  });
});
