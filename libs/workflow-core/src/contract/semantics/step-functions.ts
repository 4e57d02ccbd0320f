/**
 * Step Functions: the local testing example of `aws-stepfunctions-examples`, the saga and the explicit failure of
 * `step-functions-workflows-collection`. A caught error is `continueOnFailure` with a `when` over the task's error; a
 * Choice is a `when` on each way on; a Parallel is its branches and whoever depends on them. Statuses and errors that a
 * `when` asks for are those of upstream tasks.
 *
 * Otherwise there: a Parallel whose branch fails stops the others, here they end. Loops, and a Fail or Succeed state
 * that ends everything at once, are not to be had: the workflow's status is what its tasks say, so a Fail is a task that
 * fails, and a Succeed none at all.
 */
import { ALWAYS, task, type SemanticsCase } from './semantics-case.js';

const RETRIED = {
  maxAttempts: 3,
  intervalSeconds: 0,
  backoffRate: 1,
  jitter: 'NONE' as const,
  retryOn: ['SampleFailure'],
  doNotRetryOn: [],
};
const CHECKS = ['CheckIdentity', 'CheckAddress'];
const anyOf = (holds: (task: string) => string) => `(${CHECKS.map(holds).join(' or ')})`;
const wasCaught = anyOf((id) => `tasks.${id}.error.type = 'SampleFailure'`);
const hasFailed = anyOf((id) => `tasks.${id}.status = 'FAILED'`);

/** Two checks side by side, each error with a catcher of its own; then a sentiment, and a way on for each. */
const application = [
  ...CHECKS.map((id) => task(id, [], { retry: RETRIED, continueOnFailure: true })),
  task('CustomValidationFailed', CHECKS, { when: `{% ${wasCaught} %}` }),
  task('ValidationException', CHECKS, { when: `{% ${hasFailed} and $not(${wasCaught}) %}` }),
  task('DetectSentiment', CHECKS, { when: `{% $not(${hasFailed}) %}`, retry: RETRIED }),
  task('AddToFollowUp', ['DetectSentiment'], {
    when: "{% workflow.input.sentiment = 'POSITIVE' %}",
  }),
  task('NegativeSentimentDetected', ['DetectSentiment'], {
    when: "{% workflow.input.sentiment != 'POSITIVE' %}",
  }),
  task('CustomerAddedToFollowup', ['AddToFollowUp']),
];
const accepted = {
  CheckIdentity: 'SUCCEEDED',
  CheckAddress: 'SUCCEEDED',
  CustomValidationFailed: 'CONDITION_FALSE',
  ValidationException: 'CONDITION_FALSE',
  DetectSentiment: 'SUCCEEDED',
  AddToFollowUp: 'SUCCEEDED',
  NegativeSentimentDetected: 'CONDITION_FALSE',
  CustomerAddedToFollowup: 'SUCCEEDED',
} as const;
const refused = {
  ...accepted,
  CheckIdentity: 'FAILED',
  CustomValidationFailed: 'SUCCEEDED',
  DetectSentiment: 'CONDITION_FALSE',
  AddToFollowUp: 'UPSTREAM_SKIPPED',
  NegativeSentimentDetected: 'UPSTREAM_SKIPPED',
  CustomerAddedToFollowup: 'UPSTREAM_SKIPPED',
} as const;

/** Each reservation is undone when it, or what came after it, went wrong: by hand of whoever undid the one after. */
const undo = (id: string, reserved: string, after: string) =>
  task(id, [reserved, after], {
    triggerRule: 'all_done',
    when: `{% tasks.${reserved}.status = 'FAILED' or tasks.${after}.status = 'SUCCEEDED' %}`,
  });
const saga = [
  task('ReserveFlight'),
  task('ReserveCarRental', ['ReserveFlight']),
  task('ProcessPayment', ['ReserveCarRental']),
  task('ConfirmFlight', ['ProcessPayment']),
  task('ConfirmCarRental', ['ConfirmFlight']),
  task('SendingSMSSuccess', ['ConfirmCarRental']),
  task('RefundPayment', ['ProcessPayment', 'ConfirmFlight', 'ConfirmCarRental'], {
    triggerRule: 'all_done',
    when: "{% 'FAILED' in [tasks.ProcessPayment.status, tasks.ConfirmFlight.status, tasks.ConfirmCarRental.status] %}",
  }),
  undo('CancelRentalReservation', 'ReserveCarRental', 'RefundPayment'),
  undo('CancelFlightReservation', 'ReserveFlight', 'CancelRentalReservation'),
  task('SendingSMSFailure', ['CancelFlightReservation']),
];

