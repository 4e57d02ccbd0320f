import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionModel } from '../model.js';
import { openQueueStore } from '../queues/queue-store.js';
import type { InvokeResult, QueueStore } from '../runtime.js';
import { SettableClock } from '../schedule/clock.js';
import { AsyncEvents } from './async-events.js';
import { EventJournal, type AsyncEvent } from './event-journal.js';
import { FunctionFixtures, until } from './function-fixtures.js';
import { SandboxStoppedError } from './sandbox.js';

const minute = 60_000;
const failures = 'arn:aws:sqs:eu-central-1:000000000000:failures';
const fn = {
  name: 'orders',
  arn: 'arn:aws:lambda:eu-central-1:000000000000:function:orders',
  asyncRetries: 2,
  asyncMaxAgeSeconds: 21_600,
  onFailureArn: failures,
} as FunctionModel;

/** Answers as told, event by event, and remembers what it ran. */
class Script {
  readonly ran: AsyncEvent[] = [];
  constructor(readonly answers: ('ok' | 'fails' | 'stopped' | 'throttled')[]) {}

  run = async (_fn: FunctionModel, event: AsyncEvent): Promise<InvokeResult> => {
    this.ran.push(event);
    const answer = this.answers.shift() ?? 'ok';
    if (answer === 'stopped') throw new SandboxStoppedError('The runtime stops');
    if (answer === 'throttled') throw new Error('TooManyRequestsException');
    const { requestId } = event;
    return answer === 'ok'
      ? { requestId, payload: 'null' }
      : { requestId, payload: '{"errorType":"Error"}', functionError: 'Unhandled' };
  };
}

