import {
  CALLBACK_SECRET_BYTES,
  LIMITS,
  callbackToken,
  parseDefinition,
  type AnswerRequest,
  type Task,
} from '@orchestra/workflow-core';
import { answerCallback, beatCallback } from './answer.js';
import { redriveWorkflow } from './redrive.js';
import { startWorkflow } from './start.js';
import { cancelWorkflow } from './stop.js';
import { sweep } from './sweep.js';
import { createBench, dispatched, type Bench } from './testing/bench.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const secret = (n = 1) => String(n).padStart(Math.ceil((CALLBACK_SECRET_BYTES * 4) / 3), 's');
const inTime = () => false;

const schema = {
  type: 'object',
  properties: { approved: { type: 'boolean' } },
  required: ['approved'],
};
const definition = parseDefinition({
  name: 'approval',
  tasks: [
    { id: 'K', callback: { timeoutSeconds: 7_200, schema } },
    { id: 'M', forEach: ['a', 'b'], callback: { timeoutSeconds: 7_200 } },
    { id: 'C', function: 'A', dependsOn: ['K'] },
  ],
});

/** A workflow whose task waits for an answer, as a worker leaves it. */
async function asked(taskId = 'K', bench = createBench()) {
  const { ports, repository } = bench;
  await repository.putDefinition(definition, iso(bench));
  await startWorkflow(ports, {
    mode: 'start',
    workflowId: 'w',
    definition: { name: 'approval' },
  });
  await ask(bench, taskId, 1);
  return bench;
}

async function ask({ ports, repository }: Bench, taskId: string, n: number): Promise<void> {
  const at = new Date(ports.now()).toISOString();
  const wakeAt = new Date(ports.now() + 2 * HOUR).toISOString();
  const [meta] = await repository.getTasks('w', ['K']);
  const [present] = await repository.getTasks('w', [taskId]);
  if (!present && meta) {
    const { workflowId, epoch, definition: ref, workflowStartedAt, expiresAt } = meta;
    const origin = { workflowId, epoch, definition: ref, workflowStartedAt, expiresAt };
    await repository.apply([{ kind: 'ready', origin, taskId, by: 'stream', at }]);
  }
  const [ready] = await repository.getTasks('w', [taskId]);
  const { epoch = 0, version = 0 } = ready ?? {};
  const mine = { workflowId: 'w', taskId, claimId: `claim ${n}`, at };
  await repository.apply([{ ...mine, kind: 'claim', epoch, version, leaseUntil: wakeAt }]);
  const callback = { secret: secret(n), openedAt: at };
  await repository.apply([{ ...mine, kind: 'suspend', wakeAt, callback }]);
}

const iso = ({ ports }: Bench, laterMs = 0) => new Date(ports.now() + laterMs).toISOString();
const tokenFor = (taskId = 'K', n = 1) =>
  callbackToken({ workflowId: 'w', taskId, secret: secret(n) });
const yes = (changes: Partial<AnswerRequest> = {}): AnswerRequest => ({
  mode: 'answer',
  token: tokenFor(),
  requestId: 'r1',
  outcome: 'success',
  output: { approved: true },
  ...changes,
});
const taskOf = async ({ repository }: Bench, taskId = 'K') =>
  (await repository.getTasks('w', [taskId]))[0] as Task;
const done = { kind: 'accepted', workflowId: 'w', taskId: 'K', status: 'SUCCEEDED' };

