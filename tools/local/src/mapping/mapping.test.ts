import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { failed, failedAt, failureQueue, MappingFixture } from './mapping-fixture.js';
import { ScriptedStream } from './scripted-stream.js';

let is: MappingFixture;
beforeEach(() => (is = new MappingFixture()));
afterEach(() => is.remove());

const put = (count: number) => Array.from({ length: count }, () => is.stream.put());
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => String(from + n));

describe('a batch that succeeds', () => {
  it('comes as Lambda gives it, and once', async () => {
    const createdAt = is.clock.now();
    is.stream.put({ sk: { S: 'b' }, pk: { S: 'a' } }, { createdAt });
    const mapping = await is.start();
    await is.drained(mapping, 1);
    await is.pass(1_000);
    expect(is.events).toEqual([
      {
        Records: [
          {
            eventID: 'id-1',
            eventName: 'INSERT',
            eventVersion: '1.1',
            eventSource: 'aws:dynamodb',
            awsRegion: 'eu-central-1',
            dynamodb: {
              ApproximateCreationDateTime: Math.floor(createdAt / 1000),
              Keys: { sk: { S: 'b' }, pk: { S: 'a' } },
              NewImage: { sk: { S: 'b' }, pk: { S: 'a' }, fill: { S: '' } },
              SequenceNumber: '1',
              SizeBytes: 10,
              StreamViewType: 'NEW_AND_OLD_IMAGES',
            },
            eventSourceARN: 'arn:aws:dynamodb:eu-central-1:000000000000:table/orders/stream/label',
          },
        ],
      },
    ]);
  });

  it('holds at most as many records as the template says, in order', async () => {
    put(25);
    const mapping = await is.start({ batchSize: 10 });
    await is.drained(mapping, 3);
    expect(is.batches).toEqual([range(1, 10), range(11, 20), range(21, 25)]);
  });

  it('holds at most 6 MB', async () => {
    for (let n = 0; n < 5; n++) is.stream.put({ pk: { S: 'a' } }, { bytes: 2_000_000 });
    const mapping = await is.start();
    await is.drained(mapping, 2);
    expect(is.batches).toEqual([
      ['1', '2', '3'],
      ['4', '5'],
    ]);
  });

  it('is followed by what came in the meantime', async () => {
    put(2);
    const mapping = await is.start();
    await is.drained(mapping, 1);
    put(3);
    mapping.wake();
    await is.drained(mapping, 2);
    expect(is.batches).toEqual([range(1, 2), range(3, 5)]);
  });

  it('waits for its window, and not when it is full before', async () => {
    const mapping = await is.start({ batchingWindowSeconds: 60, batchSize: 3 });
    put(2);
    await is.pass(30_000);
    await is.pass(1_000);
    expect(is.batches).toEqual([]);
    put(1);
    await is.drained(mapping, 1);
    const began = is.clock.now();
    put(1);
    await is.drained(mapping, 2);
    expect(is.clock.now() - began).toBeGreaterThanOrEqual(60_000);
    expect(is.batches).toEqual([['1', '2', '3'], ['4']]);
  });
});

describe('the filter', () => {
  it('keeps records from the function, and moves on over them', async () => {
    const filters = [{ dynamodb: { Keys: { pk: { S: ['wanted'] } } } }];
    for (const pk of ['wanted', 'other', 'wanted', 'other']) is.stream.put({ pk: { S: pk } });
    const mapping = await is.start({ filters });
    await is.drained(mapping, 1);
    await mapping.stop();
    expect(is.batches).toEqual([['1', '3']]);
    await is.start({ filters });
    await is.until(() => is.stream.positions.length === 2);
    expect(is.stream.positions[1]).toMatchObject({ sequenceNumber: '4' });
  });

  it('that Lambda would not take is refused at the start', async () => {
    await expect(is.start({ filters: [{ a: [{ cidr: 'x' }] }] })).rejects.toThrow('cidr');
  });
});

