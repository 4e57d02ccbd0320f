/** Refusals in AWS's own words and shapes, as the SDKs read them. */
import type { PassingAnswer, PassingCall } from './faults.js';
import type { Fault } from './faults-plan.js';
import { lambdaError } from './lambda-endpoint.js';
import { SqsError } from './sqs-errors.js';

type Throttle = Extract<Fault, { kind: 'throttled' }>['code'];

const DYNAMO = 'com.amazonaws.dynamodb.v20120810#';
const CORAL = 'com.amazon.coral.';

const THROTTLE: Readonly<Record<Throttle, { readonly type: string; readonly message: string }>> = {
  ProvisionedThroughputExceededException: {
    type: `${DYNAMO}ProvisionedThroughputExceededException`,
    message:
      'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  },
  ThrottlingException: {
    type: `${CORAL}availability#ThrottlingException`,
    message:
      'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.',
  },
};

export function throttled({ service }: PassingCall, code: Throttle): PassingAnswer {
  switch (service) {
    case 'dynamodb':
      return dynamoError(400, THROTTLE[code].type, THROTTLE[code].message);
    case 'lambda':
      return tooManyRequests();
    case 'sqs':
      return new SqsError(
        `${CORAL}availability#ThrottlingException`,
        'RequestThrottled',
        'Request is throttled.',
      ).answer();
  }
}

export function serverError({ service }: PassingCall): PassingAnswer {
  switch (service) {
    case 'dynamodb':
      return dynamoError(
        500,
        `${DYNAMO}InternalServerError`,
        'The request processing has failed because of an unknown error, exception or failure.',
      );
    case 'lambda':
      return lambdaError(500, 'ServiceException', 'An internal error occurred.');
    case 'sqs':
      return new SqsError(
        `${CORAL}service#InternalFailure`,
        'InternalError',
        'We encountered an internal error. Please try again.',
        500,
      ).answer();
  }
}

/** What Lambda says when a function's concurrency is used up. */
function tooManyRequests(): PassingAnswer {
  return {
    statusCode: 429,
    headers: {
      'content-type': 'application/json',
      'x-amzn-errortype': 'TooManyRequestsException',
    },
    body: JSON.stringify({
      Reason: 'ConcurrentInvocationLimitExceeded',
      Type: 'User',
      message: 'Rate Exceeded.',
    }),
    errorCode: 'TooManyRequestsException',
  };
}

function dynamoError(statusCode: number, type: string, message: string): PassingAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ __type: type, message }),
    errorCode: type.split('#')[1] ?? type,
  };
}