describe('an answer', () => {
  it('ends the task with its output, and says who gave it', async () => {
    const bench = await asked();
    expect(await answerCallback(bench.ports, yes({ who: 'Ada', note: 'fine' }))).toEqual(done);
    expect(await taskOf(bench)).toMatchObject({
      ...{ status: 'SUCCEEDED', endedBy: 'operator', who: 'Ada', note: 'fine', requestId: 'r1' },
      output: { kind: 'inline', json: '{"approved":true}' },
    });
  });

  it('may be a failure, with an error of its own words', async () => {
    const bench = await asked();
    const no = yes({ outcome: 'failure', output: undefined, error: { message: 'too dear' } });
    expect(await answerCallback(bench.ports, no)).toEqual({ ...done, status: 'FAILED' });
    expect(await taskOf(bench)).toMatchObject({
      status: 'FAILED',
      error: { type: 'CallbackFailed', message: 'too dear', trace: [] },
    });
  });

  it('counts once, and its repeat is told so', async () => {
    const bench = await asked();
    await answerCallback(bench.ports, yes());
    expect(await answerCallback(bench.ports, yes())).toEqual(done);
    expect(await answerCallback(bench.ports, yes({ requestId: 'r2' }))).toEqual({
      kind: 'answered',
      detail: `it was answered at ${iso(bench)}`,
    });
  });

  it('is one of many that come at the same moment', async () => {
    const bench = await asked();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        answerCallback(bench.anotherContainer(), yes({ requestId: `r${n}` })),
      ),
    );
    expect(answers.map(({ kind }) => kind).sort()).toEqual([
      'accepted',
      ...Array.from({ length: 7 }, () => 'answered'),
    ]);
    const winner = answers.findIndex(({ kind }) => kind === 'accepted');
    expect((await taskOf(bench)).requestId).toBe(`r${winner}`);
  });

  it.each([
    ['another secret', () => tokenFor('K', 2)],
    ['another task', () => tokenFor('C')],
    ['another workflow', () => callbackToken({ workflowId: 'v', taskId: 'K', secret: secret() })],
    ['no token', () => 'hello'],
  ])('is not known with %s', async (_, token) => {
    const bench = await asked();
    expect(await answerCallback(bench.ports, yes({ token: token() }))).toEqual({ kind: 'unknown' });
    expect(await taskOf(bench)).toMatchObject({ status: 'RUNNING' });
  });

  it('that does not meet the schema is refused with its issues, and loses nothing', async () => {
    const bench = await asked();
    expect(await answerCallback(bench.ports, yes({ output: { approved: 'yes' } }))).toEqual({
      kind: 'invalid',
      issues: [{ path: 'output.approved', message: 'must be boolean' }],
    });
    expect(await answerCallback(bench.ports, yes({ output: undefined }))).toMatchObject({
      kind: 'invalid',
      issues: [{ path: 'output' }],
    });
    expect(await answerCallback(bench.ports, yes())).toEqual(done);
  });

  it('that is too large is refused, and loses nothing', async () => {
    const bench = await asked('M[1]');
    const large = yes({ token: tokenFor('M[1]'), output: 'x'.repeat(LIMITS.payloadBytes) });
    expect(await answerCallback(bench.ports, large)).toMatchObject({
      kind: 'invalid',
      issues: [{ path: 'output' }],
    });
    expect(await taskOf(bench, 'M[1]')).toMatchObject({ status: 'RUNNING' });
  });

  it('may be for an item of a map', async () => {
    const bench = await asked('M[1]');
    const token = tokenFor('M[1]');
    expect(await answerCallback(bench.ports, yes({ token, output: 7 }))).toMatchObject({
      kind: 'accepted',
      taskId: 'M[1]',
    });
  });

  it('comes too late from the deadline on, though nobody has noticed yet', async () => {
    const bench = await asked();
    await bench.end('M', 'succeed');
    const deadline = iso(bench, 2 * HOUR);
    bench.advanceTime(2 * HOUR);
    const late = { kind: 'answered', detail: `its time was over at ${deadline}` };
    expect(await answerCallback(bench.ports, yes())).toEqual(late);
    await sweep(bench.ports, inTime);
    expect(await taskOf(bench)).toMatchObject({
      ...{ status: 'FAILED', reason: 'TIMEOUT', endedBy: 'sweep' },
      error: { type: 'CallbackTimeout', message: `no answer came until ${deadline}` },
    });
    expect(await answerCallback(bench.ports, yes())).toEqual(late);
    expect(bench.counts.get('SweeperRepairs')).toBeUndefined();
  });

  it('is refused once the workflow was cancelled', async () => {
    const bench = await asked();
    await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'w' });
    expect(await answerCallback(bench.ports, yes())).toEqual({
      kind: 'answered',
      detail: `its task was cancelled at ${iso(bench)}`,
    });
  });

  it('to what was asked in an epoch before is not known any more', async () => {
    const bench = await asked();
    await cancelWorkflow(bench.ports, { mode: 'cancel', workflowId: 'w' });
    const redrive = { mode: 'redrive', workflowId: 'w', token: 't' } as const;
    await redriveWorkflow(bench.ports, { ...redrive, selection: { kind: 'unfinished' } });
    expect(await answerCallback(bench.ports, yes())).toEqual({ kind: 'unknown' });
    await ask(bench, 'K', 2);
    expect(await answerCallback(bench.ports, yes())).toEqual({ kind: 'unknown' });
    expect(await answerCallback(bench.ports, yes({ token: tokenFor('K', 2) }))).toEqual(done);
  });
});