describe('a batch that fails', () => {
  it.each<[string, number, (batch: readonly string[]) => object | undefined, string[][], string[]]>(
    [
      [
        'halves until the poison is alone, without using up a retry of the healthy',
        12,
        (batch) => (batch.includes('8') ? failed : undefined),
        [
          range(1, 12),
          range(1, 6),
          range(7, 12),
          range(7, 9),
          range(7, 8),
          ['7'],
          ['8'],
          ['8'],
          ['8'],
          ['8'],
          ['9'],
          range(10, 12),
        ],
        ['8'],
      ],
      [
        'goes on at the lowest record that was reported',
        6,
        () => (is.batches.length === 1 ? failedAt('5', '3') : undefined),
        [range(1, 6), range(3, 6)],
        [],
      ],
      [
        'reported at its first record halves too',
        4,
        (batch) => (batch[0] === '1' ? failedAt('1') : undefined),
        [range(1, 4), range(1, 2), ['1'], ['1'], ['1'], ['1'], ['2'], range(3, 4)],
        ['1'],
      ],
      [
        'with an unknown record reported is a whole failure',
        2,
        () => (is.batches.length === 1 ? failedAt('77') : undefined),
        [range(1, 2), ['1'], ['2']],
        [],
      ],
      [
        'with an empty report succeeded',
        2,
        () => ({ payload: '{"batchItemFailures":[]}' }),
        [range(1, 2)],
        [],
      ],
      ['without a report succeeded', 2, () => ({ payload: '{}' }), [range(1, 2)], []],
      [
        'with a malformed report is a whole failure',
        2,
        () => (is.batches.length === 1 ? { payload: '{"batchItemFailures":[{}]}' } : undefined),
        [range(1, 2), ['1'], ['2']],
        [],
      ],
      [
        'with an empty identifier is a whole failure',
        2,
        () => (is.batches.length === 1 ? failedAt('') : undefined),
        [range(1, 2), ['1'], ['2']],
        [],
      ],
      [
        'counts each record its own retries, when two are poison',
        4,
        (batch) => (batch.includes('2') || batch.includes('3') ? failed : undefined),
        [
          range(1, 4),
          range(1, 2),
          ['1'],
          ...Array<string[]>(4).fill(['2']),
          range(3, 4),
          ...Array<string[]>(4).fill(['3']),
          ['4'],
        ],
        ['2', '3'],
      ],
    ],
  )('%s', async (_rule, count, answer, batches, dead) => {
    is.answer = answer;
    put(count);
    const mapping = await is.start();
    await is.drained(mapping, batches.length);
    expect(is.batches).toEqual(batches);
    const buried = await is.dead();
    expect(buried.map((one) => one['DDBStreamBatchInfo'])).toEqual(
      dead.map((sequenceNumber) =>
        expect.objectContaining({
          startSequenceNumber: sequenceNumber,
          endSequenceNumber: sequenceNumber,
          batchSize: 1,
        }),
      ),
    );
  });

  it('is tried whole and given up whole without bisecting, in the words of AWS', async () => {
    is.answer = (batch) => (batch.includes('2') ? failed : undefined);
    is.stream.put({}, { createdAt: is.clock.now() });
    is.stream.put({}, { createdAt: is.clock.now() + 5_000 });
    const first = new Date(is.clock.now()).toISOString();
    const last = new Date(is.clock.now() + 5_000).toISOString();
    const mapping = await is.start({ bisectOnError: false, maximumRetryAttempts: 1 });
    await is.drained(mapping, 2);
    expect(is.batches).toEqual([range(1, 2), range(1, 2)]);
    expect(await is.dead()).toEqual([
      {
        requestContext: {
          requestId: 'request-2',
          functionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:orders',
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 2,
        },
        responseContext: {
          statusCode: 200,
          executedVersion: '$LATEST',
          functionError: 'Unhandled',
        },
        version: '1.0',
        timestamp: expect.stringMatching(/^2030-01-01T00:00:/),
        DDBStreamBatchInfo: {
          shardId: 'shard-1',
          startSequenceNumber: '1',
          endSequenceNumber: '2',
          approximateArrivalOfFirstRecord: first,
          approximateArrivalOfLastRecord: last,
          batchSize: 2,
          streamArn: 'arn:aws:dynamodb:eu-central-1:000000000000:table/orders/stream/label',
        },
      },
    ]);
    expect(is.notes).toEqual([expect.stringContaining('2 records given up')]);
  });

  it('is never given up with endless retries, and waits longer each time', async () => {
    const times: number[] = [];
    is.answer = () => {
      times.push(is.clock.now());
      return times.length <= 10 ? failed : undefined;
    };
    put(1);
    const mapping = await is.start({ maximumRetryAttempts: -1 });
    await is.drained(mapping, 11);
    const waits = times.slice(1).map((time, n) => time - (times[n] ?? 0));
    const expected = [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000];
    expect(waits).toEqual(expected);
    expect(await is.dead()).toEqual([]);
  });

  it('is not given up while it comes forward, however often it is stopped', async () => {
    is.answer = (batch) => (batch.length > 1 ? failedAt(batch[1] ?? '') : undefined);
    put(9);
    const mapping = await is.start({ bisectOnError: false, maximumRetryAttempts: 1 });
    await is.drained(mapping, 9);
    expect(is.batches).toEqual(range(1, 9).map((first) => range(Number(first), 9)));
    expect(await is.dead()).toEqual([]);
  });

  it('is given up from where it stopped when no retry is allowed', async () => {
    is.answer = () => failedAt('2');
    put(3);
    const mapping = await is.start({ bisectOnError: false, maximumRetryAttempts: 0 });
    await is.drained(mapping, 1);
    expect(is.batches).toEqual([range(1, 3)]);
    expect(await is.dead()).toMatchObject([
      { DDBStreamBatchInfo: { startSequenceNumber: '2', endSequenceNumber: '3' } },
    ]);
  });

  it('ignores a report the template did not ask for', async () => {
    is.answer = () => failedAt('1');
    put(2);
    const mapping = await is.start({ reportsItemFailures: false });
    await is.drained(mapping, 1);
    await is.pass(10_000);
    expect(is.batches).toEqual([range(1, 2)]);
  });

  it('whose records grow too old is given up, and younger ones go on', async () => {
    is.answer = (batch) => (batch.includes('1') ? failed : undefined);
    const now = is.clock.now();
    is.stream.put({}, { createdAt: now - 60_000 });
    is.stream.put({}, { createdAt: now });
    const mapping = await is.start({
      bisectOnError: false,
      maximumRetryAttempts: -1,
      maximumRecordAgeSeconds: 62,
    });
    await is.until(() => is.batches.some((batch) => batch[0] === '2') && mapping.backlog === 0);
    expect(is.batches.at(-1)).toEqual(['2']);
    expect(await is.dead()).toMatchObject([
      {
        requestContext: { condition: 'RecordAgeExceeded' },
        DDBStreamBatchInfo: { endSequenceNumber: '1', batchSize: 1 },
      },
    ]);
  });

  it('is tried again, uncounted, when the function could not be invoked', async () => {
    is.answer = () => {
      if (is.batches.length <= 10) throw new Error('no such function');
      return undefined;
    };
    put(1);
    const mapping = await is.start({ maximumRetryAttempts: 0 });
    await is.drained(mapping, 11);
    expect(await is.dead()).toEqual([]);
    expect(is.notes).toEqual([expect.stringContaining('no such function')]);
  });

  it('is not given up before its trace is kept', async () => {
    is.answer = () => failed;
    let refusals = 3;
    const sent: string[] = [];
    const queueStore = {
      send: async (arn: string) => {
        if (refusals-- > 0) throw new Error('disk full');
        sent.push(arn);
        return '1';
      },
      peek: async () => [],
      remove: async () => undefined,
      count: async () => 0,
    };
    put(1);
    const mapping = await is.start({ maximumRetryAttempts: 0 }, { queueStore });
    await is.until(() => sent.length > 0 && mapping.backlog === 0);
    expect(sent).toEqual([failureQueue]);
  });
});

