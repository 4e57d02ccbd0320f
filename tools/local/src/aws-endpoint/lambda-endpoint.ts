/** Lambda's Invoke API: the three invocation types, their limits and the errors an SDK knows. */
import type { FunctionModel } from '../model.js';
import { UnknownFunctionError, type FunctionInvoker } from '../runtime.js';

export interface InvokeRequest {
  /** Name, ARN, or either with a qualifier. */
  readonly functionName: string;
  readonly invocationType: string;
  readonly traceHeader?: string;
  readonly body: Buffer;
}

export interface LambdaAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly errorCode?: string;
}

/** Bytes of a payload by invocation type. */
export const PAYLOAD_LIMITS = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024 } as const;

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** @returns the function's name or ARN, qualifier included; undefined when the path is not Invoke's */
export function invokedFunction(url: URL): string | undefined {
  const name = INVOKE_PATH.exec(url.pathname)?.[1];
  if (name === undefined) return undefined;
  const qualifier = url.searchParams.get('Qualifier');
  return `${decodeURIComponent(name)}${qualifier === null ? '' : `:${qualifier}`}`;
}

export async function invoke(
  { invoker, functions }: { invoker: FunctionInvoker; functions: readonly FunctionModel[] },
  { functionName, invocationType, traceHeader, body }: InvokeRequest,
): Promise<LambdaAnswer> {
  const problem = problemWith(invocationType, body);
  if (problem !== undefined) return problem;
  const payload = body.toString('utf8');
  try {
    switch (invocationType) {
      case 'DryRun':
        return isKnown(functions, functionName) ? empty(204) : notFound(functionName);
      case 'Event': {
        const { requestId } = await invoker.invokeAsync(functionName, payload);
        return { ...empty(202), headers: { 'x-amzn-requestid': requestId } };
      }
      default: {
        const options = traceHeader === undefined ? {} : { traceHeader };
        const result = await invoker.invoke(functionName, payload, options);
        return {
          statusCode: 200,
          headers: {
            'content-type': 'application/json',
            'x-amzn-requestid': result.requestId,
            'x-amz-executed-version': '$LATEST',
            ...(result.functionError ? { 'x-amz-function-error': result.functionError } : {}),
          },
          body: result.payload,
        };
      }
    }
  } catch (error) {
    if (error instanceof UnknownFunctionError) return notFound(functionName);
    return lambdaError(500, 'ServiceException', error instanceof Error ? error.message : 'failed');
  }
}

export function lambdaError(statusCode: number, code: string, message: string): LambdaAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: JSON.stringify({
      Type: statusCode < 500 ? 'User' : 'Service',
      message,
      Message: message,
    }),
    errorCode: code,
  };
}

export function tooLarge(invocationType: string): LambdaAnswer {
  const limit = PAYLOAD_LIMITS[invocationType === 'Event' ? 'Event' : 'RequestResponse'];
  return lambdaError(
    413,
    'RequestEntityTooLargeException',
    `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
  );
}

function problemWith(invocationType: string, body: Buffer): LambdaAnswer | undefined {
  if (!['RequestResponse', 'Event', 'DryRun'].includes(invocationType)) {
    return lambdaError(
      400,
      'InvalidParameterValueException',
      `Unsupported invocation type: ${invocationType}`,
    );
  }
  const limit = PAYLOAD_LIMITS[invocationType === 'Event' ? 'Event' : 'RequestResponse'];
  if (body.length > limit) return tooLarge(invocationType);
  return isJson(body)
    ? undefined
    : lambdaError(
        400,
        'InvalidRequestContentException',
        'Could not parse request body into json: the payload is not valid JSON',
      );
}

/** An empty payload is allowed and reads as `{}`. */
function isJson(body: Buffer): boolean {
  if (body.length === 0) return true;
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

function isKnown(functions: readonly FunctionModel[], functionName: string): boolean {
  const unqualified = functionName.replace(/:\$LATEST$/, '');
  return functions.some(({ name, arn }) => unqualified === name || unqualified === arn);
}

function notFound(functionName: string): LambdaAnswer {
  return lambdaError(404, 'ResourceNotFoundException', `Function not found: ${functionName}`);
}

function empty(statusCode: number): LambdaAnswer {
  return { statusCode, headers: {}, body: '' };
}
