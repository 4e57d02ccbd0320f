/** Schedules in memory, by name. */
import type { DueSchedule, Page } from '../repository.js';
import { omit } from '../schedules/omit.js';
import type { ScheduleRepository } from '../schedules/repository.js';
import type { Schedule, ScheduleSummary } from '../schedules/schedule.js';
import { pageOf } from './definitions.js';

export class InMemorySchedules implements ScheduleRepository {
  private readonly byName = new Map<string, Schedule>();

  async getSchedule(name: string) {
    return this.byName.get(name);
  }

  async listSchedules({
    limit,
    cursor,
  }: {
    limit: number;
    cursor?: string;
  }): Promise<Page<ScheduleSummary>> {
    const behind = [...this.byName.values()]
      .filter(({ name }) => cursor === undefined || name > cursor)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((schedule) => omit(schedule, 'input'));
    return pageOf(behind, limit, ({ name }) => name);
  }

  async countSchedules() {
    return this.byName.size;
  }

  async putSchedule(schedule: Schedule) {
    if ((this.byName.get(schedule.name)?.version ?? 0) !== schedule.version - 1) return false;
    this.byName.set(schedule.name, schedule);
    return true;
  }

  async advanceSchedule({ name, version, nextAt, last, previous }: ScheduleSummary) {
    const present = this.byName.get(name);
    if (present?.version !== version - 1) return false;
    this.byName.set(name, {
      ...omit(present, 'nextAt'),
      version,
      ...(nextAt === undefined ? {} : { nextAt }),
      ...(last === undefined ? {} : { last }),
      ...(previous === undefined ? {} : { previous }),
    });
    return true;
  }

  async deleteSchedule(name: string) {
    return this.byName.delete(name);
  }

  /** Those of which a time may have come. */
  due(): DueSchedule[] {
    return [...this.byName.values()].flatMap(({ name, nextAt }) =>
      nextAt === undefined ? [] : [{ schedule: name, nextCheckAt: nextAt }],
    );
  }
}