describe('parallel lanes', () => {
  it('keep the order of each item, however its key is written, and let other items pass', async () => {
    const answered: (() => void)[] = [];
    is.answer = (batch) =>
      batch.includes('1')
        ? new Promise((resolve) => answered.push(() => resolve(undefined)))
        : undefined;
    is.stream.put({ pk: { S: 'slow' }, sk: { S: '1' } });
    for (let n = 0; n < 20; n++) is.stream.put({ pk: { S: `item ${n}` }, sk: { S: '1' } });
    is.stream.put({ sk: { S: '1' }, pk: { S: 'slow' } });
    const mapping = await is.start({ parallelizationFactor: 10, batchSize: 1 });
    await is.until(() => is.batches.length >= 10);
    await is.pass(1_000);
    expect(is.batches.flat()).toContain('1');
    expect(is.batches.flat()).not.toContain('22');
    expect(is.batches.length).toBeGreaterThan(10);
    answered.forEach((resolve) => resolve());
    await is.drained(mapping, 22);
    expect(new Set(is.batches.flat())).toEqual(new Set(range(1, 22)));
    expect(is.batches.flat().indexOf('22')).toBeGreaterThan(is.batches.flat().indexOf('1'));
  });

  it('do not let the checkpoint pass a record that is not done', async () => {
    is.answer = (batch) => (batch.includes('1') ? new Promise(() => undefined) : undefined);
    is.stream.put({ pk: { S: 'slow' } });
    for (let n = 0; n < 30; n++) is.stream.put({ pk: { S: `item ${n}` } });
    const mapping = await is.start({ parallelizationFactor: 10, batchSize: 1 });
    await is.until(() => is.batches.length >= 20);
    await is.pass(1_000);
    await mapping.stop();
    is.batches.length = 0;
    is.answer = () => undefined;
    await is.drained(await is.start({ parallelizationFactor: 10, batchSize: 1 }), 31);
    expect(is.batches.flat()).toContain('1');
  });
});

