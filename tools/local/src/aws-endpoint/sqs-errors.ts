/** What SQS answers when it refuses, in the two forms an SDK reads: the type of JSON and the code of the older protocol. */
export interface SqsAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** As the caller sent it. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly errorCode?: string;
}

const SQS = 'com.amazonaws.sqs#';
const CORAL = 'com.amazon.coral.service#';

export class SqsError extends Error {
  override readonly name = 'SqsError';

  constructor(
    /** With its namespace: `com.amazonaws.sqs#QueueDoesNotExist`. */
    readonly type: string,
    readonly queryCode: string,
    message: string,
    readonly statusCode = 400,
  ) {
    super(message);
  }

  answer(): SqsAnswer {
    return {
      statusCode: this.statusCode,
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amzn-query-error': `${this.queryCode};Sender`,
      },
      body: JSON.stringify({ __type: this.type, message: this.message }),
      request: {},
      errorCode: this.type.split('#')[1] ?? this.type,
    };
  }
}

export const sqsErrors = {
  noQueue: () =>
    new SqsError(
      `${SQS}QueueDoesNotExist`,
      'AWS.SimpleQueueService.NonExistentQueue',
      'The specified queue does not exist.',
    ),
  unknownOperation: (operation: string) =>
    new SqsError(
      `${CORAL}UnknownOperationException`,
      'InvalidAction',
      `The action ${operation} is not served here`,
    ),
  unknownCaller: () =>
    new SqsError(
      `${CORAL}UnrecognizedClientException`,
      'InvalidClientTokenId',
      'The security token included in the request is invalid.',
      403,
    ),
  notJson: () =>
    new SqsError(`${CORAL}SerializationException`, 'MalformedInput', 'The body is no JSON object'),
  missing: (name: string) =>
    new SqsError(
      `${SQS}MissingRequiredParameterException`,
      'MissingParameter',
      `The request must contain the parameter ${name}.`,
    ),
  invalidValue: (name: string, value: unknown, reason: string) =>
    new SqsError(
      `${SQS}InvalidParameterValueException`,
      'InvalidParameterValue',
      `Value ${JSON.stringify(value)} for parameter ${name} is invalid. Reason: ${reason}`,
    ),
  tooLong: (bytes: number) =>
    new SqsError(
      `${SQS}InvalidParameterValueException`,
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${bytes} bytes.`,
    ),
  tooLarge: () =>
    new SqsError(
      `${CORAL}RequestEntityTooLargeException`,
      'RequestEntityTooLarge',
      'The request is too large',
      413,
    ),
  invalidContents: () =>
    new SqsError(
      `${SQS}InvalidMessageContents`,
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.',
    ),
  unknownAttribute: (name: string) =>
    new SqsError(
      `${SQS}InvalidAttributeName`,
      'InvalidAttributeName',
      `Unknown Attribute ${name}.`,
    ),
  invalidReceipt: (receipt: string) =>
    new SqsError(
      `${SQS}ReceiptHandleIsInvalid`,
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${receipt}" is not a valid receipt handle.`,
    ),
  notInFlight: () =>
    new SqsError(
      `${SQS}MessageNotInflight`,
      'AWS.SimpleQueueService.MessageNotInflight',
      'The message referred to is not in flight.',
    ),
  unsupported: (what: string) =>
    new SqsError(
      `${SQS}UnsupportedOperation`,
      'AWS.SimpleQueueService.UnsupportedOperation',
      `This machine does not keep ${what}`,
    ),
} as const;

/** The characters a message may hold. */
export function isSentText(text: string): boolean {
  return /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u.test(text);
}
