import { setImmediate } from 'node:timers/promises';
import type { ScheduleModel } from '../model.js';
import { SettableClock } from './clock.js';
import { startSchedules } from './schedules.js';

const sweep = 'arn:aws:lambda:eu-central-1:000000000000:function:sweep';
const everyMinute: ScheduleModel = {
  logicalId: 'Sweep',
  everySeconds: 60,
  targets: [{ functionArn: sweep, input: { mode: 'sweep' } }],
};

/** Accepts events, and leaves it to the test when they end. */
class Events {
  readonly accepted: { readonly arn: string; readonly payload: unknown }[] = [];
  readonly inHand = new Set<string>();
  refuse: Error | undefined;

  isInHand = (requestId: string) => this.inHand.has(requestId);

  invokeAsync = async (arn: string, payload: string) => {
    if (this.refuse) throw this.refuse;
    this.accepted.push({ arn, payload: JSON.parse(payload) });
    const requestId = `request-${this.accepted.length}`;
    this.inHand.add(requestId);
    return { requestId };
  };
}

describe('a schedule', () => {
  let clock: SettableClock;
  let events: Events;
  const notes: string[] = [];
  const start = (schedules: readonly ScheduleModel[], everySeconds?: number) =>
    startSchedules({
      schedules,
      invoker: events,
      clock,
      onNote: (text) => notes.push(text),
      ...(everySeconds && { everySeconds }),
    });
  /** Moves the time on; all events end at once. */
  const pass = async (seconds: number) => {
    for (let n = 0; n < seconds; n++) {
      clock.advance(1_000);
      await setImmediate();
    }
  };

  beforeEach(() => {
    clock = new SettableClock();
    events = new Events();
    notes.length = 0;
  });

  it('fires first after one period, then each period, with its own input', async () => {
    const schedules = start([everyMinute]);
    await pass(59);
    expect(events.accepted).toEqual([]);
    await pass(1);
    events.inHand.clear();
    await pass(60);
    expect(events.accepted).toEqual(Array(2).fill({ arn: sweep, payload: { mode: 'sweep' } }));
    await schedules.stop();
  });

  it('fires at another pace when told so', async () => {
    const schedules = start([everyMinute], 1);
    for (let n = 0; n < 5; n++) {
      await pass(1);
      events.inHand.clear();
    }
    expect(events.accepted).toHaveLength(5);
    await schedules.stop();
  });

  it('passes a fire over while the last event is in hand, and fires again after it', async () => {
    const schedules = start([everyMinute], 1);
    await pass(10);
    expect(events.accepted).toHaveLength(1);
    events.inHand.clear();
    await pass(1);
    expect(events.accepted).toHaveLength(2);
    await schedules.stop();
  });

  it('sends the event of EventBridge when it has no input', async () => {
    const schedules = start([{ ...everyMinute, targets: [{ functionArn: sweep }] }]);
    await pass(60);
    expect(events.accepted[0]?.payload).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '000000000000',
      time: '2030-01-01T00:01:00Z',
      region: 'eu-central-1',
      resources: ['arn:aws:events:eu-central-1:000000000000:rule/Sweep'],
      detail: {},
    });
    await schedules.stop();
  });

  it('goes on after a fire that was refused, and says so', async () => {
    events.refuse = new Error('no such function');
    const schedules = start([everyMinute], 1);
    await pass(1);
    events.refuse = undefined;
    await pass(1);
    expect(events.accepted).toHaveLength(1);
    expect(notes).toEqual(['Schedule Sweep could not fire: Error: no such function']);
    await schedules.stop();
  });

  it('fires no more once stopped', async () => {
    const schedules = start([everyMinute], 1);
    await schedules.stop();
    await schedules.stop();
    await pass(10);
    expect(events.accepted).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});
