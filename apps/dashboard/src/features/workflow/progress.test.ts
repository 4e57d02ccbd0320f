import { failed, running, succeeded } from '../../testing/samples.js';
import { firstFailure, progressOf } from './progress.js';

describe('the progress of a workflow', () => {
  it('counts every task once, the done ones first', () => {
    expect(progressOf(running.tasks)).toEqual([
      { status: 'SUCCEEDED', count: 2 },
      { status: 'RUNNING', count: 1 },
      { status: 'READY', count: 1 },
      { status: 'PENDING', count: 1 },
    ]);
  });

  it('leaves out what does not occur', () => {
    expect(progressOf(succeeded.tasks)).toEqual([{ status: 'SUCCEEDED', count: 5 }]);
  });
});

describe('the failure to look at', () => {
  it('is the one that came first', () => {
    const [B1, B2] = [failed.tasks[1], failed.tasks[2]];
    if (!B1 || !B2) throw new Error('the sample has no B1 and B2');
    const earlier = { ...B1, status: 'FAILED' as const, endedAt: '2026-11-22T05:25:25.000Z' };
    expect(firstFailure([B2, earlier])?.taskId).toBe('B1');
  });

  it('is none that counts as a success', () => {
    const tasks = failed.tasks.map((task) => ({ ...task, continueOnFailure: true }));
    expect(firstFailure(tasks)).toBeUndefined();
  });

  it('is none where nothing failed', () => {
    expect(firstFailure(succeeded.tasks)).toBeUndefined();
  });
});
