import { randomUUID } from 'node:crypto';
import type { ScheduleModel } from '../model.js';
import type { FunctionInvoker, Stoppable } from '../runtime.js';
import { systemClock, type Clock } from './clock.js';

export interface ScheduleInvoker extends Pick<FunctionInvoker, 'invokeAsync'> {
  /** Whether an accepted event is queued or runs; false while it only waits for the time of a retry. */
  isInHand(requestId: string): boolean;
}

export interface SchedulesOptions {
  readonly schedules: readonly ScheduleModel[];
  readonly invoker: ScheduleInvoker;
  /** Seconds between two fires, in place of what the templates say: `rate` knows nothing below a minute. */
  readonly everySeconds?: number;
  readonly onNote?: (text: string) => void;
  readonly clock?: Clock;
}

type Target = ScheduleModel['targets'][number];

/**
 * Fires the schedules as EventBridge does, by asynchronous events, the first one a period after the start. A target whose
 * last event still is in hand is passed over: on this machine a slow function would only pile up work for itself.
 */
export function startSchedules(options: SchedulesOptions): Stoppable {
  const { schedules, clock = systemClock } = options;
  const cancels = new Map<ScheduleModel, () => void>();
  const fires = new Set<Promise<void>>();
  const last = new Map<Target, string>();

  const fire = async (schedule: ScheduleModel, target: Target) => {
    const before = last.get(target);
    if (before !== undefined && options.invoker.isInHand(before)) return;
    const payload = JSON.stringify(target.input ?? scheduledEvent(schedule, target, clock.now()));
    try {
      const { requestId } = await options.invoker.invokeAsync(target.functionArn, payload);
      last.set(target, requestId);
    } catch (error) {
      options.onNote?.(`Schedule ${schedule.logicalId} could not fire: ${String(error)}`);
    }
  };

  const fireAll = (schedule: ScheduleModel) => {
    for (const target of schedule.targets) {
      const firing = fire(schedule, target).finally(() => fires.delete(firing));
      fires.add(firing);
    }
  };

  const plan = (schedule: ScheduleModel) => {
    const periodMs = (options.everySeconds ?? schedule.everySeconds) * 1000;
    const next = () => {
      fireAll(schedule);
      plan(schedule);
    };
    cancels.set(schedule, clock.after(periodMs, next));
  };

  for (const schedule of schedules) plan(schedule);
  return {
    async stop() {
      for (const cancel of cancels.values()) cancel();
      await Promise.all(fires);
    },
  };
}

/** What EventBridge sends when the target has no input of its own. */
function scheduledEvent({ logicalId }: ScheduleModel, { functionArn }: Target, now: number) {
  const [, , , region = '', account = ''] = functionArn.split(':');
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account,
    time: `${new Date(now).toISOString().slice(0, 19)}Z`,
    region,
    resources: [`arn:aws:events:${region}:${account}:rule/${logicalId}`],
    detail: {},
  };
}