describe('an asynchronous event', () => {
  let directory: string;
  let queueStore: QueueStore;
  let clock: SettableClock;
  const problems: string[] = [];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'events-'));
    queueStore = await openQueueStore(join(directory, 'queues'));
    clock = new SettableClock();
    problems.length = 0;
  });
  afterEach(() => {
    expect(problems).toEqual([]);
    rmSync(directory, { recursive: true });
  });

  const journalFile = () => join(directory, 'events.jsonl');
  const open = (script: Script, functions = [fn], queues = queueStore) =>
    new AsyncEvents({
      turnOf: () => Promise.resolve(),
      run: script.run,
      functionOf: (arn) => functions.find((known) => known.arn === arn),
      journal: new EventJournal(journalFile()),
      queueStore: queues,
      clock,
      onProblem: (_fn, text) => problems.push(text),
      retryDelayMs: minute,
    });
  const dead = async () =>
    (await queueStore.peek(failures, 10)).map(({ body }) => JSON.parse(body) as object);

  it('runs once when it succeeds, and is forgotten', async () => {
    const script = new Script(['ok']);
    const events = open(script);
    events.accept(fn, '{"id":1}');
    await events.settled();
    expect(script.ran.map(({ payload }) => payload)).toEqual(['{"id":1}']);
    expect(events.pending).toBe(0);
    expect(new EventJournal(journalFile()).events()).toEqual([]);
  });

  it('is tried again after one minute and then after two, under the same request id', async () => {
    const script = new Script(['fails', 'fails', 'ok']);
    const events = open(script);
    const { requestId } = events.accept(fn, '{}');
    await events.settled();
    expect(events.inHand.has(requestId)).toBe(false);
    clock.advance(minute - 1);
    expect(script.ran).toHaveLength(1);
    clock.advance(1);
    await events.settled();
    expect(script.ran).toHaveLength(2);
    clock.advance(2 * minute - 1);
    expect(script.ran).toHaveLength(2);
    clock.advance(1);
    await events.settled();
    expect(script.ran.map((event) => event.requestId)).toEqual(Array(3).fill(requestId));
    expect(events.pending).toBe(0);
    expect(await dead()).toEqual([]);
  });

  it('goes to the failure queue after its last try, in the words of AWS', async () => {
    const events = open(new Script(['fails', 'fails', 'fails']));
    const { requestId } = events.accept(fn, '{"id":1}');
    for (let n = 0; n < 3; n++) {
      await events.settled();
      clock.advance(2 * minute);
    }
    expect(await dead()).toEqual([
      {
        version: '1.0',
        timestamp: '2030-01-01T00:04:00.000Z',
        requestContext: {
          requestId,
          functionArn: `${fn.arn}:$LATEST`,
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        },
        requestPayload: { id: 1 },
        responseContext: {
          statusCode: 200,
          executedVersion: '$LATEST',
          functionError: 'Unhandled',
        },
        responsePayload: { errorType: 'Error' },
      },
    ]);
    expect(events.pending).toBe(0);
  });

  it('is not tried again when it would be too old by then', async () => {
    const short = { ...fn, asyncMaxAgeSeconds: 59 };
    const script = new Script(['fails']);
    const events = open(script, [short]);
    events.accept(short, '{}');
    await events.settled();
    expect(script.ran).toHaveLength(1);
    const context = { condition: 'EventAgeExceeded', approximateInvokeCount: 1 };
    expect(await dead()).toEqual([
      expect.objectContaining({ requestContext: expect.objectContaining(context) }),
    ]);
  });

  it('is offered again after a throttle, later each time, and no try is counted', async () => {
    const throttles = 12;
    const script = new Script([...Array<'throttled'>(throttles).fill('throttled'), 'fails', 'ok']);
    const events = open(script);
    const began = clock.now();
    events.accept(fn, '{}');
    const seconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300];
    for (const [n, wait] of seconds.entries()) {
      await events.settled();
      clock.advance(wait * 1_000 - 1);
      expect(script.ran).toHaveLength(n + 1);
      clock.advance(1);
    }
    await events.settled();
    expect(script.ran.map(({ attempts }) => attempts)).toEqual(Array(throttles + 1).fill(0));
    clock.advance(minute);
    await events.settled();
    expect(script.ran.at(-1)).toMatchObject({ attempts: 1 });
    expect([events.pending, await dead()]).toEqual([0, []]);
    expect(clock.now() - began).toBeLessThan(fn.asyncMaxAgeSeconds * 1_000);
    expect(problems.splice(0)).toEqual([expect.stringContaining('TooManyRequestsException')]);
  });

  it('that is throttled until it is too old goes to the failure queue, never tried', async () => {
    const short = { ...fn, asyncMaxAgeSeconds: 6 };
    const script = new Script(Array<'throttled'>(20).fill('throttled'));
    const events = open(script, [short]);
    events.accept(short, '{"id":1}');
    for (const wait of [1_000, 2_000, 4_000]) {
      await events.settled();
      clock.advance(wait);
    }
    expect(script.ran).toHaveLength(3);
    const context = { condition: 'EventAgeExceeded', approximateInvokeCount: 0 };
    expect(await dead()).toEqual([
      {
        ...{ version: '1.0', timestamp: expect.any(String), requestPayload: { id: 1 } },
        requestContext: expect.objectContaining(context),
      },
    ]);
    expect(events.pending).toBe(0);
    problems.length = 0;
  });

  it('that grew too old while nothing ran goes to the failure queue, never tried', async () => {
    const before = open(new Script([]));
    before.hold();
    before.accept(fn, '{}');
    clock.advance(fn.asyncMaxAgeSeconds * 1_000 + 1);
    const script = new Script([]);
    const after = open(script);
    after.recover();
    await after.settled();
    expect(script.ran).toEqual([]);
    expect(await dead()).toMatchObject([{ requestContext: { condition: 'EventAgeExceeded' } }]);
  });

  it('stays in the journal while its failure queue cannot be written', async () => {
    const send = async () => {
      throw new Error('disk full');
    };
    const events = open(new Script(['fails']), [{ ...fn, asyncRetries: 0 }], {
      ...queueStore,
      send,
    });
    events.accept({ ...fn, asyncRetries: 0 }, '{}');
    await events.settled();
    expect(new EventJournal(journalFile()).events()).toHaveLength(1);
    expect(problems.splice(0)).toEqual([expect.stringContaining('disk full')]);
  });

  it('is forgotten without a failure queue', async () => {
    const without: FunctionModel = { ...fn, asyncRetries: 0, onFailureArn: undefined };
    const events = open(new Script(['fails']), [without]);
    events.accept(without, '{}');
    await events.settled();
    expect(events.pending).toBe(0);
  });

  it('survives a stop that came before its answer, without a try being counted', async () => {
    const before = open(new Script(['stopped']));
    const { requestId } = before.accept(fn, '{"id":1}');
    await before.settled();
    const script = new Script(['ok']);
    const after = open(script);
    after.recover();
    await after.settled();
    expect(script.ran).toEqual([expect.objectContaining({ requestId, attempts: 0 })]);
    expect(after.pending).toBe(0);
  });

  it('keeps its tries and the time of its retry across a restart', async () => {
    const before = open(new Script(['fails']));
    before.accept(fn, '{}');
    await before.settled();
    before.hold();
    const script = new Script(['fails', 'fails']);
    const after = open(script);
    after.recover();
    clock.advance(minute - 1);
    expect(script.ran).toEqual([]);
    clock.advance(1);
    await after.settled();
    clock.advance(2 * minute);
    await after.settled();
    expect(script.ran.map(({ attempts }) => attempts)).toEqual([1, 2]);
    expect(await dead()).toHaveLength(1);
  });

  it('is only accepted, not run, once the runtime holds', async () => {
    const script = new Script([]);
    const events = open(script);
    events.hold();
    events.accept(fn, '{}');
    await events.settled();
    expect(script.ran).toEqual([]);
    expect(new EventJournal(journalFile()).events()).toHaveLength(1);
  });

  it('of a function that is no longer there is dropped by name', () => {
    open(new Script(['stopped'])).accept(fn, '{}');
    const events = open(new Script([]), []);
    expect(events.recover()).toEqual([expect.objectContaining({ functionArn: fn.arn })]);
    expect(events.pending).toBe(0);
  });
});