describe('an answer whose record is lost', () => {
  /** Nothing is left to look for but the answer, hours ahead. */
  async function asleep() {
    const bench = await asked();
    await bench.end('M', 'succeed');
    bench.advanceTime(HOUR);
    await sweep(bench.ports, inTime);
    expect((await bench.repository.getWorkflow('w'))?.nextCheckAt).toBe(iso(bench, HOUR));
    return bench;
  }

  it('delays its workflow by a minute, however long that would have slept', async () => {
    const bench = await asleep();
    await answerCallback(bench.ports, yes());
    expect((await bench.repository.getWorkflow('w'))?.nextCheckAt).toBe(iso(bench, MINUTE));
    bench.advanceTime(MINUTE);
    await sweep(bench.ports, inTime);
    expect(dispatched(bench.messages)).toContain('C');
  });

  it('does so too when a check puts the workflow to sleep just before it is written', async () => {
    const bench = await asleep();
    const { ports } = bench;
    const repository = new Proxy(ports.repository, {
      get(target, name: keyof typeof ports.repository) {
        const member = target[name];
        if (name !== 'apply') return typeof member === 'function' ? member.bind(target) : member;
        return async (transitions: Parameters<typeof target.apply>[0]) => {
          if (transitions[0]?.kind === 'succeed') {
            const meta = await target.getWorkflow('w');
            const { version = 0, epoch = 0 } = meta ?? {};
            const sleep = {
              kind: 'check',
              workflowId: 'w',
              nextCheckAt: iso(bench, HOUR),
            } as const;
            await target.apply([{ ...sleep, version, epoch }]);
          }
          return target.apply(transitions);
        };
      },
    });
    await answerCallback({ ...ports, repository }, yes());
    expect((await bench.repository.getWorkflow('w'))?.nextCheckAt).toBe(iso(bench, MINUTE));
  });
});

describe('a heartbeat', () => {
  const beat = (token = tokenFor()) => ({ mode: 'heartbeat', token }) as const;

  it('begins the time for an answer anew, as often as it comes', async () => {
    const bench = await asked();
    for (const times of [1, 2, 3]) {
      bench.advanceTime(HOUR);
      const deadline = iso(bench, 2 * HOUR);
      expect(await beatCallback(bench.ports, beat())).toEqual({
        ...{ kind: 'extended', workflowId: 'w', taskId: 'K', deadline },
      });
      expect(await taskOf(bench)).toMatchObject({ wakeAt: deadline, heartbeats: times });
    }
    await sweep(bench.ports, inTime);
    expect(await taskOf(bench)).toMatchObject({ status: 'RUNNING' });
    expect(await answerCallback(bench.ports, yes())).toEqual(done);
  });

  it('is not overlooked by a sweep that read the task before it', async () => {
    const bench = await asked();
    bench.advanceTime(2 * HOUR - 1);
    const stale = await bench.repository.getWorkflowWithTasks('w');
    await beatCallback(bench.ports, beat());
    bench.advanceTime(1);
    const repository = new Proxy(bench.ports.repository, {
      get(target, name: keyof typeof bench.ports.repository) {
        if (name === 'getWorkflowWithTasks') return async () => stale;
        const member = target[name];
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    await sweep({ ...bench.ports, repository }, inTime);
    expect(await taskOf(bench)).toMatchObject({ status: 'RUNNING' });
  });

  it('of many at once, each is told the deadline that holds', async () => {
    const bench = await asked();
    bench.advanceTime(HOUR);
    const beats = await Promise.all([1, 2, 3].map(() => beatCallback(bench.ports, beat())));
    const deadline = iso(bench, 2 * HOUR);
    expect(beats).toMatchObject([1, 2, 3].map(() => ({ kind: 'extended', deadline })));
    expect(await taskOf(bench)).toMatchObject({ wakeAt: deadline });
  });

  it('is refused as an answer would be', async () => {
    const bench = await asked();
    expect(await beatCallback(bench.ports, beat(tokenFor('K', 9)))).toEqual({ kind: 'unknown' });
    await answerCallback(bench.ports, yes());
    expect(await beatCallback(bench.ports, beat())).toEqual({
      kind: 'answered',
      detail: `it was answered at ${iso(bench)}`,
    });
    const late = await asked();
    late.advanceTime(2 * HOUR);
    expect(await beatCallback(late.ports, beat())).toMatchObject({ kind: 'answered' });
  });
});
