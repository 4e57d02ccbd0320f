import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettableClock } from '../schedule/clock.js';
import { MessageQueue } from './message-queue.js';
import { openQueueStore } from './queue-store.js';

const failures = 'arn:aws:sqs:us-east-1:000000000000:failures';
const minute = 60_000;

describe('a queue that is received from', () => {
  let directory: string;
  let clock: SettableClock;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'messages-'));
    clock = new SettableClock();
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const open = async () => new MessageQueue(failures, await openQueueStore(directory), clock);
  const filled = async (...bodies: string[]) => {
    const queue = await open();
    for (const body of bodies) await queue.send(body);
    return queue;
  };
  const bodiesOf = (messages: readonly { body: string }[]) => messages.map(({ body }) => body);

  it('gives a message to one receiver at a time, until its time is over', async () => {
    const queue = await filled('a', 'b');
    const [[first], [second], third] = await Promise.all([
      queue.receive(1, minute),
      queue.receive(1, minute),
      queue.receive(1, minute),
    ]);
    expect([first?.body, second?.body, third]).toEqual(['a', 'b', []]);
    clock.advance(minute - 1);
    expect(await queue.receive(10, minute)).toEqual([]);
    clock.advance(1);
    expect(bodiesOf(await queue.receive(10, minute))).toEqual(['a', 'b']);
  });

  it('finds what is visible behind any number of hidden ones', async () => {
    const queue = await filled('a', 'b', 'c', 'd');
    await queue.receive(3, minute);
    expect(bodiesOf(await queue.receive(1, minute))).toEqual(['d']);
  });

  it('counts how often each was received, and when first', async () => {
    const queue = await filled('a');
    const began = clock.now();
    for (const receiveCount of [1, 2, 3]) {
      expect(await queue.receive(1, 0)).toMatchObject([{ receiveCount, firstReceivedAt: began }]);
      clock.advance(1_000);
    }
  });

  it('gives back at once what its holder lets go, and keeps for longer what it wants to keep', async () => {
    const queue = await filled('a');
    const [held] = await queue.receive(1, minute);
    expect(queue.changeVisibility(held!.receipt, 2 * minute)).toBe(true);
    clock.advance(minute);
    expect(await queue.receive(1, minute)).toEqual([]);
    expect(queue.changeVisibility(held!.receipt, 0)).toBe(true);
    expect(bodiesOf(await queue.receive(1, minute))).toEqual(['a']);
  });

  it('no longer listens to a receipt whose time is over, or which was overtaken', async () => {
    const queue = await filled('a');
    const [early] = await queue.receive(1, minute);
    clock.advance(minute);
    expect(queue.changeVisibility(early!.receipt, minute)).toBe(false);
    await queue.receive(1, minute);
    expect(queue.changeVisibility(early!.receipt, 0)).toBe(false);
    expect(await queue.receive(1, minute)).toEqual([]);
  });

  it('deletes for good, and twice is harmless', async () => {
    const queue = await filled('a', 'b');
    const [held] = await queue.receive(1, 0);
    await queue.delete(held!.receipt);
    await queue.delete(held!.receipt);
    expect(bodiesOf(await (await open()).receive(10, minute))).toEqual(['b']);
  });

  it('holds back what was sent with a delay', async () => {
    const queue = await open();
    await queue.send('later', minute);
    await queue.send('now');
    expect(bodiesOf(await queue.receive(10, minute))).toEqual(['now']);
    expect(await queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 1 });
    clock.advance(minute);
    expect(bodiesOf(await queue.receive(1, 0))).toEqual(['later']);
  });

  it('counts what is visible and what is held', async () => {
    const queue = await filled('a', 'b', 'c');
    const [held] = await queue.receive(1, minute);
    expect(await queue.counts()).toEqual({ visible: 2, inFlight: 1, delayed: 0 });
    await queue.delete(held!.receipt);
    expect(await queue.counts()).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
  });

  it('shows everything again after a restart', async () => {
    const queue = await filled('a', 'b');
    await queue.receive(2, minute);
    expect(bodiesOf(await (await open()).receive(10, minute))).toEqual(['a', 'b']);
  });
});
