import type { Task } from '@orchestra/api-contract';

export const REASON_TEXT: Record<NonNullable<Task['reason']>, string> = {
  UPSTREAM_FAILED: 'A task it depends on failed',
  UPSTREAM_SKIPPED: 'A task it depends on was skipped',
  CONDITION_FALSE: 'Its condition was false',
  FAIL_FAST: 'Another task failed first',
  OPERATOR: 'An operator skipped it',
  TIMEOUT: 'It ran longer than its timeout',
  WORKER_LOST: 'Its worker was lost too often',
};
