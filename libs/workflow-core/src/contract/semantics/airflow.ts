/**
 * Airflow: `tests/jobs/test_scheduler_job.py`, and its documents on trigger rules, branching, latest-only, short circuits
 * and teardown. A branch that is not taken and a closed short circuit are a `when` that gives false.
 *
 * Not to be had here: a short circuit that overrules the trigger rules of all that is downstream, and the rule of
 * teardowns, `all_done_setup_success`: `all_done` with a `when` about the setup's status says the same.
 */
import { ALWAYS, task, type SemanticsCase } from './semantics-case.js';

const NEVER = { when: '{% false %}' };
const JOIN = { triggerRule: 'none_failed_min_one_success' as const };

const teardown = (more: { continueOnFailure?: true }) => [
  task('create_cluster'),
  task('run_query', ['create_cluster']),
  task('delete_cluster', ['create_cluster', 'run_query'], {
    triggerRule: 'all_done',
    when: "{% tasks.create_cluster.status = 'SUCCEEDED' %}",
    ...more,
  }),
];

export const AIRFLOW: readonly SemanticsCase[] = [
  {
    engine: 'Airflow',
    title: 'all_success below a failed task: upstream failed, and so has the workflow',
    tasks: [task('fail'), task('succeed', ['fail'])],
    failAttempts: { fail: ALWAYS },
    ends: 'FAILED',
    tasksEnd: { fail: 'FAILED', succeed: 'UPSTREAM_FAILED' },
  },
  {
    engine: 'Airflow',
    title: 'of two tasks apart from each other one fails: the other runs, the workflow has failed',
    tasks: [task('succeed'), task('fail')],
    failAttempts: { fail: ALWAYS },
    ends: 'FAILED',
    tasksEnd: { succeed: 'SUCCEEDED', fail: 'FAILED' },
  },
  {
    engine: 'Airflow',
    title: 'a branch inside a branch that is not taken is skipped, with its own join',
    tasks: [
      task('branch_1'),
      task('true_1', ['branch_1']),
      task('false_1', ['branch_1'], NEVER),
      task('branch_2', ['false_1']),
      task('true_2', ['branch_2']),
      task('false_2', ['branch_2'], NEVER),
      task('join_2', ['true_2', 'false_2'], JOIN),
      task('false_3', ['join_2']),
      task('join_1', ['true_1', 'false_3'], JOIN),
    ],
    ends: 'SUCCESS',
    tasksEnd: {
      branch_1: 'SUCCEEDED',
      true_1: 'SUCCEEDED',
      false_1: 'CONDITION_FALSE',
      branch_2: 'UPSTREAM_SKIPPED',
      true_2: 'UPSTREAM_SKIPPED',
      false_2: 'UPSTREAM_SKIPPED',
      join_2: 'UPSTREAM_SKIPPED',
      false_3: 'UPSTREAM_SKIPPED',
      join_1: 'SUCCEEDED',
    },
  },
  {
    engine: 'Airflow',
    title: 'a join of branches under all_success is skipped',
    tasks: [
      task('first'),
      task('branching', ['first']),
      task('branch_a', ['branching']),
      task('follow_branch_a', ['branch_a']),
      task('branch_false', ['branching'], NEVER),
      task('join', ['follow_branch_a', 'branch_false']),
    ],
    ends: 'SUCCESS',
    tasksEnd: {
      first: 'SUCCEEDED',
      branching: 'SUCCEEDED',
      branch_a: 'SUCCEEDED',
      follow_branch_a: 'SUCCEEDED',
      branch_false: 'CONDITION_FALSE',
      join: 'UPSTREAM_SKIPPED',
    },
  },
  {
    engine: 'Airflow',
    title: 'of a run that is not the latest: all_success hands the skip on, all_done does not',
    tasks: [
      task('latest_only'),
      task('task1', ['latest_only'], NEVER),
      task('task2'),
      task('task3', ['task1', 'task2']),
      task('task4', ['task1', 'task2'], { triggerRule: 'all_done' }),
    ],
    ends: 'SUCCESS',
    tasksEnd: {
      latest_only: 'SUCCEEDED',
      task1: 'CONDITION_FALSE',
      task2: 'SUCCEEDED',
      task3: 'UPSTREAM_SKIPPED',
      task4: 'SUCCEEDED',
    },
  },
  {
    engine: 'Airflow',
    title: 'a closed short circuit skips all that is downstream, an open one nothing',
    tasks: [
      task('condition_is_true'),
      task('true_1', ['condition_is_true'], { when: '{% true %}' }),
      task('true_2', ['true_1']),
      task('condition_is_false'),
      task('false_1', ['condition_is_false'], NEVER),
      task('false_2', ['false_1']),
    ],
    ends: 'SUCCESS',
    tasksEnd: {
      condition_is_true: 'SUCCEEDED',
      true_1: 'SUCCEEDED',
      true_2: 'SUCCEEDED',
      condition_is_false: 'SUCCEEDED',
      false_1: 'CONDITION_FALSE',
      false_2: 'UPSTREAM_SKIPPED',
    },
  },
  {
    engine: 'Airflow',
    title: 'after one skipped and one succeeded: all_success is skipped, one_success runs',
    tasks: [
      task('skip_1', [], NEVER),
      task('true_1'),
      task('all_success', ['skip_1', 'true_1']),
      task('final_1', ['all_success']),
      task('skip_2', [], NEVER),
      task('true_2'),
      task('one_success', ['skip_2', 'true_2'], { triggerRule: 'one_success' }),
      task('final_2', ['one_success']),
    ],
    ends: 'SUCCESS',
    tasksEnd: {
      skip_1: 'CONDITION_FALSE',
      true_1: 'SUCCEEDED',
      all_success: 'UPSTREAM_SKIPPED',
      final_1: 'UPSTREAM_SKIPPED',
      skip_2: 'CONDITION_FALSE',
      true_2: 'SUCCEEDED',
      one_success: 'SUCCEEDED',
      final_2: 'SUCCEEDED',
    },
  },
  {
    engine: 'Airflow',
    title: 'a teardown that fails is not the failure of its workflow',
    tasks: teardown({ continueOnFailure: true }),
    failAttempts: { delete_cluster: ALWAYS },
    ends: 'SUCCESS',
    tasksEnd: { create_cluster: 'SUCCEEDED', run_query: 'SUCCEEDED', delete_cluster: 'FAILED' },
  },
  {
    engine: 'Airflow',
    title: 'a teardown that fails is the failure of its workflow where that is asked for',
    tasks: teardown({}),
    failAttempts: { delete_cluster: ALWAYS },
    ends: 'FAILED',
    tasksEnd: { create_cluster: 'SUCCEEDED', run_query: 'SUCCEEDED', delete_cluster: 'FAILED' },
  },
];
