/** What Orchestra chooses where Airflow, Argo and Step Functions differ, or say nothing. */
import { ALWAYS, task, type SemanticsCase } from './semantics-case.js';

export const ORCHESTRA: readonly SemanticsCase[] = [
  {
    engine: 'Orchestra',
    title: 'a failure fails the workflow although every end succeeds',
    tasks: [task('fail'), task('clean-up', ['fail'], { triggerRule: 'all_done' })],
    failAttempts: { fail: ALWAYS },
    ends: 'FAILED',
    tasksEnd: { fail: 'FAILED', 'clean-up': 'SUCCEEDED' },
  },
  {
    engine: 'Orchestra',
    title: 'what depends on a skipped task is skipped, all the way down, and that is a success',
    tasks: [task('A', [], { when: '{% false %}' }), task('B', ['A']), task('C', ['B'])],
    ends: 'SUCCESS',
    tasksEnd: { A: 'CONDITION_FALSE', B: 'UPSTREAM_SKIPPED', C: 'UPSTREAM_SKIPPED' },
  },
  {
    engine: 'Orchestra',
    title: 'a failure far up counts as one for every rule further down',
    tasks: [
      task('A'),
      task('B', ['A']),
      task('C', ['B'], { triggerRule: 'none_failed' }),
      task('D', ['C'], { triggerRule: 'one_failed' }),
    ],
    failAttempts: { A: ALWAYS },
    ends: 'FAILED',
    tasksEnd: {
      A: 'FAILED',
      B: 'UPSTREAM_FAILED',
      C: 'UPSTREAM_FAILED',
      D: 'SUCCEEDED',
    },
  },
  {
    engine: 'Orchestra',
    title: 'a handler of a failure that is continued on asks for its status, not for its rule',
    tasks: [
      task('A', [], { continueOnFailure: true }),
      task('rule', ['A'], { triggerRule: 'one_failed' }),
      task('condition', ['A'], { when: "{% tasks.A.status = 'FAILED' %}" }),
    ],
    failAttempts: { A: ALWAYS },
    ends: 'SUCCESS',
    tasksEnd: { A: 'FAILED', rule: 'UPSTREAM_SKIPPED', condition: 'SUCCEEDED' },
  },
  {
    engine: 'Orchestra',
    title: 'the output of a failure that is continued on is null',
    tasks: [
      task('A', [], { continueOnFailure: true }),
      task('B', ['A'], { when: '{% tasks.A.output = null %}' }),
    ],
    failAttempts: { A: ALWAYS },
    ends: 'SUCCESS',
    tasksEnd: { A: 'FAILED', B: 'SUCCEEDED' },
  },
  {
    engine: 'Orchestra',
    title: 'failing fast, a failure that is continued on stops nothing',
    failFast: true,
    tasks: [
      task('A', [], { continueOnFailure: true }),
      task('B', ['A']),
      task('C', ['B'], { triggerRule: 'all_done' }),
    ],
    failAttempts: { A: ALWAYS },
    ends: 'SUCCESS',
    tasksEnd: { A: 'FAILED', B: 'SUCCEEDED', C: 'SUCCEEDED' },
  },
  {
    engine: 'Orchestra',
    title: 'failing fast, nothing starts any more, whatever its rule and wherever it stands',
    failFast: true,
    tasks: [
      task('fail'),
      task('slow', [], { input: { delayMs: 1_000 } }),
      task('after-slow', ['slow']),
      task('further', ['after-slow']),
      task('clean-up', ['fail', 'slow'], { triggerRule: 'all_done' }),
      task('report', ['fail'], { triggerRule: 'one_failed' }),
    ],
    failAttempts: { fail: ALWAYS },
    ends: 'FAILED',
    tasksEnd: {
      fail: 'FAILED',
      slow: 'SUCCEEDED',
      'after-slow': 'FAIL_FAST',
      further: 'FAIL_FAST',
      'clean-up': 'FAIL_FAST',
      report: 'FAIL_FAST',
    },
  },
  {
    engine: 'Orchestra',
    title: 'failing fast waits until retries are used up',
    failFast: true,
    tasks: [
      task('A', [], {
        retry: {
          maxAttempts: 2,
          intervalSeconds: 0,
          backoffRate: 1,
          jitter: 'NONE',
          retryOn: ['*'],
          doNotRetryOn: [],
        },
      }),
      task('B', ['A']),
    ],
    failAttempts: { A: 2 },
    attempts: { A: 3 },
    ends: 'SUCCESS',
    tasksEnd: { A: 'SUCCEEDED', B: 'SUCCEEDED' },
  },
];
