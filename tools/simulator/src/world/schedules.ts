/** The schedules, for one invocation: the product's own rules, each request at a moment. */
import type { ScheduleRepository } from '@orchestra/workflow-core';
import { InMemorySchedules } from '@orchestra/workflow-core/in-memory';
import type { DueIndex } from './due-index.js';
import type { Invocation } from './lambda.js';
import { STORE } from './repository.js';

/** What all invocations share. */
export class Schedules {
  readonly kept = new InMemorySchedules();

  constructor(private readonly index: DueIndex) {}

  /** The index follows each change. */
  write<T>(change: (kept: InMemorySchedules) => Promise<T>): Promise<T> {
    const answer = change(this.kept);
    this.index.followSchedules(this.kept.due());
    return answer;
  }
}

export function createSchedules(schedules: Schedules, by: Invocation): ScheduleRepository {
  const { kept } = schedules;
  const at = <T>(label: string, effect: () => Promise<T>): Promise<T> =>
    by.call(STORE, label, effect).then((answer) => answer);
  return {
    getSchedule: (name) => at(`schedule ${name}`, () => kept.getSchedule(name)),
    listSchedules: (query) => at('schedules', () => kept.listSchedules(query)),
    countSchedules: () => at('count schedules', () => kept.countSchedules()),
    putSchedule: (schedule) =>
      at(`put schedule ${schedule.name}`, () =>
        schedules.write((all) => all.putSchedule(schedule)),
      ),
    advanceSchedule: (schedule) =>
      at(`advance ${schedule.name} to ${schedule.nextAt ?? 'no time'}`, () =>
        schedules.write((all) => all.advanceSchedule(schedule)),
      ),
    deleteSchedule: (name) =>
      at(`delete schedule ${name}`, () => schedules.write((all) => all.deleteSchedule(name))),
  };
}
