import { readFailure } from './failure-queue-message.js';

const read = (body: unknown) =>
  readFailure({
    messageId: 'm1',
    receiveCount: 2,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const base = { messageId: 'm1', receiveCount: 2 };
const functionArn = 'arn:aws:lambda:eu-central-1:111111111111:function:Worker:$LATEST';
const at = '2030-01-01T00:00:00.000Z';
const streamArn = 'arn:aws:dynamodb:eu-central-1:111111111111:table/T/stream/2030';

describe('a message of the failure queue', () => {
  it('is a workflow that could not be decided on', () => {
    const error = { type: 'RangeError', message: 'no' };
    const body = {
      kind: 'workflow',
      workflowId: 'w1',
      epoch: 2,
      sequenceNumbers: ['1'],
      error,
      at,
    };
    expect(read(body)).toEqual({
      ...base,
      kind: 'workflow',
      workflowIds: ['w1'],
      epoch: 2,
      error,
      at,
    });
  });

  it('is an asynchronous event, with what its function said last', () => {
    const payload = { workflowId: 'w1', tasks: [] };
    const body = {
      version: '1.0',
      timestamp: at,
      requestContext: { functionArn, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: payload,
      responseContext: { statusCode: 200, functionError: 'Unhandled' },
      responsePayload: { errorType: 'Error', errorMessage: 'no' },
    };
    const error = { type: 'Error', message: 'no' };
    const workflowIds = ['w1'];
    expect(read(body)).toEqual({
      ...base,
      kind: 'event',
      functionArn,
      payload,
      workflowIds,
      error,
      at,
    });
  });

  it('is an event that grew too old before it was tried, which has no answer', () => {
    const requestContext = { functionArn, condition: 'EventAgeExceeded' };
    expect(read({ requestContext, requestPayload: null })).toEqual({
      ...base,
      ...{ kind: 'event', functionArn, payload: null, workflowIds: [] },
      error: { type: 'EventAgeExceeded', message: '' },
    });
  });

  it('is a range of stream records', () => {
    const body = {
      timestamp: at,
      requestContext: { functionArn, condition: 'RetryAttemptsExhausted' },
      responseContext: { functionError: 'Unhandled' },
      DDBStreamBatchInfo: {
        ...{ shardId: 's1', streamArn, startSequenceNumber: '7', endSequenceNumber: '9' },
        batchSize: 2,
      },
    };
    expect(read(body)).toEqual({
      ...base,
      ...{ kind: 'stream', functionArn, at },
      records: { streamArn, shardId: 's1', from: '7', to: '9', count: 2 },
      error: { type: 'Unhandled', message: 'RetryAttemptsExhausted' },
    });
  });

  it.each([
    ['text', 'what is this'],
    ['another document', '{"kind":"workflow"}'],
    ['an event without its payload', JSON.stringify({ requestContext: { functionArn } })],
    ['a number', '5'],
  ])('that is %s is shown as it is', (_, body) => {
    expect(read(body)).toEqual({ ...base, kind: 'unknown', body });
  });
});