describe('the journal', () => {
  const directory = mkdtempSync(join(tmpdir(), 'journal-'));
  const file = join(directory, 'events.jsonl');
  afterAll(() => rmSync(directory, { recursive: true }));
  const event = (requestId: string): AsyncEvent => ({
    requestId,
    functionArn: fn.arn,
    payload: '{}',
    acceptedAt: 1,
    attempts: 0,
    notBefore: 1,
  });

  it('passes over a line that was cut off, and keeps the others in order', () => {
    const journal = new EventJournal(file);
    for (const id of ['a', 'b', 'c']) journal.keep(event(id));
    journal.end('b');
    appendFileSync(file, '{"kept":{"requestId":"d","func');
    const again = new EventJournal(file);
    expect(again.events().map(({ requestId }) => requestId)).toEqual(['a', 'c']);
  });

  it('does not grow with the events that ended', () => {
    writeFileSync(file, '');
    const journal = new EventJournal(file);
    journal.keep(event('stays'));
    for (let n = 0; n < 5_000; n++) {
      journal.keep(event(`e${n}`));
      journal.end(`e${n}`);
    }
    expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(5_000);
    expect(new EventJournal(file).events().map(({ requestId }) => requestId)).toEqual(['stays']);
  });
});

describe('asynchronous events of real functions', () => {
  const fixtures = new FunctionFixtures();
  afterAll(() => fixtures.remove());
  const ledger = () => join(fixtures.root, 'ledger');
  const recording = (body: string) =>
    fixtures.node(
      'recording',
      `import { appendFileSync } from 'node:fs';
       export const handler = async (event, context) => {
         appendFileSync(event.file, event.n + ' ' + context.awsRequestId + '\\n');
         ${body}
       };`,
      { onFailureArn: failures, timeoutSeconds: 60 },
    );
  const lines = () => readFileSync(ledger(), 'utf8').trim().split('\n');

  it('are all run, also those that only a later start finds', async () => {
    writeFileSync(ledger(), '');
    const hanging = recording('await new Promise((resolve) => setTimeout(resolve, 60_000));');
    const first = await fixtures.start([hanging], { cores: 1, drainMs: 1 });
    const accepted = [];
    for (const n of [1, 2, 3])
      accepted.push(await first.invokeAsync('recording', JSON.stringify({ n, file: ledger() })));
    await until(() => lines()[0] !== '');
    expect(first.stats().asyncPending).toBe(3);
    await first.stop();
    const second = await fixtures.start([recording('')]);
    await until(() => second.stats().asyncPending === 0);
    const ids = accepted.map(({ requestId }) => requestId);
    expect(lines().slice(-3).sort()).toEqual(ids.map((id, n) => `${n + 1} ${id}`));
    await second.stop();
  }, 30_000);

  it('come to the failure queue with what the function said', async () => {
    const failing = recording("throw new TypeError('never');");
    const functions = await fixtures.start([failing], { asyncRetryDelayMs: 1 });
    await functions.invokeAsync('recording', JSON.stringify({ n: 9, file: ledger() }));
    await until(() => functions.stats().asyncPending === 0);
    const [message] = await (await fixtures.queues).peek(failures, 1);
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: { n: 9 },
      responsePayload: { errorType: 'TypeError', errorMessage: 'never' },
    });
    expect(lines().filter((line) => line.startsWith('9 '))).toHaveLength(3);
  }, 30_000);
});
