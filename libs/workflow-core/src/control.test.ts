import { isPaused, overridesOf, resumedAt } from './control.js';
import { AT, workflowIn } from './testing/records.js';
import type { Control, Redrive } from './workflow.js';

const LATER = '2026-01-02T03:05:05.000Z';
const pause: Control = { kind: 'pause', at: AT, epoch: 1 };
const resume: Control = { kind: 'resume', at: LATER, epoch: 1 };

describe('a workflow', () => {
  it.each([
    [[], false],
    [[pause], true],
    [[pause, resume], false],
    [[pause, resume, pause], true],
  ])('is paused by the last of %j: %s', (controls, expected) => {
    expect(isPaused(workflowIn({ controls }))).toBe(expected);
  });

  it('is not paused any more in its next epoch: a redrive is an order to go on', () => {
    expect(isPaused(workflowIn({ controls: [pause], epoch: 2 }))).toBe(false);
  });

  it('was resumed by the last of its orders, in this epoch', () => {
    expect(resumedAt(workflowIn({ controls: [pause, resume] }))).toBe(LATER);
    expect(resumedAt(workflowIn({ controls: [pause, resume, pause] }))).toBeUndefined();
    expect(resumedAt(workflowIn({ controls: [pause, resume], epoch: 2 }))).toBeUndefined();
  });
});

describe('what a redrive says of single tasks', () => {
  const redrive: Redrive = {
    ...{ epoch: 2, at: AT, token: 't', selection: { kind: 'unfinished' }, fromRevision: 1 },
    from: { status: 'FAILED' },
    overrides: [{ taskId: 'A', kind: 'skip' }],
    who: 'ada',
  };

  it('holds in the epoch it began, with who said so', () => {
    const overrides = overridesOf(workflowIn({ epoch: 2, redrives: [redrive] }));
    expect([...overrides]).toEqual([['A', { taskId: 'A', kind: 'skip', who: 'ada' }]]);
  });

  it('means nothing in the next', () => {
    const next: Redrive = {
      ...{ epoch: 3, at: AT, token: 'u', selection: { kind: 'unfinished' }, fromRevision: 1 },
      from: { status: 'FAILED' },
    };
    expect(overridesOf(workflowIn({ epoch: 3, redrives: [redrive, next] })).size).toBe(0);
    expect(overridesOf(workflowIn()).size).toBe(0);
  });
});