export const STEP_FUNCTIONS: readonly SemanticsCase[] = [
  {
    engine: 'Step Functions',
    title: 'all goes well, and the choice is the positive one',
    tasks: application,
    input: { sentiment: 'POSITIVE' },
    ends: 'SUCCESS',
    tasksEnd: accepted,
  },
  {
    engine: 'Step Functions',
    title: 'retries used up in a branch: the catcher of that error runs, not the one of all errors',
    tasks: application,
    failAttempts: { CheckIdentity: 4 },
    input: { sentiment: 'POSITIVE' },
    attempts: { CheckIdentity: 4 },
    ends: 'SUCCESS',
    tasksEnd: refused,
  },
  {
    engine: 'Step Functions',
    title: 'an error of another type: the catcher of all errors runs, nothing is retried',
    // A delay that is none is refused by the function itself, with an error of its own.
    tasks: application.map((each) =>
      each.id === 'CheckIdentity' ? { ...each, input: { delayMs: -1 } } : each,
    ),
    input: { sentiment: 'POSITIVE' },
    ends: 'SUCCESS',
    tasksEnd: {
      ...refused,
      CustomValidationFailed: 'CONDITION_FALSE',
      ValidationException: 'SUCCEEDED',
    },
  },
  {
    engine: 'Step Functions',
    title: 'three failed attempts, the fourth succeeds',
    tasks: application,
    failAttempts: { DetectSentiment: 3 },
    input: { sentiment: 'POSITIVE' },
    attempts: { DetectSentiment: 4 },
    ends: 'SUCCESS',
    tasksEnd: accepted,
  },
  {
    engine: 'Step Functions',
    title:
      'a saga whose payment fails: what was reserved is undone backwards, the workflow has failed',
    tasks: saga,
    failAttempts: { ProcessPayment: ALWAYS },
    ends: 'FAILED',
    tasksEnd: {
      ReserveFlight: 'SUCCEEDED',
      ReserveCarRental: 'SUCCEEDED',
      ProcessPayment: 'FAILED',
      ConfirmFlight: 'UPSTREAM_FAILED',
      ConfirmCarRental: 'UPSTREAM_FAILED',
      SendingSMSSuccess: 'UPSTREAM_FAILED',
      RefundPayment: 'SUCCEEDED',
      CancelRentalReservation: 'SUCCEEDED',
      CancelFlightReservation: 'SUCCEEDED',
      SendingSMSFailure: 'SUCCEEDED',
    },
  },
  {
    engine: 'Step Functions',
    title: 'a saga that goes well undoes nothing',
    tasks: saga,
    ends: 'SUCCESS',
    tasksEnd: {
      ReserveFlight: 'SUCCEEDED',
      ReserveCarRental: 'SUCCEEDED',
      ProcessPayment: 'SUCCEEDED',
      ConfirmFlight: 'SUCCEEDED',
      ConfirmCarRental: 'SUCCEEDED',
      SendingSMSSuccess: 'SUCCEEDED',
      RefundPayment: 'CONDITION_FALSE',
      CancelRentalReservation: 'CONDITION_FALSE',
      CancelFlightReservation: 'CONDITION_FALSE',
      SendingSMSFailure: 'UPSTREAM_SKIPPED',
    },
  },
  {
    engine: 'Step Functions',
    title: 'a branch catches its own failure, the other ends; a choice fails the workflow later',
    tasks: [
      task('success_state'),
      task('quick_fail', [], { continueOnFailure: true }),
      task('handle_failure', ['quick_fail'], { when: "{% tasks.quick_fail.status = 'FAILED' %}" }),
      task('Aggregate', ['success_state', 'handle_failure'], { triggerRule: 'none_failed' }),
      task('Success', ['Aggregate', 'quick_fail'], {
        when: "{% tasks.quick_fail.status = 'SUCCEEDED' %}",
      }),
      task('Fail', ['Aggregate', 'quick_fail'], {
        when: '{% $exists(tasks.quick_fail.error) %}',
      }),
    ],
    failAttempts: { quick_fail: ALWAYS, Fail: ALWAYS },
    ends: 'FAILED',
    tasksEnd: {
      success_state: 'SUCCEEDED',
      quick_fail: 'FAILED',
      handle_failure: 'SUCCEEDED',
      Aggregate: 'SUCCEEDED',
      Success: 'CONDITION_FALSE',
      Fail: 'FAILED',
    },
  },
];
