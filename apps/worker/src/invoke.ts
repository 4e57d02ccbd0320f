/**
 * Invokes a task's function, once per attempt. What certainly did not run (a throttle, a refused connection) is
 * tried again within the task's time; anything ambiguous ends the attempt, because it may have run.
 */
import {
  InvokeCommand,
  LambdaServiceException,
  type InvokeCommandOutput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { LIMITS, type TaskError, type TaskPayload } from '@orchestra/workflow-core';
import type { Outcome } from './ports.js';

export interface InvokeOptions {
  /** Of a client that tries each call once: the SDK's own retries would run a task twice. */
  readonly lambda: LambdaClient;
  readonly functions: Readonly<Record<string, string>>;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly now: () => number;
  readonly random: () => number;
}

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

export function createInvoke(options: InvokeOptions) {
  return async (name: string, payload: TaskPayload, timeoutMs: number): Promise<Outcome> => {
    const arn = Object.hasOwn(options.functions, name) ? options.functions[name] : undefined;
    if (arn === undefined)
      return failed('FunctionNotRegistered', `no task function is registered as "${name}"`);
    const body = new TextEncoder().encode(JSON.stringify(payload));
    if (body.byteLength > LIMITS.invocationBytes) return tooLarge(body.byteLength);
    const deadline = options.now() + timeoutMs;
    for (let attempt = 0; ; attempt += 1) {
      const remaining = deadline - options.now();
      if (remaining <= 0) return timedOut(timeoutMs);
      try {
        return outcomeOf(await invokeOnce(options.lambda, arn, body, remaining), timeoutMs);
      } catch (error) {
        if (isAbort(error)) return timedOut(timeoutMs);
        if (!certainlyDidNotRun(error)) return failedInvocation(error);
        const ceiling = Math.min(FIRST_RETRY_MS * 2 ** attempt, MAX_RETRY_MS);
        await options.pause(Math.min(options.random() * ceiling, remaining));
      }
    }
  };
}

const invokeOnce = (lambda: LambdaClient, arn: string, body: Uint8Array, timeoutMs: number) =>
  lambda.send(
    new InvokeCommand({
      FunctionName: arn,
      InvocationType: 'RequestResponse',
      Payload: body,
    }),
    { abortSignal: AbortSignal.timeout(timeoutMs) },
  );

function outcomeOf(answer: InvokeCommandOutput, timeoutMs: number): Outcome {
  const requestId = answer.$metadata.requestId;
  const withId = requestId === undefined ? {} : { requestId };
  const text = answer.Payload?.length ? answer.Payload.transformToString() : '';
  if (answer.FunctionError !== undefined) return { ...functionError(text, timeoutMs), ...withId };
  try {
    return { kind: 'succeeded', output: text === '' ? null : JSON.parse(text), ...withId };
  } catch {
    return { ...failed('InvalidOutput', 'the function did not answer with JSON'), ...withId };
  }
}

/** What Lambda and its runtimes say when a function did not end by itself or answered what nobody can use. */
const LAMBDA_ERRORS: readonly (readonly [RegExp, string])[] = [
  [/^Sandbox\.Timedout|Task timed out after/, 'TaskTimeout'],
  [/^Runtime\.OutOfMemory|signal: killed/, 'OutOfMemory'],
  [/^Runtime\.ExitError|exited (?:with error|without)/, 'FunctionCrashed'],
  [/^Function\.ResponseSizeTooLarge/, 'OutputTooLarge'],
  [/^Runtime\.MarshalError/, 'InvalidOutput'],
];

/** Lambda's error document, as its runtimes write it: Node's `trace`, Python's `stackTrace`. */
function functionError(text: string, timeoutMs: number): Failed {
  const { errorType, errorMessage, trace, stackTrace } = parseErrorDocument(text);
  const message = typeof errorMessage === 'string' ? errorMessage : text;
  const type = typeOf(typeof errorType === 'string' ? errorType : '', message);
  if (type === 'TaskTimeout')
    return { ...timedOut(timeoutMs), error: errorOf('TaskTimeout', message, []) };
  const lines = [trace, stackTrace].find(Array.isArray) ?? [];
  return { kind: 'failed', error: errorOf(type, message, lines.map(String)) };
}

/** A function's own errors keep their type, whatever their words; Lambda's have one of its own or, of old, none. */
function typeOf(errorType: string, message: string): string {
  if (errorType !== '' && !/^(?:Sandbox|Runtime|Function)\./.test(errorType)) return errorType;
  const known = LAMBDA_ERRORS.find(([words]) => words.test(`${errorType} ${message}`));
  return known?.[1] ?? (errorType || 'Error');
}

function parseErrorDocument(text: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null ? { ...document } : {};
  } catch {
    return {};
  }
}

type Failed = Extract<Outcome, { kind: 'failed' }>;

const failed = (type: string, message: string): Failed => ({
  kind: 'failed',
  error: errorOf(type, message, []),
});

const tooLarge = (bytes: number): Failed =>
  failed(
    'InputTooLarge',
    `the task would be invoked with ${bytes} bytes, above Lambda's limit of ${LIMITS.invocationBytes}: give it an "input" that takes less`,
  );

const timedOut = (timeoutMs: number): Failed => ({
  ...failed('TaskTimeout', `the task did not end within ${timeoutMs / 1000} s`),
  reason: 'TIMEOUT',
});

function failedInvocation(error: unknown): Failed {
  const message = error instanceof Error ? error.message : String(error);
  const type = error instanceof LambdaServiceException ? REFUSALS[error.name] : undefined;
  return type === undefined
    ? failed('InvocationFailed', `it is not known whether the function ran: ${message}`)
    : failed(type, message);
}

/** Answers that say for certain that the function did not run and never will on this input. */
const REFUSALS: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'FunctionNotFound',
  RequestTooLargeException: 'InputTooLarge',
};

/** Long messages and traces are cut, and say so. */
function errorOf(type: string, message: string, trace: readonly string[]): TaskError {
  let room: number = LIMITS.errorTraceLength;
  const kept = trace.filter((line) => (room -= line.length) >= 0);
  const cut = trace.length - kept.length;
  return {
    type,
    message:
      message.length > LIMITS.errorMessageLength
        ? `${message.slice(0, LIMITS.errorMessageLength)}... (${message.length} characters)`
        : message,
    trace: cut > 0 ? [...kept, `... (${cut} more lines)`] : kept,
  };
}

const isAbort = (error: unknown) =>
  error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');

const NOT_RUN = new Set(['TooManyRequestsException', 'ECONNREFUSED']);

const certainlyDidNotRun = (error: unknown) =>
  error instanceof Error &&
  (NOT_RUN.has(error.name) || ('code' in error && NOT_RUN.has(String(error.code))));
