import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openQueueStore } from './queue-store.js';

const failures = 'arn:aws:sqs:us-east-1:000000000000:failures';
const others = 'arn:aws:sqs:us-east-1:000000000000:others';

describe('a queue in the data directory', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queues-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const bodies = async (arn: string, limit = 100) =>
    (await (await openQueueStore(directory)).peek(arn, limit)).map((message) => message.body);

  it('is empty until something was sent', async () => {
    expect(await bodies(failures)).toEqual([]);
  });

  it('keeps the order of sending, within one millisecond and across restarts', async () => {
    const first = await openQueueStore(directory);
    for (let n = 0; n < 20; n++) await first.send(failures, `first ${n}`);
    await (await openQueueStore(directory)).send(failures, 'after the restart');
    expect(await bodies(failures)).toEqual([
      ...Array.from({ length: 20 }, (_, n) => `first ${n}`),
      'after the restart',
    ]);
  });

  it('gives at most as many messages as asked for, oldest first, and leaves them there', async () => {
    const queue = await openQueueStore(directory);
    for (const body of ['a', 'b', 'c']) await queue.send(failures, body);
    expect(await bodies(failures, 2)).toEqual(['a', 'b']);
    expect(await bodies(failures, 2)).toEqual(['a', 'b']);
  });

  it('removes one message for good, and removing it twice is harmless', async () => {
    const queue = await openQueueStore(directory);
    for (const body of ['a', 'b', 'c']) await queue.send(failures, body);
    const [, second] = await queue.peek(failures, 10);
    await queue.remove(failures, second!.id);
    await queue.remove(failures, second!.id);
    expect(await bodies(failures)).toEqual(['a', 'c']);
  });

  it('knows how many messages lie in it, and by which id each was sent', async () => {
    const queue = await openQueueStore(directory);
    expect(await queue.count(failures)).toBe(0);
    const ids = [await queue.send(failures, 'a'), await queue.send(failures, 'b')];
    expect((await queue.peek(failures, 10)).map(({ id }) => id)).toEqual(ids);
    expect(await queue.count(failures)).toBe(2);
  });

  it('never mixes two queues', async () => {
    const queue = await openQueueStore(directory);
    await queue.send(failures, 'mine');
    await queue.send(others, 'yours');
    expect(await bodies(failures)).toEqual(['mine']);
    expect(await bodies(others)).toEqual(['yours']);
  });

  it('refuses what could leave its directory', async () => {
    const queue = await openQueueStore(directory);
    await expect(queue.send('arn:aws:sqs:us-east-1:0:../outside', 'x')).rejects.toThrow('ARN');
    await queue.send(failures, 'kept');
    await queue.remove(failures, '../failures');
    expect(await bodies(failures)).toEqual(['kept']);
  });
});
