/** Whoever sets up schedules, and pauses them in the end. */
import type { ScheduleSpec } from '@orchestra/workflow-core';
import { ordered, switched } from '@orchestra/workflow-core/schedules';
import type { SchedulePlan } from './scenario.js';
import type { World } from './world.js';

const AGAIN_MS = 100;

export class Schedulers {
  /** Schedules that are not paused yet. */
  open = 0;

  constructor(private readonly world: World) {
    for (const plan of world.scenario.schedules) void this.keep(plan);
  }

  private async keep({ name, spec, pausedAfterMs }: SchedulePlan): Promise<void> {
    const { kernel } = this.world;
    this.open += 1;
    await this.put(name, spec);
    kernel.later(pausedAfterMs, () => void this.pause(name));
  }

  private async put(name: string, spec: ScheduleSpec): Promise<void> {
    const { kernel, schedules } = this.world;
    const schedule = ordered(name, spec, undefined, kernel.now);
    if (schedule) await schedules.write((all) => all.putSchedule(schedule));
  }

  /** The sweep may write it at the same moment. */
  private async pause(name: string): Promise<void> {
    const { kernel, schedules, watch } = this.world;
    const present = await schedules.kept.getSchedule(name);
    const paused = present && switched(present, false, kernel.now);
    if (paused && !(await schedules.write((all) => all.putSchedule(paused))))
      return kernel.later(AGAIN_MS, () => void this.pause(name));
    watch.paused(name);
    this.open -= 1;
  }
}
