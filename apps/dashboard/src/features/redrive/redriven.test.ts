import { failed } from '../../testing/samples.js';
import { redriven } from './redriven.js';

const answer = {
  workflowId: failed.workflowId,
  status: 'RUNNING' as const,
  epoch: 2,
  definition: failed.definition,
  dryRun: false,
  run: ['B2', 'C'],
  keep: ['A', 'B1', 'B3'],
};

describe('a workflow that was redriven', () => {
  const after = redriven(failed, answer);

  it('goes on, in the next epoch', () => {
    expect(after).toMatchObject({ status: 'RUNNING', epoch: 2 });
    expect(after.endedAt).toBeUndefined();
    expect(after.durationMs).toBeUndefined();
  });

  it('has the tasks that run again as if they had not begun, and the others as they were', () => {
    expect(after.tasks.map(({ taskId, status, error }) => [taskId, status, error])).toEqual([
      ['A', 'SUCCEEDED', undefined],
      ['B1', 'SUCCEEDED', undefined],
      ['B2', 'PENDING', undefined],
      ['B3', 'SUCCEEDED', undefined],
      ['C', 'PENDING', undefined],
    ]);
  });

  it('stays as it is when it is shown as far already', () => {
    expect(redriven(after, answer)).toBe(after);
  });
});
