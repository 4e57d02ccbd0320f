/**
 * Argo Workflows: `test/e2e/functional_test.go`, `test/e2e/cli_test.go`, `workflow/controller/dag_test.go` and its
 * documents on enhanced depends, fail fast and retries. `Omitted` is SKIPPED with its reason; `depends` is a trigger
 * rule, and what no rule says a `when` over the statuses of the upstream tasks. A nested DAG stands in its parent's place.
 *
 * Otherwise in Argo: a workflow is FAILED here for any failure that is not continued on; `depends` of a failed task that
 * somebody handles would forgive it there.
 */
import { ALWAYS, task, type SemanticsCase } from './semantics-case.js';

export const ARGO: readonly SemanticsCase[] = [
  {
    engine: 'Argo',
    title: 'depends on one of two, on both, and on a failure that is as good',
    tasks: [
      task('P'),
      task('F'),
      // P && (F.Succeeded || F.Failed)
      task('should-execute-1', ['P', 'F'], {
        triggerRule: 'all_done',
        when: "{% tasks.P.status = 'SUCCEEDED' and tasks.F.status in ['SUCCEEDED', 'FAILED'] %}",
      }),
      // P || F
      task('should-execute-2', ['P', 'F'], { triggerRule: 'one_success' }),
      // P && F
      task('should-not-execute', ['P', 'F']),
      task('should-execute-3', ['should-execute-2', 'should-not-execute'], {
        triggerRule: 'one_success',
      }),
    ],
    failAttempts: { F: ALWAYS },
    ends: 'FAILED',
    tasksEnd: {
      P: 'SUCCEEDED',
      F: 'FAILED',
      'should-execute-1': 'SUCCEEDED',
      'should-execute-2': 'SUCCEEDED',
      'should-not-execute': 'UPSTREAM_FAILED',
      'should-execute-3': 'SUCCEEDED',
    },
  },
  {
    engine: 'Argo',
    title: 'what depends on a failed task is omitted',
    tasks: [task('F'), task('O', ['F'])],
    failAttempts: { F: ALWAYS },
    ends: 'FAILED',
    tasksEnd: { F: 'FAILED', O: 'UPSTREAM_FAILED' },
  },
  {
    engine: 'Argo',
    title: 'a failure that is continued on lets the dependent run and the workflow succeed',
    tasks: [task('F', [], { continueOnFailure: true }), task('P', ['F'])],
    failAttempts: { F: ALWAYS },
    ends: 'SUCCESS',
    tasksEnd: { F: 'FAILED', P: 'SUCCEEDED' },
  },
  {
    engine: 'Argo',
    title: 'of a diamond one arm fails, fast: the other ends, what comes after is omitted',
    failFast: true,
    tasks: [task('A'), task('B', ['A']), task('C', ['A']), task('D', ['B', 'C'])],
    failAttempts: { C: ALWAYS },
    ends: 'FAILED',
    tasksEnd: { A: 'SUCCEEDED', B: 'SUCCEEDED', C: 'FAILED', D: 'FAIL_FAST' },
  },
  {
    engine: 'Argo',
    title: 'retries that are used up: what comes after is omitted',
    tasks: [
      task('success1', [], { retry: retryOf(1) }),
      task('fail', ['success1'], { retry: retryOf(1) }),
      task('success2', ['fail'], { retry: retryOf(1) }),
    ],
    failAttempts: { fail: ALWAYS },
    attempts: { fail: 2 },
    ends: 'FAILED',
    tasksEnd: { success1: 'SUCCEEDED', fail: 'FAILED', success2: 'UPSTREAM_FAILED' },
  },
  {
    engine: 'Argo',
    title: 'nothing to do for an empty list is a skip, and the workflow succeeds',
    tasks: [
      task('generate'),
      task('sleep', ['generate'], { when: '{% $count(tasks.generate.output.items) > 0 %}' }),
    ],
    ends: 'SUCCESS',
    tasksEnd: { generate: 'SUCCEEDED', sleep: 'CONDITION_FALSE' },
  },
  {
    engine: 'Argo',
    title: 'failing fast lets what runs already end',
    failFast: true,
    tasks: [task('task1'), task('task2', [], { input: { delayMs: 1_000 } })],
    failAttempts: { task1: ALWAYS },
    ends: 'FAILED',
    tasksEnd: { task1: 'FAILED', task2: 'SUCCEEDED' },
  },
];

function retryOf(maxAttempts: number) {
  return {
    maxAttempts,
    intervalSeconds: 0,
    backoffRate: 1,
    jitter: 'NONE' as const,
    retryOn: ['*'],
    doNotRetryOn: [],
  };
}
