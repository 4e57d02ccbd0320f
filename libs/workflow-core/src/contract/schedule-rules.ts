/** What every store of schedules must do. Run by each adapter's own test against the store it stands on. */
import { randomUUID } from 'node:crypto';
import type { WorkflowRepository } from '../repository.js';
import { omit } from '../schedules/omit.js';
import type { ScheduleRepository } from '../schedules/repository.js';
import type { Schedule } from '../schedules/schedule.js';
import { AT, LATER, everyPage } from './workbench.js';

interface Opened {
  readonly repository: WorkflowRepository;
  readonly schedules: ScheduleRepository;
  readonly close: () => Promise<void>;
}

export function describeSchedules(store: string, open: () => Promise<Opened>): void {
  describe(`schedules on ${store}`, () => {
    let opened: Opened;
    let schedules: ScheduleRepository;
    beforeAll(async () => {
      opened = await open();
      ({ schedules } = opened);
    });
    afterAll(() => opened.close());

    const newSchedule = (changes: Partial<Schedule> = {}): Schedule => ({
      name: `s-${randomUUID()}`,
      version: 1,
      cron: '0 12 * * *',
      timeZone: 'Europe/Berlin',
      definition: { name: 'diamond', revision: 3 },
      ...{ enabled: true, overlap: 'queue', missed: 'catchUp', tags: ['a', 'b'], note: 'why' },
      ...{ createdAt: AT, updatedAt: AT, nextAt: LATER },
      ...changes,
    });
    async function stored(changes: Partial<Schedule> = {}): Promise<Schedule> {
      const schedule = newSchedule(changes);
      expect(await schedules.putSchedule(schedule)).toBe(true);
      return schedule;
    }
    const noise = (bytes: number) =>
      Array.from({ length: Math.ceil(bytes / 36) }, () => randomUUID()).join('');

    describe('storing a schedule', () => {
      it.each([
        ['nothing', undefined],
        ['null', null],
        ['little', { n: 1 }],
        ['much', { noise: noise(200 * 1024) }],
      ])('gives it back whole, with %s as its input', async (_, input) => {
        const schedule = await stored(input === undefined ? {} : { input });
        expect(await schedules.getSchedule(schedule.name)).toEqual(schedule);
      });

      it('of a name nobody has gives nothing', async () => {
        expect(await schedules.getSchedule(`s-${randomUUID()}`)).toBeUndefined();
      });

      it('is done by one of two who do it at once, and the loser leaves the winner whole', async () => {
        const first = newSchedule({ input: noise(1_000) });
        const second = { ...first, input: noise(1_000) };
        const done = await Promise.all([first, second].map((each) => schedules.putSchedule(each)));
        expect(done.filter(Boolean)).toHaveLength(1);
        expect(await schedules.getSchedule(first.name)).toEqual(done[0] ? first : second);
      });

      it('takes the place of the version before and of no other', async () => {
        const schedule = await stored({ input: noise(1_000) });
        const paused = omit({ ...schedule, version: 2, enabled: false }, 'nextAt', 'input');
        expect(await schedules.putSchedule({ ...schedule, version: 3 })).toBe(false);
        expect(await schedules.putSchedule(paused)).toBe(true);
        expect(await schedules.putSchedule({ ...paused, note: 'late' })).toBe(false);
        expect(await schedules.getSchedule(schedule.name)).toEqual(paused);
      });
    });

    describe('advancing a schedule', () => {
      it('changes its progress alone, once', async () => {
        const schedule = await stored({ input: noise(1_000) });
        const advanced: Schedule = {
          ...schedule,
          version: 2,
          nextAt: '2026-01-03T00:00:00.000Z',
          last: { at: LATER, outcome: 'started', workflowId: 'w' },
          previous: 'w',
        };
        expect(await schedules.advanceSchedule({ ...advanced, note: 'not told' })).toBe(true);
        expect(await schedules.advanceSchedule(advanced)).toBe(false);
        expect(await schedules.getSchedule(schedule.name)).toEqual(advanced);
      });

      it('of one that was replaced meanwhile does nothing', async () => {
        const schedule = await stored();
        const replaced = { ...schedule, version: 2, note: 'other' };
        await schedules.putSchedule(replaced);
        expect(await schedules.advanceSchedule({ ...schedule, version: 2 })).toBe(false);
        expect(await schedules.getSchedule(schedule.name)).toEqual(replaced);
      });

      it('to its last time leaves it without another', async () => {
        const schedule = omit(await stored(), 'nextAt');
        expect(await schedules.advanceSchedule({ ...schedule, version: 2 })).toBe(true);
        expect(await schedules.getSchedule(schedule.name)).toEqual({ ...schedule, version: 2 });
        expect(await dueAt('2099')).not.toContain(schedule.name);
      });

      it('of one that was deleted makes none', async () => {
        const schedule = await stored();
        await schedules.deleteSchedule(schedule.name);
        expect(await schedules.advanceSchedule({ ...schedule, version: 2 })).toBe(false);
        expect(await schedules.getSchedule(schedule.name)).toBeUndefined();
      });
    });

    describe('the schedules', () => {
      it('are listed once each, by name, without their inputs, in pages of any size', async () => {
        const made = await Promise.all(
          Array.from({ length: 7 }, () => stored({ input: noise(1_000) })),
        );
        const names = made.map(({ name }) => name).sort();
        for (const limit of [1, 3, 7, 200]) {
          const all = await everyPage((cursor) => schedules.listSchedules({ limit, ...cursor }));
          const order = all.map(({ name }) => name);
          expect(order).toEqual([...new Set(order)].sort());
          expect(order.filter((name) => names.includes(name))).toEqual(names);
        }
        const summary = omit(made[0] as Schedule, 'input');
        const all = await everyPage((cursor) => schedules.listSchedules({ limit: 50, ...cursor }));
        expect(all).toContainEqual(summary);
        expect(await schedules.countSchedules()).toBe(all.length);
      });

      it('are gone when they are deleted, and may come again', async () => {
        const schedule = await stored({ input: noise(1_000) });
        expect(await schedules.deleteSchedule(schedule.name)).toBe(true);
        expect(await schedules.deleteSchedule(schedule.name)).toBe(false);
        expect(await schedules.getSchedule(schedule.name)).toBeUndefined();
        expect(await schedules.putSchedule(schedule)).toBe(true);
        expect(await schedules.getSchedule(schedule.name)).toEqual(schedule);
      });
    });

    async function dueAt(at: string): Promise<string[]> {
      const names: string[] = [];
      for (let shard = 0; shard < opened.repository.dueShards; shard += 1) {
        const due = await everyPage((cursor) =>
          opened.repository.listDue({ shard, at, limit: 2, ...cursor }),
        );
        names.push(...due.flatMap((each) => ('schedule' in each ? [each.schedule] : [])));
      }
      return names;
    }

    it('stand in the due index from their next time on, unless they are paused', async () => {
      const nextAt = '2030-01-01T00:00:00.000Z';
      const { name } = await stored({ nextAt });
      const paused = omit(newSchedule({ enabled: false }), 'nextAt');
      await schedules.putSchedule(paused);
      expect(await dueAt('2029-12-31T23:59:59.999Z')).not.toContain(name);
      const due = await dueAt(nextAt);
      expect(due.filter((each) => each === name)).toHaveLength(1);
      expect(due).not.toContain(paused.name);
      await schedules.deleteSchedule(name);
      expect(await dueAt(nextAt)).not.toContain(name);
    });
  });
}