describe('a restart', () => {
  const checkpointFile = () => join(is.directory, 'checkpoints', 'mapping.json');

  it('goes on after the last record that was done', async () => {
    put(3);
    const before = await is.start();
    await is.drained(before, 1);
    await before.stop();
    put(2);
    await is.drained(await is.start(), 2);
    expect(is.batches).toEqual([range(1, 3), range(4, 5)]);
  });

  it('delivers again what was running, whose late answer no longer counts', async () => {
    let answerLate: () => void = () => undefined;
    is.answer = () => new Promise((resolve) => (answerLate = () => resolve(undefined)));
    put(1);
    const before = await is.start();
    await is.until(() => is.batches.length === 1);
    await before.stop();
    answerLate();
    await setImmediate();
    expect(is.clock.waiting).toBe(0);
    is.answer = () => undefined;
    await is.drained(await is.start(), 2);
    expect(is.batches).toEqual([['1'], ['1']]);
  });

  it('counts an answer that comes while stopping', async () => {
    let answer: () => void = () => undefined;
    is.answer = () => new Promise((resolve) => (answer = () => resolve(undefined)));
    put(1);
    const before = await is.start({}, { drainMs: 10_000 });
    await is.until(() => is.batches.length === 1);
    const stopping = before.stop();
    answer();
    await stopping;
    await is.start();
    await is.pass(1_000);
    expect(is.batches).toEqual([['1']]);
  });

  it('writes the checkpoint as it goes, not only at the end', async () => {
    put(3);
    await is.drained(await is.start(), 1);
    const stored = () => readFileSync(checkpointFile(), 'utf8');
    await is.until(() => stored().includes('"sequenceNumber":"3"'));
  });

  it('of another stream under the same name begins anew', async () => {
    put(3);
    const before = await is.start();
    await is.drained(before, 1);
    await before.stop();
    is.stream = new ScriptedStream();
    is.stream.streamId = 'stream-2';
    put(2);
    await is.drained(await is.start(), 2);
    expect(is.batches).toEqual([range(1, 3), range(1, 2)]);
  });

  it('with a damaged checkpoint delivers again rather than losing', async () => {
    put(2);
    const before = await is.start();
    await is.drained(before, 1);
    await before.stop();
    writeFileSync(checkpointFile(), '{"streamId":');
    await is.drained(await is.start(), 2);
    expect(is.batches).toEqual([range(1, 2), range(1, 2)]);
  });

  it('whose position was trimmed goes on with the oldest that is left, and says so', async () => {
    put(2);
    const before = await is.start();
    await is.drained(before, 1);
    await before.stop();
    put(4);
    is.stream.trim('4');
    await is.drained(await is.start(), 2);
    expect(is.batches).toEqual([range(1, 2), range(5, 6)]);
    expect(is.notes).toEqual([expect.stringContaining('trimmed')]);
  });

  it('at LATEST misses nothing that came since the mapping first began', async () => {
    const latest = { startingPosition: 'LATEST' } as const;
    is.stream.put({}, { createdAt: is.clock.now() - 60_000 });
    const before = await is.start(latest);
    await is.until(() => is.stream.positions.length === 1);
    await before.stop();
    is.stream.put({}, { createdAt: is.clock.now() });
    await is.drained(await is.start(latest), 1);
    expect(is.batches).toEqual([['2']]);
  });
});

