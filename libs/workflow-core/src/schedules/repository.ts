/**
 * The port behind which schedules are kept. The due index gives them together with the workflows that are due: see
 * `WorkflowRepository.listDue`.
 */
import type { Page } from '../repository.js';
import type { Schedule, ScheduleSummary } from './schedule.js';

export interface ScheduleRepository {
  /** Consistent. */
  getSchedule(name: string): Promise<Schedule | undefined>;
  /** In the order of their names. */
  listSchedules(query: { limit: number; cursor?: string }): Promise<Page<ScheduleSummary>>;
  /** Consistent; costs a read of all. */
  countSchedules(): Promise<number>;
  /** All of it, on condition that the one before has the version before; of version 1: that there is none. False: it was lost. */
  putSchedule(schedule: Schedule): Promise<boolean>;
  /** What a time changes of it, on the same condition: `nextAt`, `last` and `previous`. False: it was lost, or is done. */
  advanceSchedule(schedule: ScheduleSummary): Promise<boolean>;
  /** Whether there was one. */
  deleteSchedule(name: string): Promise<boolean>;
}
