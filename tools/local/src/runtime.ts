/** The contracts between the rooms of the runtime. */

/** What Lambda's Invoke API answers a synchronous caller. */
export interface InvokeResult {
  readonly requestId: string;
  /** The function's JSON, or its error document when `functionError` is set. */
  readonly payload: string;
  /** `Unhandled` as on AWS: the function threw, timed out, exited or ran out of memory. */
  readonly functionError?: 'Unhandled';
}

export interface InvokeOptions {
  /**
   * The `X-Amzn-Trace-Id` the caller's SDK sent. It ties a synchronous chain together: a function that calls itself
   * through others gets a sandbox above its bound instead of waiting for itself.
   */
  readonly traceHeader?: string;
}

/** `functions/` behind the Lambda endpoint, the API, the mappings and the schedules. */
export interface FunctionInvoker {
  /** Waits for a free sandbox, runs the function once. @throws UnknownFunctionError */
  invoke(nameOrArn: string, payload: string, options?: InvokeOptions): Promise<InvokeResult>;
  /** Accepts an asynchronous event; it is kept, retried and dead-lettered as Lambda does. @throws UnknownFunctionError */
  invokeAsync(nameOrArn: string, payload: string): Promise<{ readonly requestId: string }>;
}

export class UnknownFunctionError extends Error {
  override readonly name = 'UnknownFunctionError';
}

/** `queues`: a failure destination, in the data directory, so that what lies in it survives a restart. */
export interface QueueStore {
  /** @returns the message's id: the milliseconds since 1970 at which it was sent, unless another one had them */
  send(queueArn: string, body: string): Promise<string>;
  /** Oldest first, without removing. */
  peek(
    queueArn: string,
    limit: number,
  ): Promise<readonly { readonly id: string; readonly body: string }[]>;
  remove(queueArn: string, id: string): Promise<void>;
  /** How many messages lie in it. */
  count(queueArn: string): Promise<number>;
}

/** Anything `main` starts: stopping twice is harmless, and once stopped nothing of it runs. */
export interface Stoppable {
  stop(): Promise<void>;
}

/** One line of a function's log, in the order it was written. */
export interface LogLine {
  readonly functionName: string;
  readonly at: string;
  readonly requestId?: string;
  readonly text: string;
}
