import { AT, taskIn } from './testing/records.js';
import { changeOf, type Update } from './transitions.js';
import type { Task } from './workflow.js';

describe('the first item of a later epoch, found written', () => {
  const old = taskIn('X', 'SKIPPED', { version: 4, reason: 'UPSTREAM_FAILED' });
  const origin = {
    workflowId: 'w',
    epoch: 2,
    definition: old.definition,
    workflowStartedAt: AT,
    expiresAt: old.expiresAt,
  };
  const first = {
    origin,
    taskId: 'X',
    over: { task: old, pastAttempts: { kind: 'inline', json: '[]' } },
    by: 'stream',
    at: AT,
  } as const;
  const ready = changeOf({ ...first, kind: 'ready' }) as Update<Task>;
  const failFast = changeOf({ ...first, kind: 'skip', reason: 'FAIL_FAST' }) as Update<Task>;
  const now = (changes: Partial<Task>): Task => ({ ...old, epoch: 2, version: 5, ...changes });

  it('is my own when it says what I was to write', () => {
    expect(ready.isApplied(taskIn('X', 'READY', { epoch: 2, version: 5 }))).toBe(true);
    expect(failFast.isApplied(now({ reason: 'FAIL_FAST' }))).toBe(true);
  });

  it("is another's when it says something else", () => {
    expect(ready.isApplied(now({ reason: 'FAIL_FAST' }))).toBe(false);
    expect(failFast.isApplied(taskIn('X', 'READY', { epoch: 2, version: 5 }))).toBe(false);
    expect(failFast.isApplied(now({ reason: 'UPSTREAM_SKIPPED' }))).toBe(false);
  });
});
