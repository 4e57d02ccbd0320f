import { LATE_MS, decided, nextStep, passed, workflowIdAt, type Step } from './firing.js';
import { omit } from './omit.js';
import type { Schedule } from './schedule.js';

const at = (text: string) => Date.parse(`2026-01-02T${text}Z`);
const NOON = '2026-01-02T12:00:00.000Z';
const NOON_ID = 'nightly-20260102T120000Z';

const schedule = (changes: Partial<Schedule> = {}): Schedule => ({
  name: 'nightly',
  version: 7,
  cron: '*/10 * * * *',
  timeZone: 'UTC',
  definition: { name: 'diamond' },
  ...{ enabled: true, overlap: 'skip', missed: 'skip' },
  ...{ createdAt: NOON, updatedAt: NOON, nextAt: NOON },
  ...changes,
});
const running = { isRunning: true };
const ended = (endedAt: string) => ({ isRunning: false, endedAt: `2026-01-02T${endedAt}.000Z` });
const start: Step = { kind: 'start', at: NOON, workflowId: NOON_ID };

describe('what a schedule does', () => {
  it('is nothing before its time, and nothing while it is paused', () => {
    expect(nextStep(schedule(), at('11:59:59.999'))).toEqual({ kind: 'rest' });
    const paused = omit(schedule({ enabled: false }), 'nextAt');
    expect(nextStep(paused, at('12:00:00'))).toEqual({ kind: 'rest' });
  });

  it('is to start at its time, under an id that the time gives', () => {
    expect(nextStep(schedule(), at('12:00:00'))).toEqual(start);
    expect(workflowIdAt('a', '2026-10-25T00:30:00.000Z')).toBe('a-20261025T003000Z');
  });

  it.each(['skip', 'queue', 'allow'] as const)(
    'is to start when the one before has ended: %s',
    (overlap) => {
      expect(nextStep(schedule({ overlap }), at('12:00:30'), ended('11:00:00'))).toEqual(start);
    },
  );

  it('is not to wait for another where that is allowed', () => {
    expect(nextStep(schedule({ overlap: 'allow' }), at('12:00:30'), running)).toEqual(start);
  });

  it('is to skip every time that has come while the one before runs', () => {
    const step = nextStep(schedule({ missed: 'catchUp', previous: 'x' }), at('12:35:00'), running);
    expect(step).toEqual({
      ...{ kind: 'pass', at: NOON, workflowId: NOON_ID, outcome: 'skipped' },
      reason: 'the workflow "x" had not ended; and so were all before 2026-01-02T12:40:00.000Z',
      nextAt: '2026-01-02T12:40:00.000Z',
    });
  });

  it('is to wait in line where it queues, however long that takes', () => {
    expect(nextStep(schedule({ overlap: 'queue' }), at('23:00:00'), running)).toEqual({
      kind: 'wait',
    });
  });

  it('is to start what waited in line, although its time is long ago', () => {
    const queue = schedule({ overlap: 'queue' });
    expect(nextStep(queue, at('18:04:59'), ended('18:00:00'))).toEqual(start);
    // After that nobody came: it is missed.
    expect(nextStep(queue, at('18:06:00'), ended('18:00:00'))).toMatchObject({ outcome: 'missed' });
  });

  it('is to keep a time until it is five minutes late', () => {
    expect(nextStep(schedule(), Date.parse(NOON) + LATE_MS)).toEqual(start);
    expect(nextStep(schedule(), Date.parse(NOON) + LATE_MS + 1)).toEqual({
      ...{ kind: 'pass', at: NOON, workflowId: NOON_ID, outcome: 'missed' },
      reason: 'nobody could start it before 2026-01-02T12:05:00.001Z',
      nextAt: '2026-01-02T12:10:00.000Z',
    });
  });

  it('is to pass over all that is late at once, and to keep what is not', () => {
    expect(nextStep(schedule({ overlap: 'allow' }), at('20:53:00'))).toMatchObject({
      outcome: 'missed',
      nextAt: '2026-01-02T20:50:00.000Z',
    });
  });

  it('is to start what is late where it catches up', () => {
    expect(nextStep(schedule({ missed: 'catchUp' }), at('20:00:00'))).toEqual(start);
  });
});

describe('a schedule after a step', () => {
  const last = { at: NOON, outcome: 'started', workflowId: NOON_ID } as const;

  it('has decided one time, and knows what it started', () => {
    expect(decided(schedule(), last, { previous: NOON_ID })).toEqual({
      ...schedule(),
      version: 8,
      nextAt: '2026-01-02T12:10:00.000Z',
      ...{ last, previous: NOON_ID },
    });
  });

  it('remembers what it started before when nothing was started', () => {
    const refused = { at: NOON, outcome: 'refused', reason: 'no' } as const;
    expect(decided(schedule({ previous: 'x' }), refused)).toMatchObject({
      previous: 'x',
      last: refused,
    });
  });

  it('goes on behind all that it passed over', () => {
    const before = schedule({ previous: 'x' });
    const step = nextStep(before, at('12:35:00'), running);
    if (step.kind !== 'pass') throw new Error(step.kind);
    expect(passed(before, step)).toEqual({
      ...before,
      version: 8,
      nextAt: step.nextAt,
      last: { at: NOON, outcome: step.outcome, reason: step.reason },
    });
  });
});