describe('reading the stream', () => {
  it('survives expired iterators and errors without losing or repeating a record', async () => {
    put(2);
    const mapping = await is.start();
    await is.drained(mapping, 1);
    is.stream.expireIterators();
    put(2);
    await is.drained(mapping, 2);
    is.stream.failures.push(new Error('connection refused'), new Error('connection refused'));
    put(2);
    await is.drained(mapping, 3);
    expect(is.batches).toEqual([range(1, 2), range(3, 4), range(5, 6)]);
    expect(is.notes).toEqual([expect.stringContaining('connection refused')]);
  });

  it('at LATEST loses nothing when the first iterator expires before a record came', async () => {
    is.stream.put({}, { createdAt: is.clock.now() - 60_000 });
    const mapping = await is.start({ startingPosition: 'LATEST' });
    await is.until(() => is.stream.positions.length === 1);
    is.stream.expireIterators();
    is.stream.put({}, { createdAt: is.clock.now() });
    await is.drained(mapping, 1);
    expect(is.batches).toEqual([['2']]);
  });

  it('compares sequence numbers as numbers', async () => {
    put(9);
    const mapping = await is.start();
    await is.drained(mapping, 1);
    put(91);
    await is.drained(mapping, 2);
    await mapping.stop();
    put(1);
    await is.drained(await is.start(), 3);
    expect(is.batches).toEqual([range(1, 9), range(10, 100), ['101']]);
  });

  it('waits for a stream that is not there yet', async () => {
    is.stream.available = false;
    const mapping = await is.start();
    await is.pass(5_000);
    is.stream.available = true;
    put(1);
    await is.drained(mapping, 1);
    expect(is.notes).toEqual([expect.stringContaining('not there')]);
  });

  it('reads a child shard only when its parent is done, and a finished one never again', async () => {
    put(2);
    is.stream.addShard('shard-2', 'shard-1');
    is.stream.put({}, { shardId: 'shard-2' });
    const mapping = await is.start();
    await is.drained(mapping, 1);
    await is.pass(5_000);
    expect(is.batches).toEqual([range(1, 2)]);
    is.stream.close('shard-1');
    await is.drained(mapping, 2);
    await mapping.stop();
    is.stream.put({}, { shardId: 'shard-2' });
    await is.drained(await is.start(), 3);
    expect(is.batches).toEqual([range(1, 2), ['3'], ['4']]);
  });

  it('does not read on without bound while the function is stuck', async () => {
    is.answer = () => new Promise(() => undefined);
    put(10_000);
    const mapping = await is.start({ batchSize: 1 });
    await is.until(() => mapping.backlog > 0);
    for (let n = 0; n < 100; n++) await is.pass(100);
    expect(mapping.backlog).toBeLessThanOrEqual(2_000);
  });
});
